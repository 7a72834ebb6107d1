package calendar

import "fmt"

// Unit is what a term is counted in.
type Unit string

const (
	WorkingDays  Unit = "working"  // 工作日
	CalendarDays Unit = "calendar" // 自然日
	Months       Unit = "month"    // 月, to the same day of a later month
)

// longest is the limit of a term: ten years in days.
const longest = 3660

// Term is the length of a deadline (期限).
type Term struct {
	Days int  `json:"days"` // the number of units, even when Unit is months
	Unit Unit `json:"unit"`
}

// Validate refuses a length below 0 or above 3660, and an unknown unit. A term of 0 ends on the day it is counted from.
func (t Term) Validate() error {
	if t.Days < 0 || t.Days > longest {
		return fmt.Errorf("term of %d: want 0 to %d", t.Days, longest)
	}
	switch t.Unit {
	case WorkingDays, CalendarDays, Months:
		return nil
	}
	return fmt.Errorf("term in %q: want working, calendar or month", t.Unit)
}

// Due returns the last day of a term, counted from the day after from. It is provisional as in AddWorkdays. An unknown unit panics:
// call Validate first.
func (c *Calendar) Due(from Date, term Term) (due Date, provisional bool) {
	switch term.Unit {
	case WorkingDays:
		return c.AddWorkdays(from, term.Days)
	case CalendarDays:
		return from.AddDays(term.Days), false
	case Months:
		return from.AddMonths(term.Days), false
	}
	panic(fmt.Errorf("due date of an invalid term: %w", term.Validate()))
}

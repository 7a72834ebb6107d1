package calendar

import "fmt"

// Unit is the unit in which a term is counted.
type Unit string

const (
	WorkingDays  Unit = "working"  // working days (工作日)
	CalendarDays Unit = "calendar" // calendar days (自然日)
	Months       Unit = "month"    // months, counted to the same day of a later month (月)
)

// longest is the largest number of units that a term may have. In days, that is ten years.
const longest = 3660

// Term is how long somebody has to do something (期限).
type Term struct {
	Days int  `json:"days"` // length of the term in its unit, which need not be days
	Unit Unit `json:"unit"`
}

// Validate returns an error if the length is below 0 or above 3660, or if the unit is unknown. A term of 0 ends on the day from which
// it runs.
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

// Due returns the last day of a term that begins on the day after the given one. The answer can be provisional, like that of
// AddWorkdays. An unknown unit causes a panic, so call Validate first.
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

package calendar

import "fmt"

// Unit is the unit in which a term is counted.
type Unit string

const (
	WorkingDays  Unit = "working"  // working days (工作日)
	CalendarDays Unit = "calendar" // calendar days (自然日)
	Months       Unit = "month"    // months, ending on the same day of a later month (月)
)

// longest is the maximum number of units in a term. If the unit is days, that is ten years.
const longest = 3660

// Term is the time allowed for a task (期限).
type Term struct {
	Days int  `json:"days"` // number of units; despite its name, not necessarily days
	Unit Unit `json:"unit"`
}

// Validate returns an error if the length is less than 0 or greater than 3660, or if the unit is unknown. A term of length 0 ends on
// the date from which it is counted.
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

// Due returns the last day of a term that starts the day after from. The result may be provisional, as with AddWorkdays. Due panics
// if the unit is unknown, so call Validate first.
func (c *Calendar) Due(from Date, term Term) (due Date, provisional bool) {
	switch term.Unit {
	case WorkingDays:
		return c.AddWorkdays(from, term.Days)
	case CalendarDays:
		return from.AddDays(term.Days), false
	case Months:
		return from.AddMonths(term.Days), false
	}
	panic(fmt.Errorf("due day of an invalid term: %w", term.Validate()))
}

// Package calendar counts working days (工作日) and deadlines in Shanghai. It follows the State Council's yearly holiday notices
// (国务院办公厅关于部分节假日安排的通知).
package calendar

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Notice is the holiday notice for one year: its public holidays, and its special working days, most of them weekend days worked in
// exchange for a longer holiday (调休). It may include days in the last week of the previous year.
type Notice struct {
	Off  []Date `json:"off"`
	Work []Date `json:"work"`
}

// Calendar distinguishes working days from days off. For a year whose notice has not been published, it assumes a Monday-to-Friday
// working week and marks every result that depends on this assumption as provisional.
type Calendar struct {
	known   map[int]bool  // years for which a notice has been published
	workday map[Date]bool // whether each day named in a notice is a working day
}

// workdays holds the notices for 2016 to 2026. Each year's notice is published in the autumn of the previous year and must then be
// added here.
//
//go:embed workdays.json
var workdays []byte

var published = sync.OnceValue(func() *Calendar {
	var notices map[int]Notice
	if err := json.Unmarshal(workdays, &notices); err != nil {
		panic(fmt.Errorf("embedded workdays.json: %w", err))
	}
	c, err := New(notices)
	if err != nil {
		panic(fmt.Errorf("embedded workdays.json: %w", err))
	}
	return c
})

// Published returns the calendar built from the holiday notices embedded in Terrace.
func Published() *Calendar { return published() }

// New returns a calendar built from the notices, keyed by year. It returns an error if a notice names a day in another year (other
// than the last week of the previous year), or lists a day as both a holiday and a working day.
func New(notices map[int]Notice) (*Calendar, error) {
	c := &Calendar{known: map[int]bool{}, workday: map[Date]bool{}}
	var errs []error
	for year, notice := range notices {
		c.known[year] = true
		errs = append(errs, c.add(year, notice.Off, false), c.add(year, notice.Work, true))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Calendar) add(year int, days []Date, workday bool) error {
	for _, d := range days {
		said, twice := c.workday[d]
		switch {
		case d.year != year && (d.year != year-1 || !lastWeek(d)):
			return fmt.Errorf("holiday notice for %d: %s is in another year", year, d)
		case twice && said != workday:
			return fmt.Errorf("holiday notice for %d: %s is both a holiday and a working day", year, d)
		}
		c.workday[d] = workday
	}
	return nil
}

// Workday reports whether the date is a working day. For a date that no notice names, the result is provisional if there is no notice
// for its year, or if the date is 25 December or later and there is no notice for the following year.
func (c *Calendar) Workday(d Date) (workday, provisional bool) {
	if workday, named := c.workday[d]; named {
		return workday, false
	}
	return weekday(d), !c.known[d.year] || (lastWeek(d) && !c.known[d.year+1])
}

// AddWorkdays returns the nth working day after the date, or before it if n is negative. The date itself is not counted. The result
// is provisional if Workday's result is provisional for any day in between.
func (c *Calendar) AddWorkdays(d Date, n int) (due Date, provisional bool) {
	step := 1
	if n < 0 {
		n, step = -n, -1
	}
	for n > 0 {
		d = d.AddDays(step)
		workday, unsure := c.Workday(d)
		if workday {
			n--
		}
		provisional = provisional || unsure
	}
	return d, provisional
}

func weekday(d Date) bool {
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

func lastWeek(d Date) bool { return d.month == time.December && d.day >= 25 }

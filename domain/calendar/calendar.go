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

// Notice is the content of one year's holiday notice: the days off, and the days worked, most of them weekend days in exchange (调休). It
// may name the last days of the year before.
type Notice struct {
	Off  []Date `json:"off"`
	Work []Date `json:"work"`
}

// Calendar knows the working days. In a year without a notice it takes Monday to Friday as working days, and every answer that depends
// on that is provisional.
type Calendar struct {
	known   map[int]bool  // years with a notice
	workday map[Date]bool // days that a notice names
}

// The notices of 2016 to 2026. Add each year when its notice is published, in the autumn before.
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

// Published returns the calendar of the notices that Terrace ships with.
func Published() *Calendar { return published() }

// New returns a calendar of the notices, by year. It refuses a day that the notice of its year cannot name, and a day that is both off
// and worked.
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
			return fmt.Errorf("notice of %d: %s is of another year", year, d)
		case twice && said != workday:
			return fmt.Errorf("notice of %d: %s is both off and worked", year, d)
		}
		c.workday[d] = workday
	}
	return nil
}

// Workday reports whether the date is a working day. The answer is provisional when the year has no notice yet, and from 25 December on
// when the next year has none, unless a notice names the day.
func (c *Calendar) Workday(d Date) (workday, provisional bool) {
	if workday, named := c.workday[d]; named {
		return workday, false
	}
	return weekday(d), !c.known[d.year] || (lastWeek(d) && !c.known[d.year+1])
}

// AddWorkdays returns the nth working day after the date, or before it for a negative n. The date itself is not counted. The answer is
// provisional if any day it counts over is.
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

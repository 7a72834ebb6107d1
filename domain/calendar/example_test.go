package calendar_test

import (
	"fmt"
	"time"

	"terrace/domain/calendar"
)

// The Spring Festival holiday of 2018 ran from 15 to 21 February, and Saturday the 24th was a working day in exchange.
func ExampleCalendar_AddWorkdays() {
	monday := calendar.On(2018, time.February, 12)
	fmt.Println(calendar.Published().AddWorkdays(monday, 5))
	// Output: 2018-02-24 false
}

// The holidays of 2099 have not been announced, so the deadline is provisional.
func ExampleCalendar_Due() {
	call := calendar.On(2099, time.October, 8)
	fmt.Println(calendar.Published().Due(call, calendar.Term{Days: 7, Unit: calendar.WorkingDays}))
	fmt.Println(calendar.Published().Due(call, calendar.Term{Days: 1, Unit: calendar.Months}))
	// Output:
	// 2099-10-19 true
	// 2099-11-08 false
}

package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"terrace/domain/calendar"
)

// The deadlines of the reference pilot must match the dates counted by hand in the published calendar.
func TestGoldenChain(t *testing.T) {
	t.Parallel()
	c, at := calendar.Published(), day(t, "2017-09-11")
	for _, step := range []struct {
		what string
		days int
		due  string
	}{
		{"applications close", 15, "2017-09-30"},
		{"county endorses", 10, "2017-10-20"},
		{"city endorses", 5, "2017-10-27"},
		{"province endorses", 5, "2017-11-03"},
		{"review", 10, "2017-11-17"},
		{"notice ends", 7, "2017-11-28"},
		{"approval", 3, "2017-12-01"},
		{"agreement", 10, "2017-12-15"},
		{"first tranche", 15, "2018-01-08"},
	} {
		due, provisional := c.AddWorkdays(at, step.days)
		if due.String() != step.due || provisional {
			t.Fatalf("%s: %d working days after %s is %s (provisional %t), want %s", step.what, step.days, at, due, provisional, step.due)
		}
		at = due
	}
}

func TestWorkday(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		date                 string
		workday, provisional bool
	}{
		"an ordinary Monday":                                          {"2017-09-11", true, false},
		"an ordinary Sunday":                                          {"2017-09-10", false, false},
		"a Saturday worked in exchange":                               {"2017-09-30", true, false},
		"a Monday of the National Day holiday":                        {"2017-10-02", false, false},
		"a Saturday that the next year's notice makes worked":         {"2018-12-29", true, false},
		"a Monday that the next year's notice makes a day off":        {"2018-12-31", false, false},
		"the last week of a year when the next is known":              {"2025-12-31", true, false},
		"24 December needs no next notice":                            {"2026-12-24", true, false},
		"25 December is provisional until the next notice":            {"2026-12-25", true, true},
		"a weekend of the last week may still become a working day":   {"2026-12-26", false, true},
		"a weekday of an unknown year is provisionally a working day": {"2027-01-04", true, true},
		"a weekend of an unknown year is provisionally off":           {"2027-01-02", false, true},
		"New Year's Day of an unknown year is provisional":            {"2027-01-01", true, true},
		"a year before the first notice is provisional":               {"2015-06-01", true, true},
		"the first day of the first notice is certain":                {"2016-01-01", false, false},
		"the last week before the first notice is provisional":        {"2015-12-31", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workday, provisional := calendar.Published().Workday(day(t, tc.date))
			if workday != tc.workday || provisional != tc.provisional {
				t.Errorf("workday %t, provisional %t", workday, provisional)
			}
		})
	}
}

func TestANoticeSettlesTheLastDaysOfAnUnknownYear(t *testing.T) {
	t.Parallel()
	c, err := calendar.New(map[int]calendar.Notice{2019: {Off: []calendar.Date{day(t, "2018-12-31")}}})
	if err != nil {
		t.Fatal(err)
	}
	if workday, provisional := c.Workday(day(t, "2018-12-31")); workday || provisional {
		t.Errorf("named day: workday %t, provisional %t", workday, provisional)
	}
	if _, provisional := c.Workday(day(t, "2018-12-28")); !provisional {
		t.Error("a day that no notice names is reported as certain")
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	working := func(n int) calendar.Term { return calendar.Term{Days: n, Unit: calendar.WorkingDays} }
	for name, tc := range map[string]struct {
		from        string
		term        calendar.Term
		due         string
		provisional bool
	}{
		"one working day after New Year's Eve skips the holiday": {"2018-12-31", working(1), "2019-01-02", false},
		"the day itself is not counted":                          {"2017-09-11", working(1), "2017-09-12", false},
		"a Friday's next working day is Monday":                  {"2017-09-15", working(1), "2017-09-18", false},
		"a term ends on a Saturday worked in exchange":           {"2017-09-29", working(1), "2017-09-30", false},
		"working days across an unannounced new year":            {"2026-12-30", working(3), "2027-01-04", true},
		"a term that ends before the uncertain week":             {"2026-12-21", working(3), "2026-12-24", false},
		"starting on an uncertain day leaves the end certain":    {"2015-12-31", working(1), "2016-01-04", false},
		"an uncertain day on the way makes the end provisional":  {"2015-12-30", working(2), "2016-01-04", true},
		"calendar days run through holidays":                     {"2017-09-28", calendar.Term{Days: 7, Unit: calendar.CalendarDays}, "2017-10-05", false},
		"calendar days are never provisional":                    {"2026-12-30", calendar.Term{Days: 7, Unit: calendar.CalendarDays}, "2027-01-06", false},
		"a month is clipped to its last day":                     {"2018-01-31", calendar.Term{Days: 1, Unit: calendar.Months}, "2018-02-28", false},
		"months are never provisional":                           {"2026-12-31", calendar.Term{Days: 1, Unit: calendar.Months}, "2027-01-31", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			due, provisional := calendar.Published().Due(day(t, tc.from), tc.term)
			if due.String() != tc.due || provisional != tc.provisional {
				t.Errorf("got %s, provisional %t; want %s, %t", due, provisional, tc.due, tc.provisional)
			}
		})
	}
}

func TestAddWorkdaysBackwards(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		n    int
		want string
	}{
		"zero leaves the date as it is, even a holiday": {0, "2017-10-08"},
		"one before the holiday is the worked Saturday": {-1, "2017-09-30"},
		"two before": {-2, "2017-09-29"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, _ := calendar.Published().AddWorkdays(day(t, "2017-10-08"), tc.n); got.String() != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestAddWorkdaysCountsEveryWorkdayOnce(t *testing.T) {
	t.Parallel()
	c := calendar.Published()
	rapid.Check(t, func(t *rapid.T) {
		from, n := anyDate(t, "from"), rapid.IntRange(1, 60).Draw(t, "n")
		due, provisional := c.AddWorkdays(from, n)
		counted, guessed := 0, false
		for d := from.AddDays(1); !d.After(due); d = d.AddDays(1) {
			workday, unsure := c.Workday(d)
			if workday {
				counted++
			}
			guessed = guessed || unsure
		}
		if last, _ := c.Workday(due); counted != n || !last || guessed != provisional {
			t.Fatalf("%d working days after %s: %s, which is the %dth (provisional %t, want %t)", n, from, due, counted, provisional, guessed)
		}
	})
}

func TestTermsAreValidated(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		term calendar.Term
		ok   bool
	}{
		"fifteen working days":    {calendar.Term{Days: 15, Unit: calendar.WorkingDays}, true},
		"thirty calendar days":    {calendar.Term{Days: 30, Unit: calendar.CalendarDays}, true},
		"one month":               {calendar.Term{Days: 1, Unit: calendar.Months}, true},
		"a term has a length":     {calendar.Term{Days: -1, Unit: calendar.Months}, false},
		"a term may end at once":  {calendar.Term{Days: 0, Unit: calendar.WorkingDays}, true},
		"a term runs forward":     {calendar.Term{Days: -1, Unit: calendar.WorkingDays}, false},
		"ten years are the limit": {calendar.Term{Days: 3661, Unit: calendar.WorkingDays}, false},
		"weeks are not a unit":    {calendar.Term{Days: 1, Unit: "week"}, false},
		"a unit must be named":    {calendar.Term{Days: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tc.term.Validate(); (err == nil) != tc.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestATermInAnUnknownUnitIsAFault(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an unknown unit gave a due date")
		}
	}()
	calendar.Published().Due(calendar.On(2017, time.September, 11), calendar.Term{Days: 1, Unit: "week"})
}

func TestContradictoryNoticesAreRefused(t *testing.T) {
	t.Parallel()
	dates := func(s ...string) (list []calendar.Date) {
		for _, d := range s {
			list = append(list, day(t, d))
		}
		return list
	}
	for name, tc := range map[string]struct {
		notices map[int]calendar.Notice
		ok      bool
	}{
		"no notice at all":                             {nil, true},
		"a notice may name the last week before":       {map[int]calendar.Notice{2019: {Work: dates("2018-12-29")}}, true},
		"a notice names no day before that week":       {map[int]calendar.Notice{2019: {Off: dates("2018-12-24")}}, false},
		"a notice names no day of the next year":       {map[int]calendar.Notice{2019: {Off: dates("2020-01-01")}}, false},
		"a day is not both off and worked":             {map[int]calendar.Notice{2019: {Off: dates("2019-02-02"), Work: dates("2019-02-02")}}, false},
		"two notices do not contradict each other":     {map[int]calendar.Notice{2018: {Off: dates("2018-12-29")}, 2019: {Work: dates("2018-12-29")}}, false},
		"two notices may say the same of the same day": {map[int]calendar.Notice{2018: {Off: dates("2018-12-31")}, 2019: {Off: dates("2018-12-31")}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := calendar.New(tc.notices); (err == nil) != tc.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

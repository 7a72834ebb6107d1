package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"terrace/domain/calendar"
)

func day(t interface{ Fatal(...any) }, s string) calendar.Date {
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func anyDate(t *rapid.T, label string) calendar.Date {
	return calendar.On(2016, time.January, 1).AddDays(rapid.IntRange(0, 5000).Draw(t, label))
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"a day":                              {"2017-09-30", true},
		"the leap day of a leap year":        {"2020-02-29", true},
		"no leap day in another":             {"2017-02-29", false},
		"months have two digits":             {"2017-9-30", false},
		"no time of day":                     {"2017-09-30T00:00:00Z", false},
		"another order":                      {"30-09-2017", false},
		"April has no 31st":                  {"2018-04-31", false},
		"nothing":                            {"", false},
		"the first day":                      {"1900-01-01", true},
		"the last day":                       {"9999-12-31", true},
		"the year zero":                      {"0000-01-01", false},
		"a day before the first":             {"1899-12-31", false},
		"a space beside the date is refused": {" 2017-09-30", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := calendar.Parse(tc.text)
			if (err == nil) != tc.ok {
				t.Fatalf("got %v, %v", d, err)
			}
			if tc.ok && d.String() != tc.text {
				t.Errorf("got %s", d)
			}
			if !tc.ok && !d.IsZero() {
				t.Errorf("refused, but returned %s", d)
			}
		})
	}
}

func TestTheDayTurnsAtMidnightInShanghai(t *testing.T) {
	t.Parallel()
	before := time.Date(2017, time.September, 30, 15, 59, 59, 999_999_999, time.UTC)
	if got := calendar.Of(before).String(); got != "2017-09-30" {
		t.Errorf("a moment before midnight is of %s", got)
	}
	d := calendar.Of(before.Add(1))
	if d.String() != "2017-10-01" {
		t.Errorf("midnight is of %s", d)
	}
	if want := time.Date(2017, time.September, 30, 16, 0, 0, 0, time.UTC); !d.Start().Equal(want) {
		t.Errorf("starts at %s", d.Start())
	}
	if !d.End().Equal(d.AddDays(1).Start()) {
		t.Errorf("ends at %s", d.End())
	}
	if got := d.At(9, 30).Format(time.RFC3339); got != "2017-10-01T09:30:00+08:00" {
		t.Errorf("half past nine is %s", got)
	}
	if got := d.Start().Location().String(); got != "Asia/Shanghai" {
		t.Errorf("zone %s", got)
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	from := day(t, "2017-12-31")
	for name, tc := range map[string]struct{ got, want string }{
		"a day later is the next year": {from.AddDays(1).String(), "2018-01-01"},
		"a day earlier":                {from.AddDays(-1).String(), "2017-12-30"},
		"no days":                      {from.AddDays(0).String(), "2017-12-31"},
		"a month later":                {from.AddMonths(1).String(), "2018-01-31"},
		"two months later is clipped to February":   {from.AddMonths(2).String(), "2018-02-28"},
		"clipped to the leap day in a leap year":    {from.AddMonths(26).String(), "2020-02-29"},
		"clipped to a month of thirty days":         {from.AddMonths(4).String(), "2018-04-30"},
		"a month back is clipped too":               {from.AddMonths(-1).String(), "2017-11-30"},
		"a year of months":                          {from.AddMonths(12).String(), "2018-12-31"},
		"the final report a month after the end":    {day(t, "2018-11-30").AddMonths(1).String(), "2018-12-30"},
		"days beyond the month run on":              {calendar.On(2018, time.January, 32).String(), "2018-02-01"},
		"the weekday of a shifted working Saturday": {day(t, "2017-09-30").Weekday().String(), "Saturday"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.got != tc.want {
				t.Errorf("got %s, want %s", tc.got, tc.want)
			}
		})
	}
	if from.Year() != 2017 {
		t.Errorf("year %d", from.Year())
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	early, late := day(t, "2017-12-31"), day(t, "2018-01-01")
	for name, holds := range map[string]bool{
		"earlier is before":                        early.Before(late) && !late.Before(early),
		"later is after":                           late.After(early) && !early.After(late),
		"a day is neither before nor after itself": !early.Before(early) && !early.After(early) && early.Compare(early) == 0,
		"no date is before every date":             calendar.Date{}.Before(early),
		"the same day is equal":                    early == day(t, "2017-12-31"),
	} {
		if !holds {
			t.Error(name)
		}
	}
}

func TestDaysUntilUndoesAddDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, to := anyDate(t, "from"), anyDate(t, "to")
		n := from.DaysUntil(to)
		if from.AddDays(n) != to || (n > 0) != to.After(from) {
			t.Fatalf("%s to %s counted as %d", from, to, n)
		}
	})
}

func TestAddMonthsStaysWithinTheMonth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, n := anyDate(t, "from"), rapid.IntRange(-60, 60).Draw(t, "n")
		first := calendar.On(from.Year(), from.Start().Month()+time.Month(n), 1).Start()
		got := from.AddMonths(n).Start()
		if got.Month() != first.Month() || got.Year() != first.Year() || got.Day() > from.Start().Day() {
			t.Fatalf("%s plus %d months is %s", from, n, got)
		}
	})
}

func TestDateInJSON(t *testing.T) {
	t.Parallel()
	type form struct {
		Due   calendar.Date            `json:"due"`
		Maybe calendar.Date            `json:"maybe,omitzero"`
		By    map[calendar.Date]string `json:"by,omitempty"`
	}
	for name, tc := range map[string]struct {
		form form
		text string
	}{
		"a date is quoted, no date is left out": {form{Due: day(t, "2017-09-30")}, `{"due":"2017-09-30"}`},
		"no date without omitzero is null":      {form{}, `{"due":null}`},
		"a date can be a key": {
			form{Due: day(t, "2017-09-30"), Maybe: day(t, "2017-10-01"), By: map[calendar.Date]string{day(t, "2017-10-02"): "x"}},
			`{"due":"2017-09-30","maybe":"2017-10-01","by":{"2017-10-02":"x"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(tc.form)
			if err != nil || string(text) != tc.text {
				t.Fatalf("got %s, %v", text, err)
			}
			var back form
			if err := json.Unmarshal(text, &back); err != nil || back.Due != tc.form.Due || back.Maybe != tc.form.Maybe || len(back.By) != len(tc.form.By) {
				t.Errorf("read back as %+v, %v", back, err)
			}
		})
	}
	for name, text := range map[string]string{
		"an empty text is no date":  `{"due":""}`,
		"a number is refused":       `{"due":20170930}`,
		"a time is refused":         `{"due":"2017-09-30T00:00:00+08:00"}`,
		"a day that does not exist": `{"due":"2017-09-31"}`,
		"slashes are refused":       `{"due":"2017/09/30"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f form
			if err := json.Unmarshal([]byte(text), &f); err == nil {
				t.Errorf("accepted as %s", f.Due)
			}
		})
	}
}

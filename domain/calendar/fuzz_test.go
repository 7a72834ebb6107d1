package calendar_test

import (
	"encoding/json"
	"testing"

	"terrace/domain/calendar"
)

// FuzzParse parses dates. A valid date must be formatted exactly as it was written, in text and in JSON, and must be followed by the
// next date.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"2018-06-15", "2018-02-29", "2020-02-29", "1900-02-29", "0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "2018-13-01", "2018-6-1", "20180615", "+2018-06-15",
		"2018-06-15T00:00:00Z", " 2018-06-15", "2018-06-15\n", "二〇一八年六月十五日", "２０１８-06-15", "1986-05-04", "1941-03-15", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day, err := calendar.Parse(text)
		if err != nil {
			if !day.IsZero() {
				t.Fatalf("%q is refused and gives %s", text, day)
			}
			return
		}
		if day.String() != text {
			t.Fatalf("%q is written back as %q", text, day)
		}
		quoted, err := json.Marshal(day)
		again := calendar.Date{}
		if err != nil || json.Unmarshal(quoted, &again) != nil || again != day {
			t.Fatalf("%s comes back from %s as %s: %v", day, quoted, again, err)
		}
		next := day.AddDays(1)
		if !day.Before(next) || day.DaysUntil(next) != 1 || next.AddDays(-1) != day || !day.End().Equal(next.Start()) || calendar.Of(day.At(23, 59)) != day {
			t.Fatalf("after %s comes %s", day, next)
		}
		if later := day.AddMonths(1); !day.Before(later) || day.DaysUntil(later) > 31 {
			t.Fatalf("a month after %s is %s", day, later)
		}
	})
}

// FuzzTerm counts terms. Every valid term has a last day, and lengthening a term never makes it end earlier.
func FuzzTerm(f *testing.F) {
	for _, seed := range []string{
		`{"days":5,"unit":"working"}`, `{"days":0,"unit":"working"}`, `{"days":7,"unit":"calendar"}`, `{"days":3660,"unit":"month"}`, `{"days":-1,"unit":"working"}`,
		`{"days":3661,"unit":"calendar"}`, `{"days":1,"unit":"week"}`, `{"days":1e9}`, `{"days":"5"}`, `{"Days":5,"UNIT":"calendar"}`, `null`, `[]`,
	} {
		f.Add("2017-09-11", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, from string, text []byte) {
		term, day := calendar.Term{}, calendar.Date{}
		if json.Unmarshal(text, &term) != nil || day.UnmarshalText([]byte(from)) != nil || term.Validate() != nil {
			return
		}
		due, _ := calendar.Published().Due(day, term)
		shorter := term
		shorter.Days = max(term.Days-1, 0)
		before, _ := calendar.Published().Due(day, shorter)
		if due.Before(day) || due.Before(before) || term.Days == 0 && due != day {
			t.Fatalf("%d %s from %s end on %s, and one fewer on %s", term.Days, term.Unit, day, due, before)
		}
		if workday, _ := calendar.Published().Workday(due); term.Unit == calendar.WorkingDays && term.Days > 0 && !workday {
			t.Fatalf("%d working days from %s end on %s, which is none", term.Days, day, due)
		}
	})
}

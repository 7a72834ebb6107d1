package calendar

import (
	"fmt"
	"time"
)

// Shanghai is the time zone of every date and deadline. A fixed UTC+8 is enough, because no record is old enough to be affected by
// the daylight saving time of 1986-1991.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a calendar date in Shanghai. Dates can be compared with ==. The zero Date means no date: it is encoded as null in JSON and
// omitted by omitzero.
type Date struct {
	year  int
	month time.Month
	day   int
}

// On returns the date with the given year, month and day. A day past the end of the month rolls over into the next month.
func On(year int, month time.Month, day int) Date {
	return Of(time.Date(year, month, day, 0, 0, 0, 0, Shanghai))
}

// Of returns the date in Shanghai at the given instant.
func Of(t time.Time) Date {
	year, month, day := t.In(Shanghai).Date()
	return Date{year, month, day}
}

// firstYear is the earliest year allowed in a date. Anything earlier must be a typing error, and Postgres cannot store the year 0.
const firstYear = 1900

// Parse parses a date written as 2006-01-02. It returns an error for years before 1900.
func Parse(s string) (Date, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Shanghai)
	if err != nil || t.Year() < firstYear {
		return Date{}, fmt.Errorf("date %q must be a date from 1900 on, written as 2006-01-02", s)
	}
	return Of(t), nil
}

// Year returns the date's year.
func (d Date) Year() int { return d.year }

// Weekday returns the date's day of the week.
func (d Date) Weekday() time.Weekday { return d.Start().Weekday() }

// IsZero reports whether d is the zero Date, which means no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare returns a negative number if d is earlier than other, zero if they are equal, and a positive number if it is later. The zero
// Date comes before all others.
func (d Date) Compare(other Date) int { return d.Start().Compare(other.Start()) }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// AddDays returns the date n calendar days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return On(d.year, d.month, d.day+n) }

// AddMonths returns the same day of the month n months later, or the last day of that month if it has no such day: 31 January plus
// one month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	last := On(d.year, d.month+time.Month(n)+1, 0)
	if d.day > last.day {
		return last
	}
	return Date{last.year, last.month, d.day}
}

// DaysUntil returns the number of calendar days from d to other, negative if other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.Start().Sub(d.Start()) / (24 * time.Hour))
}

// Start returns the instant at which the date begins.
func (d Date) Start() time.Time { return d.At(0, 0) }

// End returns the first instant after the date, at which a deadline on that date has passed.
func (d Date) End() time.Time { return d.AddDays(1).Start() }

// At returns the instant at the given hour and minute on the date.
func (d Date) At(hour, minute int) time.Time {
	return time.Date(d.year, d.month, d.day, hour, minute, 0, 0, Shanghai)
}

// String formats the date as 2006-01-02, and the zero Date as an empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Start().Format(time.DateOnly)
}

// MarshalText formats the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses a date as Parse does.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// MarshalJSON encodes the date as a string, and the zero Date as null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

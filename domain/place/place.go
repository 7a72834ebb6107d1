// Package place is the table of administrative places (行政区划) of GB/T 2260. Whose authority covers which place is decided here alone.
package place

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code names a place: 6 digits down to the county (GB/T 2260), 9 for a township, 12 for a village. Only Place.Parent says what lies in
// what, never the digits: codes are re-issued, and a county may lie directly in its province.
type Code string

// Level is an administrative level.
type Level string

const (
	Province Level = "province" // 省级
	City     Level = "city"     // prefecture level (地级)
	County   Level = "county"   // 县级
	Township Level = "township" // 乡级
	Village  Level = "village"  // 村级
)

// Error reports what is wrong with a place in a table.
type Error struct {
	Code Code
	Why  string
}

func (e *Error) Error() string { return fmt.Sprintf("place %s %s", e.Code, e.Why) }

func refuse(code Code, why string, args ...any) error { return &Error{code, fmt.Sprintf(why, args...)} }

var form = map[Level]struct{ rank, digits int }{
	Province: {1, 6},
	City:     {2, 6},
	County:   {3, 6},
	Township: {4, 9},
	Village:  {5, 12},
}

// Place is one row of the table. Vintage is the year of the code list that the code comes from. Only a province has no parent.
type Place struct {
	Code    Code   `json:"code"`
	Vintage int    `json:"vintage"`
	Parent  Code   `json:"parent,omitempty"`
	Level   Level  `json:"level"`
	ZH      string `json:"zh"`
	EN      string `json:"en"`
}

// Table holds places. Every parent is in it and of a higher level.
type Table struct {
	places map[Code]Place
}

// New returns a table of the places, given in any order, or an error that joins an *Error for every finding. Parents
// that form a circle cannot all be of a higher level, so they are refused too.
func New(places []Place) (*Table, error) {
	t := &Table{places: make(map[Code]Place, len(places))}
	var errs []error
	for _, p := range places {
		if _, twice := t.places[p.Code]; twice {
			errs = append(errs, refuse(p.Code, "appears twice"))
		}
		t.places[p.Code] = p
	}
	for _, p := range places {
		errs = append(errs, p.validate(), t.validateParent(p))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

func (p Place) validate() error {
	level, known := form[p.Level]
	switch {
	case !known:
		return refuse(p.Code, "has the unknown level %q", p.Level)
	case len(p.Code) != level.digits || strings.Trim(string(p.Code), "0123456789") != "":
		return refuse(p.Code, "is a %s, whose code has %d digits", p.Level, level.digits)
	case p.Vintage < 1980:
		return refuse(p.Code, "has the vintage %d, when no code list was published", p.Vintage)
	case p.ZH == "" || p.EN == "":
		return refuse(p.Code, "lacks a name: both zh and en are needed")
	}
	return nil
}

func (t *Table) validateParent(p Place) error {
	if p.Parent == "" {
		if p.Level == Province {
			return nil
		}
		return refuse(p.Code, "is a %s and needs a parent", p.Level)
	}
	parent, known := t.places[p.Parent]
	switch {
	case !known:
		return refuse(p.Code, "has the unknown parent %s: register that too", p.Parent)
	case form[parent.Level].rank >= form[p.Level].rank:
		return refuse(p.Code, "is a %s, and its parent %s is a %s, which is not above it", p.Level, p.Parent, parent.Level)
	}
	return nil
}

// province is how many digits of a code are those of its province.
const province = 2

// CheckProvince refuses a place whose code and whose parent's are from one code
// list and name different provinces (*Error). Further digits say nothing: a
// place may move within its province and keep its code until the next list. In
// lists of different years even the province's may differ.
func (t *Table) CheckProvince(code Code) error {
	p, known := t.places[code]
	parent, rises := t.places[p.Parent]
	if !known || !rises || p.Vintage != parent.Vintage || p.Code[:province] == parent.Code[:province] {
		return nil
	}
	return refuse(p.Code, "contradicts its parent %s: by the code list of %d, codes that begin with %s are of another province than those that begin with %s",
		p.Parent, p.Vintage, p.Code[:province], parent.Code[:province])
}

// Get returns the place with the code.
func (t *Table) Get(code Code) (Place, bool) {
	p, ok := t.places[code]
	return p, ok
}

// Within reports whether the place is the ancestor itself or lies in it, going by parents. An unknown place lies in nothing.
func (t *Table) Within(place, ancestor Code) bool {
	chain, err := t.Chain(place)
	return err == nil && slices.Contains(chain, ancestor)
}

// Chain returns the place and its parents upwards, or only those of the given levels. A level that the place does not have is left out:
// the chain of a county directly under its province has no city. An unknown place is an error.
func (t *Table) Chain(place Code, levels ...Level) ([]Code, error) {
	p, ok := t.places[place]
	if !ok {
		return nil, fmt.Errorf("unknown place %q", place)
	}
	var chain []Code
	for ; ok; p, ok = t.places[p.Parent] {
		if len(levels) == 0 || slices.Contains(levels, p.Level) {
			chain = append(chain, p.Code)
		}
	}
	return chain, nil
}

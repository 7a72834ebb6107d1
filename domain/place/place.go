// Package place holds the table of administrative places (行政区划, GB/T 2260). It alone decides which places the authority of an office
// covers.
package place

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code identifies a place. It has 6 digits down to the county (GB/T 2260), 9 for a township and 12 for a village. The digits do not
// show which place lies in which; only Place.Parent does. Codes are reissued, and a county may lie directly in its province.
type Code string

// Level is a level of administration.
type Level string

const (
	Province Level = "province" // province level (省级)
	City     Level = "city"     // prefecture level (地级)
	County   Level = "county"   // county level (县级)
	Township Level = "township" // township level (乡级)
	Village  Level = "village"  // village level (村级)
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

// Table holds places. The parent of every place is in the table too, and of a higher level.
type Table struct {
	places map[Code]Place
}

// New returns a table of the places, which may be given in any order. If anything is wrong, it returns an error that joins an *Error
// for each finding. Parents that form a circle are refused too, because they cannot all be of a higher level.
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

// province is the number of leading digits in a code that stand for the province.
const province = 2

// CheckProvince returns an *Error if the codes of a place and of its parent come from one code list but name different provinces. The
// other digits prove nothing, because a place may move within its province and keep its code until the next list. In lists of
// different years, even the province's digits may differ.
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

// Within reports whether the place is the ancestor itself or lies in it, according to the parents in the table. An unknown place lies
// in nothing.
func (t *Table) Within(place, ancestor Code) bool {
	chain, err := t.Chain(place)
	return err == nil && slices.Contains(chain, ancestor)
}

// Chain returns the place and everything above it, from the lowest upwards, or only those of the given levels. A level that is missing
// is left out: the chain of a county directly under its province has no city. An unknown place is an error.
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

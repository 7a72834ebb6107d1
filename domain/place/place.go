// Package place holds the table of administrative places (行政区划, GB/T 2260). Only this table determines which places are under an
// office's authority.
package place

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code identifies a place. A code has 6 digits down to county level (GB/T 2260), 9 for a township and 12 for a village. Its digits do
// not reliably show where the place lies, because codes are reissued and a county may belong directly to its province; only
// Place.Parent does.
type Code string

// Level is an administrative level.
type Level string

const (
	Province Level = "province" // province level (省级)
	City     Level = "city"     // prefecture level (地级)
	County   Level = "county"   // county level (县级)
	Township Level = "township" // township level (乡级)
	Village  Level = "village"  // village level (村级)
)

// Error is a bilingual description of what is wrong with one field of a place in a table.
type Error struct {
	Code   Code
	Field  string
	ZH, EN string
}

func (e *Error) Error() string { return fmt.Sprintf("place %s: %s", e.Code, e.EN) }

var form = map[Level]struct {
	rank, digits int
	zh           string
}{
	Province: {1, 6, "省级"},
	City:     {2, 6, "地级"},
	County:   {3, 6, "县级"},
	Township: {4, 9, "乡级"},
	Village:  {5, 12, "村级"},
}

// Place is a row of the table. Vintage is the year of the code list in which the code was published. Only a province has no parent.
type Place struct {
	Code    Code   `json:"code"`
	Vintage int    `json:"vintage"`
	Parent  Code   `json:"parent,omitempty"`
	Level   Level  `json:"level"`
	ZH      string `json:"zh"`
	EN      string `json:"en"`
}

// Table is a table of places. The parent of every place is also in the table, at a higher level.
type Table struct {
	places map[Code]Place
}

// New returns a table of the places, which may be in any order. If anything is wrong, it returns an error that joins an *Error for
// each finding. Cyclic parents are rejected too, because a parent must be at a higher level.
func New(places []Place) (*Table, error) {
	t := &Table{places: make(map[Code]Place, len(places))}
	var errs []error
	for _, p := range places {
		if _, twice := t.places[p.Code]; twice {
			errs = append(errs, &Error{p.Code, "code", "代码重复出现", "the code appears more than once"})
		}
		t.places[p.Code] = p
	}
	for _, p := range places {
		errs = append(errs, p.validate(), t.validateParent(p))
	}
	return t, errors.Join(errs...)
}

// validate returns an error that joins an *Error for each invalid field. It does not look at other places.
func (p Place) validate() error {
	refuse := func(field, zh, en string, args ...any) error {
		return &Error{p.Code, field, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
	}
	var errs []error
	if level, known := form[p.Level]; !known {
		errs = append(errs, refuse("level", "级别“%s”不存在，可填："+levelsZH, "the level %q does not exist; the levels are "+levelsEN, string(p.Level)))
	} else if len(p.Code) != level.digits || strings.Trim(string(p.Code), "0123456789") != "" {
		errs = append(errs, refuse("code", "%[2]s地区的代码应为%[3]d位数字", "the code of a %[1]s must have %[3]d digits", p.Level, level.zh, level.digits))
	}
	if p.Vintage < 1980 {
		errs = append(errs, refuse("vintage", "代码年份有误：%d年没有公布代码表", "the vintage is wrong: no code list was published in %d", p.Vintage))
	}
	if strings.TrimSpace(p.ZH) == "" || strings.TrimSpace(p.EN) == "" {
		errs = append(errs, refuse("zh", "缺少名称：中文名称（zh）和英文名称（en）均须填写", "a name is missing: both zh and en are required"))
	}
	return errors.Join(errs...)
}

// The names of the levels, as listed in refusals.
const (
	levelsZH = "province（省级）、city（地级）、county（县级）、township（乡级）、village（村级）"
	levelsEN = "province, city, county, township and village"
)

func (p Place) valid() bool { return p.validate() == nil }

func (t *Table) validateParent(p Place) error {
	refuse := func(zh, en string, args ...any) error {
		return &Error{p.Code, "parent", fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
	}
	_, leveled := form[p.Level]
	if p.Parent == "" {
		if p.Level == Province || !leveled {
			return nil
		}
		return refuse("%[2]s地区须注明上级地区", "a %[1]s must have a parent", p.Level, form[p.Level].zh)
	}
	parent, known := t.places[p.Parent]
	switch {
	case !known:
		return refuse("上级地区%s未登记，请一并登记", "the parent %s is not registered: register it as well", p.Parent)
	case leveled && form[parent.Level].rank >= form[p.Level].rank:
		return refuse("上级地区%[4]s为%[5]s，级别不高于本地区（%[3]s）", "the parent %[4]s is a %[2]s, which does not rank above a %[1]s",
			p.Level, parent.Level, form[p.Level].zh, p.Parent, form[parent.Level].zh)
	}
	return nil
}

// CheckCode returns an *Error if a place contradicts its six-digit code: its level is inconsistent with the form of the code, or its
// parent lies in another province, or is not the one implied by the code although both come from the same code list. A place that
// moves within its province may keep its code until the next list is published. Its vintage is then the year of the move, and its
// parent need only lie in the province of the code.
func (t *Table) CheckCode(code Code) error {
	p, known := t.places[code]
	if !known || !p.valid() {
		return nil // New has already rejected such a place
	}
	if level := code.level(); level != "" && level != p.Level {
		return &Error{
			code, "level", fmt.Sprintf("登记为%s，但其代码属于%s：省级代码以0000结尾，地级代码以00结尾", form[p.Level].zh, form[level].zh),
			fmt.Sprintf("this place is registered as a %s, but its code is that of a %s: a province's code ends in 0000, and a city's in 00", p.Level, level),
		}
	}
	parent, rises := t.places[p.Parent]
	if !rises || !parent.valid() {
		return nil
	}
	if code[:province] != p.Parent[:province] {
		return &Error{
			code, "parent", fmt.Sprintf("与上级地区%s不符：%s开头的代码与%s开头的不在同一省", p.Parent, code[:province], p.Parent[:province]),
			fmt.Sprintf("the code does not match the parent %s: codes beginning with %s belong to a different province from those beginning with %s",
				p.Parent, code[:province], p.Parent[:province]),
		}
	}
	for _, above := range code.above() {
		named, known := t.places[above]
		if !known || named.Vintage != p.Vintage || form[named.Level].rank >= form[p.Level].rank {
			continue
		}
		if above != p.Parent {
			return &Error{
				code, "parent", fmt.Sprintf("与上级地区%s不符：按%d年代码表，该地区属于%s；此后划转的，代码年份应填划转当年", p.Parent, p.Vintage, above),
				fmt.Sprintf("the code does not match the parent %s: in the code list of %d, this place belongs to %s; if it has moved since, set the vintage to the year of the move", p.Parent, p.Vintage, above),
			}
		}
		break
	}
	return nil
}

// province is the number of leading digits of a code that identify the province.
const province = 2

// level returns the level implied by the form of a six-digit code. It returns an empty string for other codes, whose length
// determines the level.
func (c Code) level() Level {
	switch {
	case len(c) != form[County].digits:
		return ""
	case strings.HasSuffix(string(c), "0000"):
		return Province
	case strings.HasSuffix(string(c), "00"):
		return City
	default:
		return County
	}
}

// above returns the codes of the places within which a code lies, judging by its digits, nearest first.
func (c Code) above() (all []Code) {
	for _, level := range []Level{Township, County} {
		if digits := form[level].digits; len(c) > digits {
			all = append(all, c[:digits])
		}
	}
	return append(all, c[:4]+"00", c[:province]+"0000")
}

// Called returns the display name of a place in both languages: its name followed by its code, only the code if the place is unknown,
// or a dash if the code is empty.
func (t *Table) Called(code Code) (zh, en string) {
	if code == "" {
		code = "—"
	}
	if t != nil {
		if p, known := t.places[code]; known {
			return p.ZH + " " + string(code), p.EN + " " + string(code)
		}
	}
	return string(code), string(code)
}

// Name returns the name of the place with the given code in both languages, or empty texts if the place is unknown.
func (t *Table) Name(code Code) (zh, en string) {
	p := t.places[code]
	return p.ZH, p.EN
}

// Get returns the place with the given code.
func (t *Table) Get(code Code) (Place, bool) {
	p, ok := t.places[code]
	return p, ok
}

// Within reports whether the place is the ancestor itself or lies within it, according to the parents in the table. An unknown place
// lies within nothing.
func (t *Table) Within(place, ancestor Code) bool {
	chain, err := t.Chain(place)
	return err == nil && slices.Contains(chain, ancestor)
}

// Chain returns the place and everything above it, from the lowest level upwards, restricted to the given levels if there are any.
// Missing levels are skipped: the chain of a county directly under its province has no city. Chain returns an error if the place is
// unknown.
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

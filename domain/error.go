package domain

import (
	"errors"
	"slices"
	"strings"
)

// Kind classifies refusals by what the sender can do about them.
type Kind int

const (
	Invalid   Kind = iota // the content is wrong; the sender can correct it and resend it
	Forbidden             // the sender lacks the necessary authority
	NotFound              // the object does not exist or is hidden from the sender
	Conflict              // the current state of the record rules the command out; the sender should reload the record
)

// Code is the machine-readable identifier of a refusal. A code never changes once published.
type Code string

// Meaning explains a code to users: what is wrong and what to do next. Both texts may contain placeholders such as {id}, which are
// replaced with the refusal's arguments.
type Meaning struct {
	Kind Kind
	What Text
	Next Text
}

// Error is a refusal: the input is invalid, the sender lacks authority, or the command is not possible at this time. Nothing has been
// written. Internal faults are never reported as an Error.
type Error struct {
	Code  Code
	Field string            // JSON path of the field in the payload, e.g. "proposals[2].budget[0].fen"
	Args  map[string]string // values for the placeholders in the texts

	Proposal string // code of the proposal at fault, with which What begins; empty if it is none or the text names it anyway
	Instead  Text   // what to do next, where the code's usual advice does not apply
}

// Refuse returns a refusal with the given code. The field is the path of the invalid part of the payload, or empty. The pairs are
// alternating names and values of arguments.
func Refuse(code Code, field string, pairs ...string) *Error {
	e := &Error{Code: code, Field: field}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Args == nil {
			e.Args = map[string]string{}
		}
		e.Args[pairs[i]] = pairs[i+1]
	}
	return e
}

// Choice returns the arguments {allowed} and {allowed-zh} for a refusal that lists the allowed values (see Listed).
func Choice(values []string, name func(value string) Text) []string {
	all := Listed(values, name)
	return []string{"allowed", all.EN, "allowed-zh", all.ZH}
}

// Listed lists values in each language, with the display name of a value where name knows one in that language.
func Listed(values []string, name func(value string) Text) Text {
	zh, en := slices.Clone(values), slices.Clone(values)
	for i, value := range values {
		if said := name(value).ZH; said != "" {
			zh[i] += " " + said
		}
		if said := name(value).EN; said != "" && !strings.EqualFold(said, value) {
			en[i] += " (" + said + ")"
		}
	}
	return Text{strings.Join(zh, "、"), strings.Join(en, ", ")}
}

func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.What().EN
	}
	return string(e.Code) + " (" + e.Field + "): " + e.What().EN
}

// Kind returns the kind of the refusal's code.
func (e *Error) Kind() Kind { return Codes[e.Code].Kind }

// About sets the proposal at fault in every refusal of err. It returns err.
func About(proposal string, err error) error {
	for _, e := range Refusals(err) {
		e.Proposal = proposal
	}
	return err
}

// What returns a description of what is wrong, in both languages.
func (e *Error) What() Text {
	what, _ := e.Explain(Codes[e.Code])
	return what
}

// Next returns advice on what to do next, in both languages.
func (e *Error) Next() Text {
	_, next := e.Explain(Codes[e.Code])
	return next
}

// Explain returns what is wrong and what to do next according to a meaning, in both languages.
func (e *Error) Explain(m Meaning) (what, next Text) {
	what, next = e.Fill(m.What), e.Fill(m.Next)
	if e.Proposal != "" {
		what = Text{"项目“" + e.Proposal + "”：" + what.ZH, "Proposal " + e.Proposal + ": " + what.EN}
	}
	if e.Instead.ZH != "" {
		next = e.Instead
	}
	return what, next
}

// Fill replaces the placeholders in a text with the refusal's arguments. It replaces {noun} with the display name of the kind of
// object that the argument “kind” specifies.
func (e *Error) Fill(t Text) Text {
	var zh, en []string
	for name, value := range e.Args {
		said, known := nouns[value]
		switch {
		case name == "kind" && known:
			zh, en = append(zh, "{noun}", said.ZH), append(en, "{noun}", said.EN)
		case name == "kind":
			zh, en = append(zh, "{noun}", value), append(en, "{noun}", value)
		case name == "source":
			cited := Cited(value)
			zh, en = append(zh, "{source}", cited.ZH), append(en, "{source}", cited.EN)
		}
		zh, en = append(zh, "{"+name+"}", value), append(en, "{"+name+"}", value)
	}
	return Text{strings.NewReplacer(zh...).Replace(t.ZH), strings.NewReplacer(en...).Replace(t.EN)}
}

// Refused returns the refusal that err is or wraps, if any. Of several it returns the first.
func Refused(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Refusals returns every refusal that err is, wraps or joins, in order.
func Refusals(err error) []*Error {
	type joined interface {
		error
		Unwrap() []error
	}
	if several, ok := errors.AsType[joined](err); ok {
		var all []*Error
		for _, one := range several.Unwrap() {
			all = append(all, Refusals(one)...)
		}
		return all
	}
	if e, ok := Refused(err); ok {
		return []*Error{e}
	}
	return nil
}

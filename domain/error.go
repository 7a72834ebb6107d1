package domain

import (
	"errors"
	"strings"
)

// Kind sorts refusals by what the sender can do about them.
type Kind int

const (
	Invalid   Kind = iota // the content is wrong: correct it and send it again
	Forbidden             // another person must do this
	NotFound              // it does not exist
	Conflict              // the record does not allow it now: read it again
)

// Code names a refusal for programs. It never changes once published.
type Code string

// Meaning explains a code to a person: what is wrong and what to do next. Both texts may contain {arguments} of the refusal.
type Meaning struct {
	Kind Kind
	What Text
	Next Text
}

// Error is a refusal: bad input, the wrong person or the wrong moment. Nothing was written. Any other error is a fault, and no Error.
type Error struct {
	Code  Code
	Field string            // JSON path in the payload, e.g. "proposals[2].budget[0].fen"
	Args  map[string]string // the values of the {arguments} in the texts
}

// Refuse returns a refusal with the code for a field of the payload. The pairs are argument names and values in turn.
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

func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.What().EN
	}
	return string(e.Code) + " (" + e.Field + "): " + e.What().EN
}

// Kind returns the kind of the error's code.
func (e *Error) Kind() Kind { return Codes[e.Code].Kind }

// What returns in both languages what is wrong.
func (e *Error) What() Text { return e.Fill(Codes[e.Code].What) }

// Next returns in both languages what to do next.
func (e *Error) Next() Text { return e.Fill(Codes[e.Code].Next) }

// Fill puts the error's arguments into a text. {noun} stands for what people call the argument “kind”; a source is cited as the
// language cites it.
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

// Refused returns the refusal in an error chain, if there is one.
func Refused(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

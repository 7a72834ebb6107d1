package domain

import (
	"errors"
	"strings"
)

// Kind sorts refusals by what the sender can do about them.
type Kind int

const (
	Invalid   Kind = iota // the content is wrong: correct it and send it again
	Forbidden             // somebody else has to do this
	NotFound              // there is no such thing, or the sender may not see it
	Conflict              // the record does not allow this at present: read it again
)

// Code identifies a refusal to programs. It never changes once published.
type Code string

// Meaning explains a code to a person: what is wrong and what to do next. Both texts may contain placeholders such as {id}, which are
// filled in with the refusal's arguments.
type Meaning struct {
	Kind Kind
	What Text
	Next Text
}

// Error is a refusal: the input is bad, or the command comes from the wrong person or at the wrong moment. Nothing was written. A
// fault of the program is never an Error.
type Error struct {
	Code  Code
	Field string            // JSON path of the field in the payload, e.g. "proposals[2].budget[0].fen"
	Args  map[string]string // values for the placeholders in the texts
}

// Refuse returns a refusal with the code. The field is the part of the payload that is wrong, or empty. The pairs are the names and
// values of arguments in turn.
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

// Kind returns the kind of refusal that the code stands for.
func (e *Error) Kind() Kind { return Codes[e.Code].Kind }

// What returns what is wrong, in both languages.
func (e *Error) What() Text { return e.Fill(Codes[e.Code].What) }

// Next returns what to do next, in both languages.
func (e *Error) Next() Text { return e.Fill(Codes[e.Code].Next) }

// Fill puts the refusal's arguments into a text. In place of {noun} it puts the word that people use for the argument “kind”.
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

// Refused returns the refusal that err is or wraps, if there is one.
func Refused(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

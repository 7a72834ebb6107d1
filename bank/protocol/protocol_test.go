package protocol

import (
	"strings"
	"testing"
)

func TestOnlyAValidAnswerIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"taken":                             {`{"reference":"a.1.1","status":"pending","fen":100}`, ""},
		"paid":                              {`{"reference":"a.1.1","status":"paid","fen":100,"number":"7","on":"2018-03-01"}`, ""},
		"sent back":                         {`{"reference":"a.1.1","status":"returned","fen":100,"number":"8","on":"2018-03-04","why":"wrong-account-name"}`, ""},
		"refused":                           {`{"reference":"a.1.1","status":"refused","fen":100,"why":"no-cover"}`, ""},
		"unheard":                           {`{"reference":"a.1.1","status":"unheard"}`, ""},
		"with more than we read":            {`{"reference":"a.1.1","status":"unheard","teller":4}`, ""},
		"about another order":               {`{"reference":"a.1.2","status":"unheard"}`, "another order"},
		"with an unknown status":            {`{"reference":"a.1.1","status":"done"}`, "unknown status"},
		"without a status":                  {`{"reference":"a.1.1"}`, "unknown status"},
		"paid without a day":                {`{"reference":"a.1.1","status":"paid","fen":100,"number":"7"}`, "date"},
		"paid without a number":             {`{"reference":"a.1.1","status":"paid","fen":100,"on":"2018-03-01"}`, "number"},
		"paid with a sentence for a number": {`{"reference":"a.1.1","status":"paid","fen":100,"number":"to Mr Li","on":"2018-03-01"}`, "number"},
		"paid without an amount":            {`{"reference":"a.1.1","status":"paid","number":"7","on":"2018-03-01"}`, "amount"},
		"with a fraction of a fen":          {`{"reference":"a.1.1","status":"pending","fen":100.5}`, "cannot be read"},
		"with an amount in quotes":          {`{"reference":"a.1.1","status":"pending","fen":"100"}`, "cannot be read"},
		"with a day there never was":        {`{"reference":"a.1.1","status":"paid","fen":100,"number":"7","on":"2018-02-30"}`, "cannot be read"},
		"two at once":                       {`{"reference":"a.1.1","status":"unheard"}{}`, "cannot be read"},
		"a page of a proxy":                 {`<html>502</html>`, "cannot be read"},
		"nothing":                           {``, "cannot be read"},
		"more than anybody would say":       {`{"reference":"a.1.1","status":"unheard","x":"` + strings.Repeat("x", MaxBody) + `"}`, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadAnswer(strings.NewReader(c.text), "a.1.1")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
}

func TestAReferenceIsPlain(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0199f2c4-apple.1.1": true, "a": true, "": false, "..": false, "a/b": false, "a b": false, "a%2Fb": false, "苹果": false, strings.Repeat("a", 129): false,
	} {
		if IsReference(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestAnUnknownReasonSaysNothingOfItsOwn(t *testing.T) {
	t.Parallel()
	if got := Reason("li-si-6222021").Words(); got != Reason("other").Words() || strings.Contains(got, "6222") {
		t.Error(got)
	}
	if got := Reason("wrong-account-name").Words(); got != "户名不符 (the account name does not match)" {
		t.Error(got)
	}
}

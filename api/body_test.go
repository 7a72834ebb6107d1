package api

import (
	"strings"
	"testing"

	"terrace/domain"
)

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body  string
		code  domain.Code
		field string
	}{
		"an object is taken":                             {body: `{"a":[1,{"b":"村"}],"c":null,"d":true}`},
		"a line break in a text is taken":                {body: `{"a":"一\n二\t三"}`},
		"a letter beyond the first plane is taken":       {body: `{"a":"𠮷"}`},
		"nothing is not JSON":                            {body: ` `, code: "bad-json"},
		"half a document is not JSON":                    {body: `{"a":`, code: "bad-json"},
		"a comma too many is not JSON":                   {body: `{"a":1,}`, code: "bad-json"},
		"a second document behind the first is refused":  {body: `{} {}`, code: "bad-json"},
		"a bare word is not JSON":                        {body: `NaN`, code: "bad-json"},
		"a number with a leading zero is not JSON":       {body: `{"a":01}`, code: "bad-json"},
		"a byte order mark is not JSON":                  {body: "\ufeff{}", code: "bad-json"},
		"a key that appears twice is refused":            {body: `{"a":[{"b":1,"b":1}]}`, code: "duplicate-key", field: "a[0].b"},
		"the same key written with an escape is refused": {body: `{"b":1,"\u0062":2}`, code: "duplicate-key", field: "b"},
		"bytes that are not UTF-8 are refused":           {body: "{\"a\":\"\xff\xfe\"}", code: "bad-text"},
		"GB 18030 is not UTF-8":                          {body: "{\"a\":\"\xb4\xe5\"}", code: "bad-text"},
		"a NUL in a text is refused":                     {body: `{"a":{"b":"x\u0000"}}`, code: "bad-text", field: "a.b"},
		"an escape character in a text is refused":       {body: `{"a":"\u001b[2J"}`, code: "bad-text", field: "a"},
		"half of a surrogate pair is refused":            {body: `{"a":"\ud800"}`, code: "bad-text", field: "a"},
		"a replacement character is refused":             {body: `{"a":"\ufffd"}`, code: "bad-text", field: "a"},
		"a NUL in a key is refused":                      {body: `{"a\u0000":1}`, code: "bad-text"},
		"lists in lists end somewhere":                   {body: strings.Repeat("[", 25) + strings.Repeat("]", 25), code: "too-deep", field: strings.Repeat("[0]", 24)},
		"a hundred thousand brackets are not JSON":       {body: strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), code: "bad-json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse([]byte(c.body))
			refused, isRefusal := domain.Refused(err)
			if c.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if !isRefusal || refused.Code != c.code || refused.Field != c.field {
				t.Fatalf("got %v, want %s at %q", err, c.code, c.field)
			}
		})
	}
}

func TestAnAmountOfTheWrongTypeIsToldOfFenAndYuan(t *testing.T) {
	t.Parallel()
	for field, money := range map[string]bool{"fen": true, "proposals[0].budget[1].fen": true, "requested_fen": true, "score": false, "fennel": false} {
		said := findingOf(wanting("wrong-type", field, "integer"))
		if strings.Contains(said.ZH.What, "1元=100分") != money || strings.Contains(said.EN.What, "1 yuan is 100 fen") != money {
			t.Errorf("%s: %s; %s", field, said.ZH.What, said.EN.What)
		}
	}
}

func FuzzBodies(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x"],"b":{"c":null}}`, `[[[]]]`, `{"a":1,"a":2}`, "\xff", `"\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := parse(body); err != nil {
			if refused, ok := domain.Refused(err); !ok {
				t.Fatalf("%q: not a refusal: %v", body, err)
			} else if _, known := meaningOf(refused.Code); !known {
				t.Fatalf("%q: unknown code %s", body, refused.Code)
			}
		}
	})
}

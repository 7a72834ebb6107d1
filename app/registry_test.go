package app_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"terrace/app"
	"terrace/demo/zhuanglang"
)

func TestARegisterIsOneDocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		taken bool
	}{
		"an empty document is accepted":      {`{}`, true},
		"space around it is accepted":        {" {\"people\":[]} \n", true},
		"a second document is refused":       {`{} {}`, false},
		"text after it is refused":           {`{}x`, false},
		"an unknown field is refused":        {`{"persons":[]}`, false},
		"an unknown nested field is refused": {`{"people":[{"id":"a","role":"x"}]}`, false},
		"a truncated document is refused":    {`{"people":[`, false},
		"an empty file is refused":           {``, false},
		"an invalid date is refused":         {`{"organizations":[{"registered":"2018-02-30"}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := app.ReadRegistry(bytes.NewReader([]byte(c.text))); (err == nil) != c.taken {
				t.Errorf("%q: %v", c.text, err)
			}
		})
	}
}

func TestAFileThatCannotBeReadSaysWhere(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                              "文件为空 / the file is empty",
		" \n":                           "the file is empty",
		"{\n\"people\": [\n":            "第 3 行：JSON 在此处中断，内容不完整 / line 3: the JSON is cut off here",
		"{\n\"people\": }":              "line 2: this is not valid JSON: invalid character '}'",
		"{\"people\": [{\n\"id\": 7}]}": `line 2: the field "id" cannot be a JSON number`,
		"{\n\n\"persons\": []}":         `字段 "persons" 不存在 / the field "persons" does not exist`,
		"{}\n{}":                        "line 2: there is extra content after the end of the JSON",
		`{"organizations": [{"registered": "2018-02-30"}]}`: "内容无法读取 / the content cannot be read: ",
	} {
		if _, err := app.ReadRegistry(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

// FuzzRegister reads register files. What is accepted can be written, and reads back the same.
func FuzzRegister(f *testing.F) {
	data := zhuanglang.Read()
	world, err := json.Marshal(map[string]any{"places": data.Places(), "people": data.People()[:3]})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(world)
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{} {}`, `{"people":null}`, `{"people":[{"id":"a","roles":["auditor"],"token":"t"}]}`, `{"people":[{"ID":"a"},{"id":"a"}]}`,
		`{"places":[{"code":"620000","vintage":2017,"level":"province","zh":"甘肃省","en":"Gansu"}]}`,
		`{"organizations":[{"name":{"zh":"a","en":"b"},"credit_code":"51620825MJDEM0030N","known":true,"registered":"2010-05-01","staff":-1}]}`, "\xff", "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		registry, err := app.ReadRegistry(bytes.NewReader(text))
		if err != nil {
			return
		}
		sent, err := json.Marshal(registry)
		if err != nil {
			t.Fatalf("%q is accepted but cannot be written: %v", text, err)
		}
		again, err := app.ReadRegistry(bytes.NewReader(sent))
		if err != nil {
			t.Fatalf("%q is written as %s, which cannot be read: %v", text, sent, err)
		}
		if back, err := json.Marshal(again); err != nil || !bytes.Equal(back, sent) {
			t.Fatalf("%s became %s: %v", sent, back, err)
		}
	})
}

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
		"a document is accepted":             {`{"people":[{}]}`, true}, // its rows are checked later
		"space around it is accepted":        {" {\"people\":[{}]} \n", true},
		"a byte order mark is accepted":      {"\ufeff{\"people\":[{}]}", true},
		"a rare character is accepted":       {"{\"people\":[{\"name\":{\"zh\":\"\ue863\U00020bb7　\"}}]}", true},
		"a second document is refused":       {`{"people":[{}]} {}`, false},
		"text after it is refused":           {`{"people":[{}]}x`, false},
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
		"{\"people\": [{\n\"id\": 7}]}": `第 2 行：字段“id”的类型不符，应为文本 / line 2: the field "id" must be a string, not a JSON number`,
		"{\n\n\"persons\": []}":         `第 3 行：字段 "persons" 不存在，此处可填 "places"、"organizations"、"people" / line 3: the field "persons" does not exist; here are only "places"`,
		"{}\n{}":                        "line 2: there is extra content after the end of the JSON",
		`{"organizations": [{"registered": "2018-02-30"}]}`:      "organizations[0].registered：日期“2018-02-30”格式不符或没有这一天",
		`{"organizations": [{}, {"rated_until": "2015/03/01"}]}`: `organizations[1].rated_until: the date "2015/03/01" is not a day, or not written like 2015-03-01`,
		"[]": "文件应为一个对象，含 ",
		"{\"people\": [\n{\"name\": \"王五\"}]}":                                        `the field "name" must be an object, not a JSON string`,
		"{\"people\": [{\n\"id\": \"a\",\n\"id\": \"b\"}]}":                           `第 3 行：字段 "id" 重复出现 / line 3: the field "id" appears twice`,
		"{\"people\": [{\"name\": {\"zh\": \"a\",\n\"\\u007ah\": \"b\"}}]}":           `line 2: the field "zh" appears twice`,
		"{\"people\": [{}],\n\"people\": [{}]}":                                       `line 2: the field "people" appears twice`,
		"{\"people\": [\n{\"ID\": \"a\"}]}":                                           `第 2 行：字段 "ID" 不存在，字段名均为小写字母 / line 2: the field "ID" does not exist: every field is in lower case`,
		"{\"people\": [{\"to\u212aen\": \"a\"}]}":                                     "the field \"to\u212aen\" does not exist",
		"{\"people\": [\n{\"id\": \"a\\u0000\"}]}":                                    `第 2 行："a\x00" 含有控制字符、方向符等看不见的字符 / line 2: "a\x00" contains a hidden character`,
		"{\"people\": [{\"id\": \"a\\ud800\"}]}":                                      `"a` + "\ufffd" + `" contains a hidden character`,
		"{\"people\": [{\"id\": \"a\u202eb\"}]}":                                      `"a\u202eb" contains a hidden character`,
		"{\"people\": [{\"interests\": [\"a\u200b\"]}]}":                              `"a\u200b" contains a hidden character`,
		"{\"people\": [\n{\"name\": {\"zh\": \"\xd5\xc5\xc8\xfd\", \"en\": \"a\"}}]}": "第 2 行：文字已损坏或不是 UTF-8 编码，请更正后另存为 UTF-8 / line 2: the text is damaged or not in UTF-8",
		"\xff\xfe{\x00}\x00":                                                          "line 1: the text is damaged or not in UTF-8",
		"null":                                                                        "没有可登记的内容：文件应含 ",
		"{}":                                                                          "nothing to register: the file must have ",
		`{"places": [], "organizations": null, "people": []}`:                         "terrace register --help shows an example",
	} {
		if _, err := app.ReadRegistry(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func TestAnEndlessFileIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := app.ReadRegistry(endless{}); err == nil || !strings.Contains(err.Error(), "the file exceeds 64 MiB: split it") {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// FuzzRegister reads arbitrary register files. An accepted registry must read back the same after being written.
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

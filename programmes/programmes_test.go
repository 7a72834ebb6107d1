package programmes_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"terrace/domain/calendar"
	"terrace/programmes"
)

func TestDecodingIsStrict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key is an error":      {"id: x\nnoise: 1\n", "x.yaml: 第2行：字段“noise”不存在 / line 2: the field “noise” does not exist"},
		"every unknown key is named":      {"noise: 1\ndin: 1\n", "line 1: the field “noise” does not exist\nx.yaml: 第2行：字段“din”不存在"},
		"an empty file is an error":       {"", "x.yaml: 文件为空 / the file is empty"},
		"a key given twice is an error":   {"id: x\nid: y\n", "第2行：“id”重复出现，首次出现在第1行 / line 2: “id” appears more than once, first in line 1"},
		"a word for a number is an error": {"id: x\nversion: one\n", "第2行：“one”不是整数 / line 2: “one” is not a whole number"},
		"a word for a list is an error":   {"id: x\nspending: none\n", "第2行：此处应为列表 / line 2: a list is expected here"},
		"a list for a word is an error":   {"id: [x]\n", "第1行：此处应为单个值 / line 1: a single value is expected here"},
		"a word for fields is an error":   {"call: soon\n", "第1行：此处应为字段及其值 / line 1: fields with values are expected here"},
		"broken YAML is an error":         {"id: x\n a: b\n", "第2行：不符合YAML格式"},
		"a missing source is an error":    {"id: x\ncall: {value: 2017-09-11}\n", "call names no source"},
		"a wrong date is an error":        {"id: x\ncall: {value: 2017-02-30, source: s}\n", "2017-02-30"},
		"a fraction of a fen is an error": {"id: x\nfund: {total_fen: {value: 1.5, source: s}}\n", "line 2: “1.5” is not a whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := programmes.Read(fstest.MapFS{"x.yaml": {Data: []byte(test.text)}})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "x.yaml") {
				t.Errorf("error %v, want one that names x.yaml and %q", err, test.want)
			}
		})
	}
}

func TestAVersionIsInOneFileOnly(t *testing.T) {
	t.Parallel()
	const shipped = "zhuanglang-2017.yaml"
	text, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	file := func(id, version string) *fstest.MapFile {
		own := strings.Replace(string(text), "\nid: zhuanglang-2017\nversion: 1\n", "\nid: "+id+"\nversion: "+version+"\n", 1)
		return &fstest.MapFile{Data: []byte(own)}
	}
	builtin, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		own  fstest.MapFS
		want string
	}{
		"two versions of one programme": {fstest.MapFS{"a.yaml": file("own", "1"), "b.yaml": file("own", "2")}, ""},
		"one version of two programmes": {fstest.MapFS{"a.yaml": file("own", "1"), "b.yaml": file("other", "1")}, ""},
		"the same version twice": {
			fstest.MapFS{"a.yaml": file("own", "1"), "b.yaml": file("own", "1")},
			"b.yaml: 资助计划“own”第1版也在a.yaml中，请更改“id”或“version” / version 1 of the programme “own” is also in a.yaml; give it another id or version",
		},
		"a version that ships with Terrace": {
			fstest.MapFS{"a.yaml": file("zhuanglang-2017", "1")},
			"a.yaml: 资助计划“zhuanglang-2017”第1版也在系统自带的" + shipped + "中，请更改“id”或“version” / " +
				"version 1 of the programme “zhuanglang-2017” is also in " + shipped + ", which ships with Terrace; give it another id or version",
		},
	} {
		own, err := programmes.Read(test.own)
		if err == nil {
			_, err = builtin.With(own)
		}
		if got := fmt.Sprint(err); err == nil && test.want != "" || err != nil && got != test.want {
			t.Errorf("%s: says %s, want %q", name, got, test.want)
		}
	}
}

func TestAProgrammeIsInForceFromItsDay(t *testing.T) {
	t.Parallel()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.At("zhuanglang-2017", calendar.On(2017, 8, 31)); err == nil {
		t.Error("in force before its effective day")
	}
	if p, err := set.At("zhuanglang-2017", calendar.On(2017, 9, 1)); err != nil || p.Version != 1 {
		t.Errorf("on its effective day: %v, %v", p, err)
	}
	if _, err := set.Find("zhuanglang-2017", 2); err == nil {
		t.Error("a version that is not there was found")
	}
}

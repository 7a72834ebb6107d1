package programmes_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"terrace/domain/calendar"
	"terrace/programmes"
)

func TestDecodingIsStrict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key is an error":      {"id: x\nnoise: 1\n", "noise"},
		"an empty file is an error":       {"", "EOF"},
		"a missing source is an error":    {"id: x\ncall: {value: 2017-09-11}\n", "call names no source"},
		"a wrong date is an error":        {"id: x\ncall: {value: 2017-02-30, source: s}\n", "2017-02-30"},
		"a fraction of a fen is an error": {"id: x\nfund: {total_fen: {value: 1.5, source: s}}\n", "1.5"},
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

package main

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestNoASCIIMarkStandsInAChineseText(t *testing.T) {
	t.Parallel()
	read := read("../..", func(name, content string) error {
		_, at := correct(name, content)
		for _, i := range at {
			line := 1 + strings.Count(content[:i], "\n")
			t.Errorf("%s:%d: an ASCII %q in a Chinese text: run “make fmt”", strings.TrimPrefix(name, "../../"), line, content[i])
		}
		return nil
	})
	if read != nil {
		t.Fatal(read)
	}
}

func TestMarksOfAText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"between Chinese characters":                {`"请核对,或询问?"`, `"请核对\uff0c或询问\uff1f"`},
		"beside placeholders":                       {`"须由{zh}({place})办理"`, `"须由{zh}\uff08{place}\uff09办理"`},
		"beside verbs":                              {`"不予认可(%s元)"`, `"不予认可\uff08%s元\uff09"`},
		"beside quotations":                         {`"为“{zh}”,不能"`, `"为“{zh}”\uff0c不能"`},
		"a bracket goes with its partner":           {`"编号(GB 32100)"`, `"编号\uff08GB 32100\uff09"`},
		"after a foreign name":                      {`"为 degraded,仍可; JSON(分)"`, `"为 degraded\uff0c仍可; JSON\uff08分\uff09"`},
		"in a sum":                                  {`"(席位:" + seat + ")"`, `"\uff08席位\uff1a" + seat + "\uff09"`},
		"an English sentence that names a term":     {`"in fen (分), or (退汇); 分: so"`, ""},
		"a term and its English":                    {`"拨付: one attempt"`, ""},
		"what is no text":                           {`regexp.MustCompile("分(元)?")`, ""},
		"the syntax of data":                        {"`{\"zh\":\"分\",\"en\":\"fen\"}`", ""},
		"a bracket that nothing closes stays alone": {`"分(元"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			marks := strings.NewReplacer(`\uff0c`, "\uff0c", `\uff1a`, "\uff1a", `\uff1f`, "\uff1f", `\uff08`, "\uff08", `\uff09`, "\uff09")
			want := marks.Replace(test.want)
			if want == "" {
				want = test.text
			}
			const before = "package p\n\nvar _ = "
			if got, _ := correct("p.go", before+test.text); got != before+want {
				t.Errorf("got %s, want %s", strings.TrimPrefix(got, before), want)
			}
		})
	}
}

func TestMarksOfAPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, want string }{
		"prose":                {"a.md", "运行 `make demo`,然后", "运行 `make demo`\uff0c然后"},
		"code stays":           {"a.md", "```\n分,元\n``` `分,元` [分](分,元)", ""},
		"texts of a programme": {"a.yaml", "{zh: 出国(境), en: abroad} # 分,元", "{zh: 出国\uff08境\uff09, en: abroad} # 分,元"},
	} {
		want := test.want
		if want == "" {
			want = test.text
		}
		if got, _ := correct(test.file, test.text); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// terms maps each word that texts for users avoid to the one used instead. Money paid out of the fund is 拨付, and one attempt to pay is
// 付款; the nightly reconciliation is 对账, and any other check is 核对.
var terms = map[string]string{
	"时间线":          "大事记",
	"运行手册":         "运维手册",
	"资金总表":         "资金总览",
	"工作流":          "流程",
	"生命周期":         "试点流程",
	"账本":           "账目",
	"村委会":          "村民委员会",
	"(经办|审批)人[^员]": "经办人员, 审批人员",
	"拨款|放款":        "拨付",
	"重新支付|重复支付":    "重新付款, 重复付款",
	"清讫":           "最终确认",
	"追讨":           "追回, 催缴",
	"宗旨":           "用途",
	"无异议":          "无未决异议", // one that was dismissed is no longer in the way
	"[Dd]ue date":  "due day",
}

// sayings returns the avoided words in a file. A quotation from a document is left as it is, and pages may call a shell command 命令.
func sayings(name, content string) (found []string) {
	var words strings.Builder
	for _, pieces := range texts(name, content) {
		for _, p := range pieces {
			words.WriteString(content[p.from:p.to] + "\n")
		}
	}
	text := regexp.MustCompile(`《[^》]*》`).ReplaceAllString(words.String(), "")
	for _, term := range slices.Sorted(maps.Keys(terms)) {
		if said := regexp.MustCompile(term).FindString(text); said != "" {
			found = append(found, said+" is called "+terms[term])
		}
	}
	if filepath.Ext(name) != ".md" && strings.Contains(text, "命令") {
		found = append(found, "命令 is called 操作")
	}
	return found
}

func TestEachThingHasOneName(t *testing.T) {
	t.Parallel()
	if err := read("../..", func(name, content string) error {
		for _, found := range sayings(name, content) {
			t.Errorf("%s: %s", strings.TrimPrefix(name, "../../"), found)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		`"查看时间线，请村委会和经办人办理"`: 3,
		`"请村民委员会和经办人员办理操作"`:  0,
		`"提交命令"`: 1,
		`"《项目拨款办法》规定的拨付"`: 0,
		`// 村委会`: 0,
	} {
		if found := sayings("p.go", "package p\n\nvar _ = "+strings.Replace(text, "//", `"" //`, 1)+"\n"); len(found) != want {
			t.Errorf("%s: found %q", text, found)
		}
	}
}

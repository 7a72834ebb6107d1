package programmes

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"terrace/domain"
)

// meanings explains those of the YAML decoder's messages that authors of programmes are likely to see.
var meanings = []struct {
	pattern *regexp.Regexp
	zh, en  string // ${1} is the line number
}{
	{regexp.MustCompile(`^line (\d+): field (\S+) not found in type \S+$`), "第${1}行：字段“${2}”不存在", "line ${1}: the field “${2}” does not exist"},
	{regexp.MustCompile(`^line (\d+): field (\S+) already set in type \S+$`), "第${1}行：“${2}”重复出现", "line ${1}: “${2}” appears more than once"},
	{regexp.MustCompile(`^line (\d+): mapping key "(.*)" already defined at line (\d+)$`), "第${1}行：“${2}”重复出现，首次出现在第${3}行", "line ${1}: “${2}” appears more than once, first in line ${3}"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal \\S+ `(.*)` into u?int\\d*$"), "第${1}行：“${2}”不是整数", "line ${1}: “${2}” is not a whole number"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal \\S+ `(.*)` into bool$"), "第${1}行：“${2}”应为true或false", "line ${1}: “${2}” must be true or false"},
	{regexp.MustCompile(`^line (\d+): cannot unmarshal !!(?:map|seq) into (?:string|u?int\d*|bool)$`), "第${1}行：此处应为单个值", "line ${1}: a single value is expected here"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal \\S+(?: `(.*)`)? into \\[\\].*$"), "第${1}行：此处应为列表", "line ${1}: a list is expected here"},
	{regexp.MustCompile("^line (\\d+): cannot unmarshal \\S+(?: `(.*)`)? into .*$"), "第${1}行：此处应为字段及其值", "line ${1}: fields with values are expected here"},
	{regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`), "第${1}行：不符合YAML格式（${2}）", "line ${1}: this is not valid YAML (${2})"},
}

// plainly rewrites a decoder's error in plain words, as one error for each fault in the file.
func plainly(err error) []error {
	if errors.Is(err, io.EOF) {
		return []error{inWords(domain.T("文件为空", "the file is empty"))}
	}
	faults := []string{err.Error()}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		faults = wrong.Errors
	} else if !strings.HasPrefix(faults[0], "yaml: line ") {
		return []error{err}
	}
	var all []error
	for _, f := range faults {
		all = append(all, explained(f))
	}
	return all
}

// explained returns the meaning of a decoder message as an error. A message without a known meaning is returned
// unchanged.
func explained(message string) error {
	for _, m := range meanings {
		if found := m.pattern.FindStringSubmatchIndex(message); found != nil {
			return inWords(domain.T(string(m.pattern.ExpandString(nil, m.zh, message, found)), string(m.pattern.ExpandString(nil, m.en, message, found))))
		}
	}
	return errors.New(message)
}

func inWords(t domain.Text) error { return fmt.Errorf("%s / %s", t.ZH, t.EN) }

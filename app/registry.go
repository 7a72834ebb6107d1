package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/postgres"
)

// registryBytes is the maximum size of a registry file (64 MiB), enough for several hundred thousand rows.
const registryBytes = 64 << 20

// ReadRegistry reads the input file of “terrace register”, which must be a single JSON document in UTF-8 that registers
// something and can be understood in only one way: without unknown fields, repeated fields or hidden characters. Its
// errors explain in both languages why the document cannot be read and, where known, on which line.
func ReadRegistry(file io.Reader) (postgres.Registry, error) {
	text, err := io.ReadAll(io.LimitReader(file, registryBytes+1))
	if err != nil {
		return postgres.Registry{}, err
	}
	if len(text) > registryBytes {
		return postgres.Registry{}, errors.New("文件超过 64 MiB，请分成几个文件 / the file exceeds 64 MiB: split it")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the byte order mark, which Windows Notepad writes
	if at := bytes.IndexRune(text, utf8.RuneError); at >= 0 {
		return postgres.Registry{}, onLine(text, int64(at), "文字已损坏或不是 UTF-8 编码，请更正后另存为 UTF-8", "the text is damaged or not in UTF-8: correct it, and save the file as UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	registry := postgres.Registry{}
	if err := decoder.Decode(&registry); err != nil {
		return postgres.Registry{}, unreadable(text, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return postgres.Registry{}, onLine(text, decoder.InputOffset(), "JSON 结束后还有多余内容", "there is extra content after the end of the JSON")
	}
	if err := unambiguous(text); err != nil {
		return postgres.Registry{}, err
	}
	if len(registry.Places)+len(registry.Organizations)+len(registry.People) == 0 {
		return postgres.Registry{}, errors.New(`没有可登记的内容：文件应含 "places"、"organizations" 或 "people"，示例见 terrace register --help / ` +
			`nothing to register: the file must have "places", "organizations" or "people"; terrace register --help shows an example`)
	}
	return registry, nil
}

// unambiguous returns an error for the first key that is repeated within its object or is not in lower case, both of
// which the decoder accepts, and for the first string that contains a hidden character. The document must already have
// been decoded.
func unambiguous(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	refuse := func(zh, en, value string) error {
		return onLine(text, decoder.InputOffset(), fmt.Sprintf(zh, value), fmt.Sprintf(en, value))
	}
	var value func() error
	value = func() error {
		token, err := decoder.Token()
		if s, ok := token.(string); ok && strings.ContainsFunc(s, hidden) {
			return refuse("%q 含有控制字符、方向符等看不见的字符", "%q contains a hidden character, such as a control character or a direction mark", s)
		}
		opening, nested := token.(json.Delim)
		if !nested {
			return err
		}
		var keys []string // few, because the decoder has rejected unknown ones
		for decoder.More() {
			if opening == '{' {
				token, err := decoder.Token()
				if err != nil {
					return err
				}
				key := fmt.Sprint(token)
				if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") != "" {
					return refuse("字段 %q 不存在，字段名均为小写字母", "the field %q does not exist: every field is in lower case", key)
				}
				if slices.Contains(keys, key) {
					return refuse("字段 %q 重复出现", "the field %q appears twice", key)
				}
				keys = append(keys, key)
			}
			if err := value(); err != nil {
				return err
			}
		}
		_, err = decoder.Token()
		return err
	}
	return value()
}

// hidden reports whether a character is invisible, or is the replacement character left by a faulty decoding.
// Private-use characters are allowed, because some rare Chinese names need them.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// unreadable converts a decoding error to a bilingual explanation.
func unreadable(text []byte, err error) error {
	syntax, malformed := errors.AsType[*json.SyntaxError](err)
	value, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	field, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("文件为空 / the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return onLine(text, int64(len(text)), "JSON 在此处中断，内容不完整", "the JSON is cut off here")
	case malformed:
		return onLine(text, syntax.Offset, "不是有效的 JSON", "this is not valid JSON: "+syntax.Error())
	case mistyped:
		name := value.Field[strings.LastIndexByte(value.Field, '.')+1:] // what is above it may be a type of the program
		if value.Field == "" {
			return onLine(text, value.Offset, "文件应为一个对象，含 "+listsZH, "the file must be an object with "+listsEN)
		}
		want := kindOf(value.Type)
		return onLine(text, value.Offset, fmt.Sprintf("字段“%s”的类型不符，应为%s", name, want.ZH), fmt.Sprintf("the field %q must be %s, not a JSON %s", name, want.EN, value.Value))
	case unknown:
		zh, en := "字段 "+field+" 不存在", "the field "+field+" does not exist"
		var top map[string]any
		if key, _ := strconv.Unquote(field); json.Unmarshal(text, &top) == nil && top[key] != nil {
			zh, en = zh+"，此处可填 "+listsZH, en+"; here are only "+listsEN
		}
		return onLine(text, int64(bytes.Index(text, []byte(field))), zh, en)
	default:
		if wrong := badDate(text); wrong != nil {
			return wrong
		}
		return fmt.Errorf("内容无法读取 / the content cannot be read: %w", err)
	}
}

// The lists that a file may hold.
const (
	listsZH = `"places"、"organizations"、"people"`
	listsEN = `"places", "organizations" and "people"`
)

// kindOf describes the JSON that a Go type is read from.
func kindOf(t reflect.Type) domain.Text {
	switch t.Kind() {
	case reflect.String:
		return domain.T("文本", "a string")
	case reflect.Bool:
		return domain.T(" true 或 false", "true or false")
	case reflect.Int:
		return domain.T("整数", "a whole number")
	case reflect.Slice:
		return domain.T("数组", "a list")
	default:
		return domain.T("对象", "an object")
	}
}

// badDate returns an error that names the first invalid date, or nil if there is none.
func badDate(text []byte) error {
	var loose struct{ Organizations []map[string]any }
	_ = json.Unmarshal(text, &loose) // whatever else is wrong has been reported
	for i, o := range loose.Organizations {
		for _, field := range []string{"registered", "banned_until", "rated_until"} {
			day, _ := o[field].(string)
			if _, err := calendar.Parse(day); day != "" && err != nil {
				at := fmt.Sprintf("organizations[%d].%s", i, field)
				return fmt.Errorf("%s：日期“%s”格式不符或没有这一天，应如2015-03-01 / %s: the date %q is not a day, or not written like 2015-03-01", at, day, at, day)
			}
		}
	}
	return nil
}

func onLine(text []byte, at int64, zh, en string) error {
	line := 1 + bytes.Count(text[:min(int(at), len(text))], []byte("\n"))
	return fmt.Errorf("第 %d 行：%s / line %d: %s", line, zh, line, en)
}

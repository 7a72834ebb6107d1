package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"terrace/postgres"
)

// ReadRegistry reads the input file of “terrace register”, which must be a single JSON document without unknown fields.
// Its errors explain in both languages why the document cannot be read and, where known, on which line.
func ReadRegistry(file io.Reader) (postgres.Registry, error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return postgres.Registry{}, err
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
	return registry, nil
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
		return onLine(text, value.Offset, fmt.Sprintf("字段“%s”的类型不符，不应为 %s", name, value.Value), fmt.Sprintf("the field %q cannot be a JSON %s", name, value.Value))
	case unknown:
		return fmt.Errorf("字段 %s 不存在 / the field %s does not exist", field, field)
	default:
		return fmt.Errorf("内容无法读取 / the content cannot be read: %w", err)
	}
}

func onLine(text []byte, at int64, zh, en string) error {
	line := 1 + bytes.Count(text[:min(int(at), len(text))], []byte("\n"))
	return fmt.Errorf("第 %d 行：%s / line %d: %s", line, zh, line, en)
}

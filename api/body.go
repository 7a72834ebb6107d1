package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
)

const (
	bodyBytes = 1 << 20 // maximum size of a JSON body (1 MiB)
	bodyDepth = 24      // maximum nesting depth of objects and lists in a body
)

// strictJSON is a JSON format strict enough that no two programs can interpret the same body differently. It rejects
// duplicate keys, invalid or unreadable text, anything after the document, and numbers with a fraction or an exponent.
// The codes are bad-json, bad-text, duplicate-key and too-deep.
var strictJSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		tree, generic := v.(*any)
		if !generic {
			return json.Unmarshal(data, v)
		}
		value, err := parse(data)
		*tree = value
		if refused, ok := domain.Refused(err); ok {
			return errors.New(spell(refused)) // huma passes on only the text of an error
		}
		return err
	},
}

// parse decodes a JSON document into the maps, slices and values that huma validates against a schema.
func parse(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, domain.Refuse("bad-text", "")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		at := int64(0)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = syntax.Offset
		}
		return nil, domain.Refuse("bad-json", "", "at", strconv.FormatInt(at, 10))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return parseValue(d, "", 0)
}

func parseValue(d *json.Decoder, path string, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, domain.Refuse("bad-json", path, "at", strconv.FormatInt(d.InputOffset(), 10))
	}
	switch t := token.(type) {
	case json.Delim:
		if depth == bodyDepth {
			return nil, domain.Refuse("too-deep", path, "most", strconv.Itoa(bodyDepth))
		}
		if t == '{' {
			return parseObject(d, path, depth+1)
		}
		return parseList(d, path, depth+1)
	case json.Number:
		return parseNumber(t), nil
	case string:
		return t, readable(t, path)
	case nil:
		return null{}, nil
	default:
		return t, nil
	}
}

func parseObject(d *json.Decoder, path string, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		token, err := d.Token()
		key, isKey := token.(string)
		if err != nil || !isKey {
			return nil, domain.Refuse("bad-json", path, "at", strconv.FormatInt(d.InputOffset(), 10))
		}
		if err := readable(key, path); err != nil {
			return nil, err
		}
		field := join(path, key)
		if _, twice := object[key]; twice {
			return nil, domain.Refuse("duplicate-key", field)
		}
		if object[key], err = parseValue(d, field, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

func parseList(d *json.Decoder, path string, depth int) (any, error) {
	list := []any{}
	for d.More() {
		item, err := parseValue(d, path+"["+strconv.Itoa(len(list))+"]", depth)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := d.Token()
	return list, err
}

// fraction is a number written with a decimal point or an exponent. Every schema rejects it, because amounts are in
// whole fen and programs may disagree on how to read 1.0 or 1e2.
type fraction string

func parseNumber(n json.Number) any {
	if strings.ContainsAny(n.String(), ".eE") {
		return fraction(n)
	}
	return n
}

// null is a JSON null. Every schema rejects it, because a client should omit a field that has no value.
type null struct{}

// readable rejects text that the record cannot store or that is unreadable: control characters, and the replacement
// character left behind by a faulty conversion.
//
// Errors: bad-text.
func readable(text, path string) error {
	for _, r := range text {
		if r == utf8.RuneError || (unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t') {
			return domain.Refuse("bad-text", path)
		}
	}
	return nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// into decodes a body that has been validated against its schema, and completes its texts. It rejects the one thing that
// a schema cannot rule out: an integer of more than 64 bits in a field without limits.
//
// Errors: wrong-type, bad-json.
func into(body *json.RawMessage, v any) error {
	if body == nil || len(bytes.TrimSpace(*body)) == 0 {
		return nil
	}
	err := json.Unmarshal(*body, v)
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wanting("wrong-type", typed.Field, "integer")
	}
	if err != nil {
		return domain.Refuse("bad-json", "", "at", "0")
	}
	whole(reflect.ValueOf(v))
	return nil
}

// whole completes every text in a payload that lacks its English version.
func whole(v reflect.Value) {
	switch {
	case !v.CanInterface(): // what an unexported field holds is no user's text
	case v.Kind() == reflect.Pointer && !v.IsNil():
		whole(v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			whole(v.Index(i))
		}
	case v.Type() == reflect.TypeFor[domain.Text]():
		v.Set(reflect.ValueOf(v.Interface().(domain.Text).Whole()))
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			whole(field)
		}
	}
}

// empty reports whether a payload type has no fields, in which case a request may omit the body.
func empty(payload reflect.Type) bool { return payload.NumField() == 0 }

// isJSON reports whether a request has no body or has a JSON body in UTF-8.
func isJSON(c huma.Context) bool {
	r := echoOf(c).Request()
	if r.ContentLength == 0 {
		return true
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	return err == nil && mediaType == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8")) &&
		r.Header.Get("Content-Encoding") == ""
}

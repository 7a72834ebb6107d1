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
	bodyBytes = 1 << 20 // a JSON body is at most 1 MiB
	bodyDepth = 24      // objects and lists in one another
)

// strictJSON reads request bodies so that two readers can never understand one
// body differently: no key twice, no broken text, nothing after the document,
// and every number a whole one. What it cannot take it refuses with bad-json,
// bad-text, duplicate-key or too-deep.
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
			return errors.New(spell(refused)) // huma carries on no more than an error's text
		}
		return err
	},
}

// parse turns a document into the maps, lists and values that schemas judge.
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

// fraction is a number written with a point or an exponent. No schema takes it:
// money is whole fen, and 1.0 or 1e2 would be read differently elsewhere.
type fraction string

func parseNumber(n json.Number) any {
	if strings.ContainsAny(n.String(), ".eE") {
		return fraction(n)
	}
	return n
}

// null is what no schema takes: a field that says nothing is left out.
type null struct{}

// readable refuses text that a record cannot keep or a person cannot read:
// control characters, and the mark that a conversion leaves of a broken character.
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

// into decodes a body that its schema has accepted. What a schema cannot say,
// such as a number beyond 64 bits in a field without bounds, is wrong-type.
func into(body *json.RawMessage, v any) error {
	if body == nil || len(bytes.TrimSpace(*body)) == 0 {
		return nil
	}
	err := json.Unmarshal(*body, v)
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return domain.Refuse("wrong-type", typed.Field, "want", typed.Type.String())
	}
	if err != nil {
		return domain.Refuse("bad-json", "", "at", "0")
	}
	return nil
}

// empty tells that a payload has nothing to say, so that its body may be left out.
func empty(payload reflect.Type) bool { return payload.NumField() == 0 }

// isJSON tells that a request has no body, or one in JSON and UTF-8.
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

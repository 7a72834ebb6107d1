package negative

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// variant is a complete body with one changed value.
type variant struct {
	name  string
	field string // the part at fault
	body  []byte
	legal bool
}

// place is the current position of walk in a body.
type place struct {
	root  any
	steps []any // keys and indexes
	found []func() variant
}

func (p *place) path() (path string) {
	for _, step := range p.steps {
		switch step := step.(type) {
		case string:
			if path != "" {
				path += "."
			}
			path += step
		case int:
			path += "[" + strconv.Itoa(step) + "]"
		}
	}
	return path
}

// changed returns the body with the value at steps replaced, or deleted if the value is removed.
func changed(root any, steps []any, value any) any {
	if len(steps) == 0 {
		return value
	}
	switch step := steps[0].(type) {
	case string:
		copied := maps.Clone(object(root))
		if copied == nil {
			copied = map[string]any{}
		}
		if value == removed && len(steps) == 1 {
			delete(copied, step)
			return copied
		}
		copied[step] = changed(copied[step], steps[1:], value)
		return copied
	case int:
		copied := slices.Clone(list(root))
		if step < len(copied) {
			copied[step] = changed(copied[step], steps[1:], value)
		}
		return copied
	}
	return root
}

type nothing struct{}

var removed any = nothing{}

// walk generates variants of every value that a schema describes, including values that the body omits.
func (m *maker) walk(at *place, schema map[string]any, value any, there bool) {
	schema = m.document.resolve(schema)
	typed, _ := schema["type"].(string)
	m.types(at, typed, value)
	switch typed {
	case "string":
		m.texts(at, schema)
	case "integer", "number":
		m.numbers(at, schema)
	case "array":
		m.lists(at, schema, value)
	case "object":
		if there {
			m.objects(at, schema, value)
		}
	}
}

// put adds a variant with another value at this place. If surely is true, the variant is certainly invalid; otherwise
// it is legal if the schema accepts the value.
func (m *maker) put(at *place, what, field string, value any, surely bool) {
	steps, name := slices.Clone(at.steps), at.path()
	if name == "" {
		name = "the body"
	}
	at.found = append(at.found, func() variant {
		text := encode(changed(at.root, steps, value))
		v := variant{name: name + " is " + what, field: field, body: []byte(text)}
		if parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(text)); err == nil && !surely {
			v.legal = legal(m.Body.judge, parsed)
		}
		return v
	})
}

// types generates values of every other type.
func (m *maker) types(at *place, typed string, value any) {
	values := map[string]any{"null": nil, "string": "x", "integer": json.Number("7"), "boolean": true, "array": []any{}, "object": map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != typed {
			m.put(at, "of type "+name, at.path(), values[name], false)
		}
	}
	if typed != "array" && value != nil {
		m.put(at, "in a list", at.path(), []any{value}, false)
	}
}

func (m *maker) texts(at *place, schema map[string]any) {
	field := at.path()
	for _, text := range hostile {
		m.put(at, brief(text), field, text, false)
	}
	if most, ok := whole(schema, "maxLength"); ok {
		m.put(at, "a letter too long", field, strings.Repeat("村", most+1), false)
		m.put(at, "a letter of two code units too long", field, strings.Repeat("𪚥", most+1), false)
	}
	for _, text := range []literal{`"a\u0000b"`, `"\u001b[2J"`, `"\u0007"`, `"\u0085\u009b"`, `"\u007f"`, `"\ud800"`, `"\udc00x"`, `"\ufffd"`, "\"\ufffd\""} {
		m.put(at, string(text), field, text, true)
	}
	m.put(at, "no UTF-8", "", literal("\"\xff\xfe\""), true)
	m.put(at, "an overlong encoding", "", literal("\"\xc0\xaf\""), true)
	m.put(at, "an encoded surrogate", "", literal("\"\xed\xa0\x80\""), true)
	m.put(at, "GB 18030", "", literal("\"\xd7\xaf\xc0\xcb\""), true)
	m.put(at, "a text with a raw tab", "", literal("\"a\tb\""), true)
}

func (m *maker) numbers(at *place, schema map[string]any) {
	field := at.path()
	for _, number := range []literal{"1.5", "1.0", "1e2", "1E+2", "-0.0", "1e400", "1e-400", "0.1e1"} {
		m.put(at, string(number), field, number, true)
	}
	for _, number := range []literal{"NaN", "Infinity", "-Infinity", "0x10", "01", "+1", "1_000", ".5", "5.", "1,000", "--1", "１", "6000000元"} {
		m.put(at, string(number), "", number, true)
	}
	for _, number := range []literal{
		"-1", "0", "-0", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809",
		literal(strings.Repeat("9", 400)), `"6000000"`, `"1"`, "true",
	} {
		m.put(at, string(number), field, number, false)
	}
	if least, ok := whole(schema, "minimum"); ok {
		m.put(at, "one too small", field, literal(strconv.Itoa(least-1)), false)
	}
	if most, ok := whole(schema, "maximum"); ok {
		m.put(at, "one too large", field, literal(strconv.Itoa(most+1)), false)
	}
}

func (m *maker) lists(at *place, schema map[string]any, value any) {
	items := list(value)
	item := any(nil)
	if len(items) > 0 {
		item = items[0]
	}
	m.put(at, "an empty list", at.path(), []any{}, false)
	m.put(at, "a list of nothing", at.path(), []any{nil}, false)
	m.put(at, "a list in a list", at.path(), []any{[]any{item}}, false)
	m.put(at, "an object of its items", at.path(), map[string]any{"0": item}, false)
	if most, ok := whole(schema, "maxItems"); ok {
		m.put(at, "an item too long", at.path(), slices.Repeat([]any{item}, most+1), false)
	}
	if item != nil {
		at.steps = append(at.steps, 0)
		m.walk(at, object(schema["items"]), item, true)
		at.steps = at.steps[:len(at.steps)-1]
	}
}

func (m *maker) objects(at *place, schema map[string]any, value any) {
	fields := object(value)
	here := at.path()
	join := func(key string) string { return strings.TrimPrefix(here+"."+key, ".") }
	properties := object(schema["properties"])
	for _, key := range []string{"x", "__proto__", "constructor", "村", "id", "$ref", "a.b", "a[0]"} {
		m.put(at, "with a field "+key, join(key), with(fields, key, "1"), false)
	}
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		inner, there := fields[key]
		at.steps = append(at.steps, key)
		if slices.Contains(list(schema["required"]), any(key)) {
			m.put(at, "missing", join(key), removed, false)
		}
		m.walk(at, object(properties[key]), inner, there)
		at.steps = at.steps[:len(at.steps)-1]
		if there {
			m.put(at, "with "+key+" in capitals", "", with(without(fields, key), strings.ToUpper(key), inner), false)
			m.put(at, "with "+key+" twice", join(key), literal("{"+encode(key)+":"+encode(inner)+","+strings.TrimPrefix(encode(fields), "{")), true)
			m.put(at, "with "+key+" twice, once with an escape", join(key), literal("{"+escape(key)+":null,"+strings.TrimPrefix(encode(fields), "{")), true)
		}
	}
	if each := object(schema["additionalProperties"]); each != nil {
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			at.steps = append(at.steps, key)
			m.walk(at, each, fields[key], true)
			at.steps = at.steps[:len(at.steps)-1]
		}
	}
}

func with(fields map[string]any, key string, value any) map[string]any {
	fields = maps.Clone(fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[key] = value
	return fields
}

func without(fields map[string]any, key string) map[string]any {
	fields = maps.Clone(fields)
	delete(fields, key)
	return fields
}

// escape encodes a key with its first letter as a JSON escape.
func escape(key string) string {
	return `"\u00` + strconv.FormatInt(int64(key[0]), 16) + key[1:] + `"`
}

// takes reports whether a parameter's schema accepts a text, given as it appears in a URL.
func (m *maker) takes(p Parameter, text string) bool {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }) {
		return false
	}
	value := any(text)
	switch p.schema["type"] {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false
		}
		value = n
	case "boolean":
		value = text == "true"
	}
	return legal(p.judge, value)
}

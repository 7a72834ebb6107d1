// Package negative generates bad requests from an OpenAPI document: for each operation, from its parameters and the
// schema of its body, and always the same for the same seed. It knows nothing about what the operations do.
package negative

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI 3.1 document.
type Document struct {
	Operations []*Operation // sorted by path and method

	root     map[string]any
	compiler *jsonschema.Compiler
	problem  *jsonschema.Schema
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path string
	Open             bool // needs no token
	Streams          bool // its response does not end
	Parameters       []Parameter
	Body             *Body
	Codes            map[int][]string // documented error codes, by status

	produces []string // media types of its responses
	document *Document
}

func (o *Operation) String() string { return o.Method + " " + o.Path }

// Parameter is a value in the path, the query or a header.
type Parameter struct {
	Name, In string
	Required bool
	schema   map[string]any
	judge    *jsonschema.Schema
}

// Body is the request body of an operation.
type Body struct {
	Types    []string
	Required bool
	schema   map[string]any
	judge    *jsonschema.Schema // nil if any bytes are accepted
}

const address = "terrace:///openapi.json"

// Read parses a document.
func Read(text []byte) (*Document, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d := &Document{compiler: jsonschema.NewCompiler()}
	d.root, _ = root.(map[string]any)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(address, root); err != nil {
		return nil, err
	}
	if d.problem, err = d.compiler.Compile(address + "#/components/schemas/Problem"); err != nil {
		return nil, err
	}
	paths := object(d.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range []string{"get", "head", "post", "put", "patch", "delete"} {
			if described := object(object(paths[path])[method]); described != nil {
				o, err := d.operation(strings.ToUpper(method), path, described)
				if err != nil {
					return nil, fmt.Errorf("%s %s: %w", method, path, err)
				}
				d.Operations = append(d.Operations, o)
			}
		}
	}
	if len(d.Operations) == 0 {
		return nil, errors.New("the document describes no operation")
	}
	return d, nil
}

// Find returns the operation with the method whose path template matches the path, or nil if there is none.
func (d *Document) Find(method, path string) *Operation {
	for _, o := range d.Operations {
		if o.Method == method && o.fits(path) {
			return o
		}
	}
	return nil
}

func (o *Operation) fits(path string) bool {
	want, got := strings.Split(o.Path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") && g != "" })
}

var quoted = regexp.MustCompile("`([a-z0-9-]+)`")

func (d *Document) operation(method, path string, described map[string]any) (*Operation, error) {
	pointer := address + "#/paths/" + strings.ReplaceAll(strings.ReplaceAll(path, "~", "~0"), "/", "~1") + "/" + strings.ToLower(method)
	o := &Operation{Method: method, Path: path, Codes: map[int][]string{}, document: d}
	o.ID, _ = described["operationId"].(string)
	security, _ := described["security"].([]any)
	o.Open = len(security) == 0
	for i, p := range list(described["parameters"]) {
		p := object(p)
		parameter := Parameter{Required: p["required"] == true, schema: object(p["schema"])}
		parameter.Name, _ = p["name"].(string)
		parameter.In, _ = p["in"].(string)
		judge, err := d.compiler.Compile(fmt.Sprintf("%s/parameters/%d/schema", pointer, i))
		if err != nil {
			return nil, err
		}
		parameter.judge = judge
		o.Parameters = append(o.Parameters, parameter)
	}
	for status, response := range object(described["responses"]) {
		code := 0
		if _, err := fmt.Sscan(status, &code); err != nil {
			return nil, fmt.Errorf("status %q", status)
		}
		o.produces = slices.AppendSeq(o.produces, maps.Keys(object(object(response)["content"])))
		o.Streams = slices.Contains(o.produces, "text/event-stream")
		text, _ := object(response)["description"].(string)
		for _, found := range quoted.FindAllStringSubmatch(text, -1) {
			o.Codes[code] = append(o.Codes[code], found[1])
		}
	}
	return o, o.readBody(object(described["requestBody"]), pointer)
}

func (o *Operation) readBody(described map[string]any, pointer string) (err error) {
	if described == nil {
		return nil
	}
	content := object(described["content"])
	o.Body = &Body{Types: slices.Sorted(maps.Keys(content)), Required: described["required"] == true}
	if json, ok := content["application/json"]; ok {
		o.Body.schema = object(object(json)["schema"])
		o.Body.judge, err = o.document.compiler.Compile(pointer + "/requestBody/content/application~1json/schema")
	}
	return err
}

// resolve follows a schema's references.
func (d *Document) resolve(schema map[string]any) map[string]any {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return schema
		}
		at := d.root
		for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = object(at[step])
		}
		schema = at
	}
}

// legal reports whether a schema accepts a value.
func legal(judge *jsonschema.Schema, value any) bool {
	return judge == nil || judge.Validate(value) == nil
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// whole returns the integer under a key of a schema.
func whole(schema map[string]any, key string) (int, bool) {
	n, ok := schema[key].(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil
}

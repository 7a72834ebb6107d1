package api

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// nameFields adds a bilingual name (字段名称) to every field that users fill in, and lists the usual kinds of evidence in
// the description of each field that accepts evidence.
func (s *server) nameFields() {
	registry := s.huma.OpenAPI().Components.Schemas
	named := map[reflect.Type]bool{}
	var name func(reflect.Type)
	var within func(*huma.Schema, reflect.Type)
	name = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct && aliases[t] == nil && !named[t] {
			named[t] = true
			within(registry.SchemaFromRef(registry.Schema(t, true, "").Ref), t)
		}
	}
	within = func(schema *huma.Schema, holder reflect.Type) {
		for f := range holder.Fields() {
			if f.Anonymous {
				within(schema, f.Type)
				continue
			}
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			said := catalogue.FieldName(holder, f)
			schema.Properties[key].Title = said.EN + " · " + said.ZH
			name(f.Type)
		}
	}
	for _, d := range catalogue.All.Commands() {
		if !d.Internal() {
			name(d.PayloadType())
		}
	}
	for of, key := range map[reflect.Type]string{reflect.TypeFor[plan.Milestone](): "evidence", reflect.TypeFor[project.EvidenceFile](): "kind"} {
		property := registry.SchemaFromRef(registry.Schema(of, true, "").Ref).Properties[key]
		property.Description += ". Usual: " + usualEvidence()
	}
}

// fieldNamed adds to the refusal of a missing field what people call the field, and the values that it can have.
func fieldNamed(e *domain.Error, op *huma.Operation) *domain.Error {
	if e.Code != "missing-field" {
		return e
	}
	key := e.Field[strings.LastIndexByte(e.Field, '.')+1:]
	zh, en := "“"+key+"”", key
	if field := fieldAt(op, e.Field); field != nil {
		var allowedZH, allowedEN string
		if len(field.Enum) > 0 {
			values := make([]string, len(field.Enum))
			for i, value := range field.Enum {
				values[i] = fmt.Sprint(value)
			}
			allowed := domain.Listed(values, func(value string) domain.Text { return valueNames[value] })
			allowedEN, allowedZH = "; one of "+allowed.EN, "，可填："+allowed.ZH
		}
		if nameEN, nameZH, named := strings.Cut(field.Title, " · "); named {
			zh, en = "“"+nameZH+"”（"+key+allowedZH+"）", "“"+nameEN+"” ("+key+allowedEN+")"
		}
	}
	return domain.Refuse(e.Code, e.Field, "zh", zh, "en", en)
}

// fieldAt returns the schema of the field at a path in an operation's body, or nil if there is none.
func fieldAt(op *huma.Operation, path string) *huma.Schema {
	registry, ok := op.Metadata[schemasOf].(huma.Registry)
	if !ok || op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	schema := op.RequestBody.Content["application/json"].Schema
	for step := range strings.SplitSeq(path, ".") {
		for schema != nil && (schema.Ref != "" || schema.Items != nil) {
			if schema.Ref != "" {
				schema = registry.SchemaFromRef(schema.Ref)
			} else {
				schema = schema.Items
			}
		}
		if schema == nil {
			return nil
		}
		key, _, _ := strings.Cut(step, "[")
		schema = schema.Properties[key]
	}
	return schema
}

// usualEvidence returns a list of the usual kinds of evidence, with their names in both languages.
func usualEvidence() string {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(plan.EvidenceKinds)) {
		kinds = append(kinds, "`"+kind+"` "+plan.EvidenceKinds[kind].EN+" · "+plan.EvidenceKinds[kind].ZH)
	}
	return strings.Join(kinds, "; ")
}

package api

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

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

// usualEvidence returns a list of the usual kinds of evidence, with their names in both languages.
func usualEvidence() string {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(plan.EvidenceKinds)) {
		kinds = append(kinds, "`"+kind+"` "+plan.EvidenceKinds[kind].EN+" · "+plan.EvidenceKinds[kind].ZH)
	}
	return strings.Join(kinds, "; ")
}

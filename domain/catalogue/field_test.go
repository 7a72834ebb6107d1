package catalogue_test

import (
	"reflect"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/catalogue"
	"terrace/domain/plan"
)

func TestEveryFieldThatPeopleSendHasANameInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, d := range catalogue.All.Commands() {
		if !d.Internal() {
			named(t, d.Name, d.PayloadType())
		}
	}
}

func named(t *testing.T, path string, typ reflect.Type) {
	t.Helper()
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ.PkgPath() == "terrace/domain/calendar" {
		return
	}
	for f := range typ.Fields() {
		at := path + "." + f.Name
		if name := catalogue.FieldName(typ, f); !f.Anonymous && (name.ZH == "" || name.EN == "") {
			t.Errorf("%s, a field of %s, has no name", at, typ.Name())
		}
		named(t, at, f.Type)
	}
}

func TestEveryKindOfEvidenceOfTheDemonstrationHasANameInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, q := range zhuanglang.Read().Application().Proposals {
		for _, m := range q.Milestones {
			for _, kind := range m.Evidence {
				if name := plan.EvidenceKinds[kind]; name.ZH == "" || name.EN == "" {
					t.Errorf("%s has no name", kind)
				}
			}
		}
	}
}

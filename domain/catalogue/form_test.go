package catalogue_test

import (
	_ "embed"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"terrace/domain/catalogue"
)

var update = flag.Bool("update", false, "add the forms of new versions of events")

// forms lists the JSON fields of every version of every event, with their types, one version on each line. A version never changes
// once it may have been written to the journal; to change an event, declare a new version.
//
//go:embed testdata/forms.txt
var forms string

func TestAnEventKeepsItsFormOrGetsAnotherVersion(t *testing.T) {
	t.Parallel()
	kept := map[string]string{}
	for line := range strings.Lines(forms) {
		name, form, _ := strings.Cut(strings.TrimSpace(line), "  ")
		kept[name] = form
	}
	for _, typ := range catalogue.All.Events() {
		name := fmt.Sprintf("%s/%s v%d", typ.Aggregate, typ.Name, typ.Version)
		now := formOf(reflect.TypeOf(typ.New()).Elem())
		switch was, known := kept[name]; {
		case !known && *update:
			kept[name] = now
		case !known:
			t.Errorf("the form of %s is not recorded: run go test ./domain/catalogue -run Form -update", name)
		case was != now:
			t.Errorf("%s was recorded as\n%s\nand is now\n%s\nEntries were written in the old form: declare the new one with Formerly", name, was, now)
		}
		for version := range typ.Version {
			if older := fmt.Sprintf("%s/%s v%d", typ.Aggregate, typ.Name, version); version > 0 && kept[older] == "" {
				t.Errorf("the form of %s is no longer recorded", older)
			}
		}
	}
	if *update {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(kept)) {
			lines = append(lines, name+"  "+kept[name]+"\n")
		}
		if err := os.WriteFile("testdata/forms.txt", []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// formOf describes the JSON representation of a type.
func formOf(t reflect.Type) string {
	switch {
	case ours(t) && t.Kind() == reflect.Struct && t.PkgPath() != "terrace/domain/calendar":
		var fields []string
		for _, f := range reflect.VisibleFields(t) {
			tag := f.Tag.Get("json")
			if f.Anonymous && tag == "" || !f.IsExported() && !f.Anonymous {
				continue
			}
			if name, rest, _ := strings.Cut(tag, ","); name != "" {
				if rest != "" { // left out when empty
					name += "?"
				}
				fields = append(fields, name+" "+formOf(f.Type))
				continue
			}
			fields = append(fields, f.Name+" "+formOf(f.Type))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case t.Kind() == reflect.Slice:
		return "[" + formOf(t.Elem()) + "]"
	case t.Kind() == reflect.Map:
		return "map[" + formOf(t.Key()) + "]" + formOf(t.Elem())
	case t.Kind() == reflect.Pointer:
		return formOf(t.Elem())
	case t.Kind() == reflect.Struct:
		return t.String()
	default:
		return t.Kind().String()
	}
}

func ours(t reflect.Type) bool { return strings.HasPrefix(t.PkgPath(), "terrace/") }

// An event may share only the engine's own types with commands and states. Changing one of those requires a new version of every event
// that contains it.
func TestAnEventSharesNoStructWithACommandOrAState(t *testing.T) {
	t.Parallel()
	elsewhere := map[reflect.Type]string{}
	for _, d := range catalogue.All.Commands() {
		structs(d.PayloadType(), "command "+d.Name, elsewhere)
	}
	for _, a := range catalogue.All.Aggregates() {
		structs(reflect.TypeOf(a.Empty).Elem(), "a "+string(a.Kind), elsewhere)
	}
	for _, typ := range catalogue.All.Events() {
		mine := map[reflect.Type]string{}
		structs(reflect.TypeOf(typ.New()).Elem(), "event "+typ.Name, mine)
		for of := range mine {
			if elsewhere[of] != "" {
				t.Errorf("event %s of a %s holds a %s, and so does %s", typ.Name, typ.Aggregate, of, elsewhere[of])
			}
		}
	}
}

// structs finds every struct within a type that is declared in the domain's aggregate packages.
func structs(t reflect.Type, of string, found map[reflect.Type]string) {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		structs(t.Elem(), of, found)
	case reflect.Struct:
		general := !ours(t) || slices.Contains([]string{"terrace/domain", "terrace/domain/flow", "terrace/domain/calendar"}, t.PkgPath())
		if general || found[t] != "" {
			return
		}
		found[t] = of
		for f := range t.Fields() {
			structs(f.Type, of, found)
		}
	default:
	}
}

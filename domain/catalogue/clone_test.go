package catalogue_test

import (
	"reflect"
	"testing"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

func TestACloneIsEqualAndSharesNothing(t *testing.T) {
	t.Parallel()
	for _, a := range catalogue.All.Aggregates() {
		kind := a.Kind
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := a.New("")
			fill(t, reflect.ValueOf(s).Elem())
			c := flow.Clone(s)
			if !reflect.DeepEqual(c, s) {
				t.Fatalf("the clone differs:\n%+v\n%+v", c, s)
			}
			shared := addresses(reflect.ValueOf(s), map[uintptr]string{}, string(kind))
			for address, path := range addresses(reflect.ValueOf(c), map[uintptr]string{}, string(kind)) {
				if shared[address] != "" {
					t.Errorf("the clone shares %s", path)
				}
			}
		})
	}
}

// immutable reports whether values of the type never change, even if they contain pointers.
func immutable(t reflect.Type) bool {
	return t == reflect.TypeFor[calendar.Date]() || t == reflect.TypeFor[time.Time]()
}

// fill sets every field to a non-zero value, including slices, maps and pointers.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if immutable(v.Type()) {
				break
			}
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%s.%s is not exported: a clone would share it", v.Type(), v.Type().Field(i).Name)
			}
			fill(t, v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	default:
		t.Fatalf("states hold a %s, which this test does not know", v.Type())
	}
}

// addresses adds the address of every pointer, slice and map within a value to found, with the path to it.
func addresses(v reflect.Value, found map[uintptr]string, path string) map[uintptr]string {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !immutable(v.Type()) {
				addresses(v.Field(i), found, path+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Pointer:
		found[v.Pointer()] = path
		addresses(v.Elem(), found, path)
	case reflect.Slice:
		found[v.Pointer()] = path
		for i := range v.Len() {
			addresses(v.Index(i), found, path+"[]")
		}
	case reflect.Map:
		found[v.Pointer()] = path
		for each := v.MapRange(); each.Next(); {
			addresses(each.Value(), found, path+"{}")
		}
	default: // contains no references
	}
	return found
}

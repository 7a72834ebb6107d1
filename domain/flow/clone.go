package flow

import (
	"reflect"
	"sync"
)

// Clone returns a deep copy of a state, so that applying an event to either of them leaves the other unchanged.
func Clone(s State) State {
	v := reflect.New(reflect.TypeOf(s)).Elem()
	v.Set(reflect.ValueOf(s))
	own(v)
	return v.Interface().(State)
}

// own replaces every pointer, slice and map within a value with a copy. Unexported fields are shared, because only times and dates
// have any, and those are immutable.
func own(v reflect.Value) {
	if v.Kind() != reflect.Struct && v.IsNil() {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range referring(v.Type()) {
			own(v.Field(i))
		}
	case reflect.Pointer:
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(v.Elem())
		if refers(v.Type().Elem()) {
			own(c.Elem())
		}
		v.Set(c)
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		if refers(v.Type().Elem()) {
			for i := range c.Len() {
				own(c.Index(i))
			}
		}
		v.Set(c)
	case reflect.Map:
		v.Set(ownMap(v))
	default: // contains nothing that could be shared
	}
}

func ownMap(m reflect.Value) reflect.Value {
	c := reflect.MakeMapWithSize(m.Type(), m.Len())
	deep := refers(m.Type().Elem())
	value := reflect.New(m.Type().Elem()).Elem()
	for each := m.MapRange(); each.Next(); {
		value.SetIterValue(each)
		if deep {
			own(value)
		}
		c.SetMapIndex(each.Key(), value)
	}
	return c
}

// refers reports whether values of a type contain pointers, slices or maps.
func refers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	case reflect.Struct:
		return len(referring(t)) > 0
	default:
		return false
	}
}

var referringFields sync.Map // cached results of referring ([]int), by the struct's reflect.Type

// referring returns the indexes of a struct's exported fields that contain pointers, slices or maps.
func referring(t reflect.Type) []int {
	if known, ok := referringFields.Load(t); ok {
		return known.([]int)
	}
	var fields []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && refers(f.Type) {
			fields = append(fields, i)
		}
	}
	referringFields.Store(t, fields)
	return fields
}

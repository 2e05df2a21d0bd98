package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// decode reads a JSON object into the struct that v points to, and refuses one
// without a key that the struct has, or with null where the struct has neither
// a pointer nor a type that reads null. The option "omitempty" marks keys that
// may be missing. Keys that the struct has not are ignored.
func decode(object []byte, v any) error {
	if err := json.Unmarshal(object, v); err != nil {
		return err
	}
	return complete(object, reflect.TypeOf(v).Elem(), "")
}

var reads = reflect.TypeFor[json.Unmarshaler]()

func complete(raw json.RawMessage, t reflect.Type, path string) error {
	if t.Implements(reads) || reflect.PointerTo(t).Implements(reads) {
		return nil // it judges for itself
	}
	null := string(raw) == "null"
	switch {
	case t.Kind() == reflect.Pointer && null:
		return nil
	case t.Kind() == reflect.Pointer:
		return complete(raw, t.Elem(), path)
	case null:
		return fmt.Errorf("%s is null", path)
	case t.Kind() == reflect.Slice:
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return err
		}
		for i, item := range items {
			if err := complete(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct:
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			return err
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() {
				continue // not of the file
			}
			key, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			at := key
			if path != "" {
				at = path + "." + key
			}
			value, ok := object[key]
			if !ok && option == "omitempty" {
				continue
			}
			if !ok {
				return fmt.Errorf("key %q is missing", at)
			}
			if err := complete(value, f.Type, at); err != nil {
				return err
			}
		}
	}
	return nil
}

package wechat

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode reads the JSON of a call strictly: one object, no unknown field, and every name in its exact case.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return refuse(44002, "")
	}
	if !utf8.Valid(body) {
		return refuse(47001, "the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return refuse(47001, "%v", err)
	}
	if d.More() {
		return refuse(47001, "there is more after the object")
	}
	return exact(body, reflect.TypeOf(into).Elem())
}

// exact checks what encoding/json does not: that names are spelled in the case that is documented.
func exact(raw []byte, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return nil // null, or bytes
		}
		for _, item := range items {
			if err := exact(item, t.Elem()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil {
			return nil // null
		}
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			value, there := fields[name]
			delete(fields, name)
			if !there {
				continue
			}
			if err := exact(value, t.Field(i).Type); err != nil {
				return err
			}
		}
		for name := range fields {
			return refuse(47001, "the field %q is spelled in another case", name)
		}
	}
	return nil
}

// literal has every \u escape of a JSON body read as the six characters that it is written with, for so the platform
// shows it, and says whether there is one.
func literal(body []byte) (read []byte, escaped bool) {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			read = append(read, body[i])
			continue
		}
		if body[i+1] == 'u' {
			escaped = true
			read = append(read, '\\')
		}
		read = append(read, body[i], body[i+1])
		i++
	}
	return read, escaped
}

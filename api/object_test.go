package api

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzMembers: an object has the members that encoding/json finds, and nothing else is taken for one.
func FuzzMembers(f *testing.F) {
	for _, text := range []string{
		`{"question":"报05什么意思"}`, ` { "a" : 1 , "b":[{"c":"}"},2], "d":{} , "e":null}` + "\n", `{"a":"\\\"","a":tru`, `{"a":"1","a":2,"\u0061":-3e5}`,
		`{}`, `{"a":1}}`, `null`, `[]`, `"{}"`, ``, ` `, `{"":""}`, `{"a":true,"b":false}`, `{"a\"b":"c\\"}`, `{"\ud800":"\ud800"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // is refused before
		}
		var want map[string]json.RawMessage
		err := json.Unmarshal([]byte(text), &want)
		if ok := isObject([]byte(text)); ok != (want != nil) {
			t.Fatalf("%q: an object %t, %v", text, ok, err)
		}
		if want == nil {
			return
		}
		got := map[string]json.RawMessage{}
		for name, value := range members([]byte(text)) {
			got[string(name)] = value
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	})
}

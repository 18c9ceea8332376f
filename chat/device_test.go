package chat

import (
	"reflect"
	"testing"
)

// TestDeviceFields: every detail of a device has its row, at its place and under its name in JSON.
func TestDeviceFields(t *testing.T) {
	var d Device
	device, fields := reflect.ValueOf(&d).Elem(), d.Fields()
	if device.NumField() != len(fields) {
		t.Fatalf("%d details have %d rows", device.NumField(), len(fields))
	}
	for i, f := range fields {
		name := device.Type().Field(i).Tag.Get("json")
		if f.ID != name || f.Name == "" || f.Value != device.Field(i).Addr().Interface() {
			t.Errorf("the row of %q is %q, %q, or its value is another's", name, f.ID, f.Name)
		}
		if d.Field(name) != f.Value {
			t.Errorf("Field finds another place of %q", name)
		}
	}
	if d.Field("none") != nil {
		t.Error("Field finds a detail that there is not")
	}
}

package telegram

import "testing"

func TestEscape(t *testing.T) {
	if got, want := Escape(`<b>"A&B"</b> &amp;`), `&lt;b&gt;"A&amp;B"&lt;/b&gt; &amp;amp;`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAddress(t *testing.T) {
	for _, a := range []Address{{Chat: 42}, {Chat: -1001, User: 42}, {Chat: -1001, Thread: 7, User: 42}} {
		if got, err := ParseAddress(a.String()); err != nil || got != a {
			t.Errorf("%s is read as %+v, %v", a, got, err)
		}
	}
	for _, bad := range []string{"", "a", "0", "042", "1/2", "1/2/3/4", "1/0/0", "-1/x/3", "99999999999999999999"} {
		if a, err := ParseAddress(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, a)
		}
	}
}

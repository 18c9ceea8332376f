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

// TestKeys: what is kept under a key is found again by the next version.
func TestKeys(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{SourceKey("default", "4711:9"), "telegram/default/source/4711:9"},
		{SentKey("default", "c", 7), "telegram/default/sent/c/7"},
		{MessageKey("default", -1001, 9), "telegram/default/said/-1001/9"},
		{MovedKey("default", -5), "telegram/default/moved/-5"},
		{lastMessageKey("default", "-1001/7/42"), "telegram/default/last/-1001/7/42"},
		{albumKey("default", "77"), "telegram/default/album/77"},
		{scriptKey("default", "42"), "telegram/default/language/42"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

package privacy_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/yingda/yingda/privacy"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func sealer(t *testing.T, newest []byte, older ...[]byte) *privacy.Sealer {
	t.Helper()
	s, err := privacy.NewSealer(newest, older...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func seal(t *testing.T, s *privacy.Sealer, plain, associated string) []byte {
	t.Helper()
	sealed, err := s.Seal(plain, associated)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealer(t *testing.T) {
	s := sealer(t, key(1))
	for _, plain := range []string{"", "13812345678", "微信：abc", strings.Repeat("长", 10_000)} {
		sealed := seal(t, s, plain, "ticket 1")
		if plain != "" && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("%.20q stands in the sealed text", plain)
		}
		if again := seal(t, s, plain, "ticket 1"); bytes.Equal(again, sealed) {
			t.Errorf("%.20q is sealed twice alike", plain)
		}
		if got, err := s.Open(sealed, "ticket 1"); got != plain || err != nil {
			t.Errorf("opened %.20q, %v, want %.20q", got, err, plain)
		}
	}
}

func TestSealerRefuses(t *testing.T) {
	s := sealer(t, key(1))
	sealed := seal(t, s, "13812345678", "ticket 1")
	if _, err := s.Open(sealed, "ticket 2"); !errors.Is(err, privacy.ErrTampered) {
		t.Errorf("opened elsewhere: %v", err)
	}
	if _, err := sealer(t, key(2)).Open(sealed, "ticket 1"); !errors.Is(err, privacy.ErrUnknownKey) {
		t.Errorf("opened with another key: %v", err)
	}
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if got, err := s.Open(damaged, "ticket 1"); err == nil {
			t.Errorf("byte %d changed, still opened as %q", i, got)
		}
		if _, err := s.Open(sealed[:i], "ticket 1"); err == nil {
			t.Errorf("cut to %d bytes, still opened", i)
		}
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := privacy.NewSealer(make([]byte, n)); err == nil {
			t.Errorf("took a key of %d bytes", n)
		}
	}
}

func TestSealerRotates(t *testing.T) {
	old := sealer(t, key(1))
	both := sealer(t, key(2), key(1))
	sealed := seal(t, old, "13812345678", "a")
	if got, err := both.Open(sealed, "a"); got != "13812345678" || err != nil {
		t.Errorf("the old key does not open: %q, %v", got, err)
	}
	if !both.Stale(sealed) || old.Stale(sealed) {
		t.Error("stale is what the newest key did not seal")
	}
	anew := seal(t, both, "13812345678", "a")
	if both.Stale(anew) {
		t.Error("sealed anew, still stale")
	}
	if _, err := old.Open(anew, "a"); !errors.Is(err, privacy.ErrUnknownKey) {
		t.Errorf("the old key opens what the newest sealed: %v", err)
	}
}

// TestContacts: a contact opens in its conversation alone; one of before opens anywhere, until it is sealed anew.
func TestContacts(t *testing.T) {
	s, newer := sealer(t, key(1)), sealer(t, key(2), key(1))
	bound, err := s.SealContact("c1", "13812345678")
	if err != nil {
		t.Fatal(err)
	}
	unbound := seal(t, s, "13812345678", "contact")
	for _, test := range []struct {
		name         string
		sealer       *privacy.Sealer
		sealed       []byte
		conversation string
		want         error // of UnsealContact
		keeps        bool  // sealing anew leaves it
	}{
		{"bound", s, bound, "c1", nil, true},
		{"copied", s, bound, "c2", privacy.ErrTampered, false},
		{"copied before the key was replaced", newer, bound, "c2", privacy.ErrTampered, false},
		{"of an older key", newer, bound, "c1", nil, false},
		{"of before", s, unbound, "c1", nil, false},
		{"of before and of an older key", newer, unbound, "c1", nil, false},
		{"of a stranger", sealer(t, key(3)), unbound, "c1", privacy.ErrUnknownKey, false},
		{"empty", s, nil, "c1", privacy.ErrTampered, false},
	} {
		got, err := test.sealer.UnsealContact(test.conversation, test.sealed)
		if !errors.Is(err, test.want) || (err == nil && got != "13812345678") {
			t.Errorf("%s: opened as %q, %v; want error %v", test.name, got, err, test.want)
		}
		fresh, err := test.sealer.ResealContact(test.conversation, test.sealed)
		if !errors.Is(err, test.want) || (fresh == nil) != (test.keeps || test.want != nil) {
			t.Errorf("%s: sealed anew as %x, %v", test.name, fresh, err)
		}
		if fresh == nil {
			continue
		}
		if got, err := test.sealer.UnsealContact(test.conversation, fresh); got != "13812345678" || err != nil || test.sealer.Stale(fresh) {
			t.Errorf("%s: sealed anew it opens as %q, %v", test.name, got, err)
		}
		if _, err := test.sealer.UnsealContact("c2", fresh); !errors.Is(err, privacy.ErrTampered) {
			t.Errorf("%s: sealed anew it opens elsewhere: %v", test.name, err)
		}
		if again, err := test.sealer.ResealContact(test.conversation, fresh); again != nil || err != nil {
			t.Errorf("%s: sealed anew twice: %x, %v", test.name, again, err)
		}
	}
}

func TestParseKeys(t *testing.T) {
	one, two := hex.EncodeToString(key(1)), base64.StdEncoding.EncodeToString(key(2))
	odd := bytes.Repeat([]byte{0xfb, 0xff}, 16)
	for _, c := range []struct {
		in   string
		want [][]byte
		err  string
	}{
		{one, [][]byte{key(1)}, ""},
		{strings.ToUpper(one) + "\n", [][]byte{key(1)}, ""},
		{two, [][]byte{key(2)}, ""},
		{base64.RawURLEncoding.EncodeToString(odd), [][]byte{odd}, ""},
		{"# newest\n" + two + "\n# older\n" + one + "\n", [][]byte{key(2), key(1)}, ""},
		{two + "," + one, [][]byte{key(2), key(1)}, ""},
		{"", nil, "no key"},
		{"# nothing\n", nil, "no key"},
		{one[:62], nil, "want 32"},
		{"secret!", nil, "neither"},
		{one + " " + one[:60] + "zz!!", nil, "key 2"},
	} {
		got, err := privacy.ParseKeys(c.in)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: error %v, want %q", c.in, err, c.err)
		}
		if err != nil && strings.Contains(err.Error(), "secret!") {
			t.Errorf("the error shows the key: %v", err)
		}
		if len(got) != len(c.want) {
			t.Errorf("%q: %d keys, want %d", c.in, len(got), len(c.want))
			continue
		}
		for i := range got {
			if !bytes.Equal(got[i], c.want[i]) {
				t.Errorf("%q: key %d is %x, want %x", c.in, i, got[i], c.want[i])
			}
		}
	}
}

func TestLoadKeys(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	results := make([][][]byte, 16) // as if so many processes started at once
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			keys, err := privacy.LoadKeys(path)
			if err != nil {
				t.Error(err)
			}
			results[i] = keys
		})
	}
	wg.Wait()
	for _, keys := range results {
		if len(keys) != 1 || !bytes.Equal(keys[0], results[0][0]) {
			t.Fatalf("starts do not agree on the key: %x and %x", keys, results[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %o", info.Mode().Perm())
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLoadKeysRefuses(t *testing.T) {
	good := hex.EncodeToString(key(1)) + "\n"
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"open", good, 0o644, "chmod 600"},
		{"open to the group", good, 0o640, "chmod 600"},
		{"short", good[:40], 0o600, "want 32"},
		{"empty", "", 0o600, "no key"},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := privacy.LoadKeys(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q and the path", c.name, err, c.want)
		}
		if text, err := os.ReadFile(path); string(text) != c.text || err != nil {
			t.Errorf("%s: the file was changed to %q, %v", c.name, text, err)
		}
	}
	if _, err := privacy.LoadKeys(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := privacy.LoadKeys(filepath.Join(t.TempDir(), "missing", "key")); err == nil {
		t.Error("made a key in a directory that is not there")
	}
}

func TestMaskContact(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"13812345678", "138****5678"},
		{" +86 138-1234-5678 ", "138****5678"},
		{"８６１３８１２３４５６７８", "138****5678"},
		{"一三八一二三四五六七八", "138****5678"},
		{"0755-83765566", "0755****5566"},
		{"83765566", "****5566"},
		{"zhangsan@qq.com", "zh***@qq.com"},
		{"a@qq.com", "***@qq.com"},
		{"wxid_ab12cd", "wx***cd"},
		{"微信：wxid_ab12cd", "微信：wx***cd"},
		{"电话:13812345678", "电话:138****5678"},
		{"老王", "老***"},
		{"王", "***"},
		{"", "***"},
		{"：", "***"},
	} {
		if got := privacy.MaskContact(c.in); got != c.want {
			t.Errorf("MaskContact(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s, err := privacy.NewSealer(key(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1, 2, 3}, "a")
	f.Fuzz(func(t *testing.T, sealed []byte, associated string) {
		if got, err := s.Open(sealed, associated); err == nil {
			t.Errorf("opened %x as %q", sealed, got)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add(hex.EncodeToString(key(1)) + "\n#\n")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := privacy.ParseKeys(text)
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("%d keys and error %v", len(keys), err)
		}
		for _, k := range keys {
			if len(k) != 32 {
				t.Errorf("a key of %d bytes", len(k))
			}
		}
	})
}

func FuzzMaskContact(f *testing.F) {
	f.Add("电话：+86 138-1234-5678")
	f.Fuzz(func(t *testing.T, contact string) {
		if got := privacy.MaskContact(contact); !strings.Contains(got, "***") {
			t.Errorf("MaskContact(%q) = %q hides nothing", contact, got)
		}
	})
}

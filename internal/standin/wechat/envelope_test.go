package wechat

import (
	"encoding/json"
	"os"
	"testing"
)

// golden is testdata/crypto.json: what wechat-crypto and @wecom/crypto of npm say; testdata/crypto.mjs wrote it.
type golden struct {
	Signatures []struct{ Source, Token, Timestamp, Nonce, Encrypt, Signature string }
	Messages   []struct {
		Source, Key, ID string
		Random          []byte
		Message         string
		Encrypt         string
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/crypto.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Signatures) < 40 || len(g.Messages) < 80 {
		t.Fatalf("crypto.json holds %d signatures and %d messages", len(g.Signatures), len(g.Messages))
	}
	return g
}

func TestSignatures(t *testing.T) {
	for _, in := range readGolden(t).Signatures {
		if got := sign(in.Token, in.Timestamp, in.Nonce, in.Encrypt); got != in.Signature {
			t.Errorf("%s: sign(%q, %q, %q, %q) = %s, want %s", in.Source, in.Token, in.Timestamp, in.Nonce, in.Encrypt, got, in.Signature)
		}
	}
	// The documentation's own example.
	if got := sign("AAAAA", "1714036504", "1514711492"); got != "f464b24fc39322e44b38aa78f5edd27bd1441696" {
		t.Errorf("the signature of the documentation's GET is %s", got)
	}
	if got := sign("AAAAA", "1714037059", "486452656"); got != "899cf89e464efb63f54ddac96b0a0a235f53aa78" {
		t.Errorf("the signature of the documentation's POST is %s", got)
	}
}

func TestSealAndOpen(t *testing.T) {
	for _, in := range readGolden(t).Messages {
		key, err := parseKey(in.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got := key.seal(in.Random, []byte(in.Message), in.ID); got != in.Encrypt {
			t.Errorf("%s: sealing %.40q gives %.40s…, want %.40s…", in.Source, in.Message, got, in.Encrypt)
		}
		switch got, err := key.open(in.Encrypt, in.ID); {
		case err != nil:
			t.Errorf("%s: opening %.40q: %v", in.Source, in.Message, err)
		case string(got) != in.Message:
			t.Errorf("%s: opening gives %.40q, want %.40q", in.Source, got, in.Message)
		}
		if _, err := key.open(in.Encrypt, "wx0000000000000000"); err == nil {
			t.Errorf("%.40q was opened for another receiver", in.Message)
		}
	}
}

package privacy_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/yingda/yingda/privacy"
)

type valuer struct{ text string }

func (v valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("text", v.text))
}

func TestLogHandler(t *testing.T) {
	const secret = "卡6222021234567894"
	var out bytes.Buffer
	log := slog.New(privacy.NewLogHandler(slog.NewJSONHandler(&out, nil)))
	ctx := t.Context()
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"message", func() { log.InfoContext(ctx, secret) }, `"msg":"卡622202******7894"`},
		{"string", func() { log.InfoContext(ctx, "m", "text", secret) }, `"text":"卡622202******7894"`},
		{"error", func() { log.InfoContext(ctx, "m", "err", fmt.Errorf("store: %w", errors.New(secret))) }, `"err":"store: 卡622202******7894"`},
		{"valuer", func() { log.InfoContext(ctx, "m", "v", valuer{secret}) }, `"v":{"text":"卡622202******7894"}`},
		{"group", func() { log.InfoContext(ctx, "m", slog.Group("g", slog.Group("h", "text", secret))) }, `"g":{"h":{"text":"卡622202******7894"}}`},
		{"with", func() { log.With("text", secret).InfoContext(ctx, "m") }, `"text":"卡622202******7894"`},
		{"with group", func() { log.WithGroup("g").With("a", secret).InfoContext(ctx, "m", "b", 1) }, `"g":{"a":"卡622202******7894","b":1}`},
		{"struct", func() { log.InfoContext(ctx, "m", "v", struct{ Text string }{secret}) }, `"v":"{Text:卡622202******7894}"`},
		{"slice", func() { log.InfoContext(ctx, "m", "v", []string{secret}) }, `"v":"[卡622202******7894]"`},
		{"bytes", func() { log.InfoContext(ctx, "m", "v", []byte(secret)) }, `"v":"卡622202******7894"`},
		{"password by its key", func() { log.InfoContext(ctx, "m", "password", "hunter") }, `"password":"******"`},
		{"serial by its key", func() { log.InfoContext(ctx, "m", "sn", "4111111111111111") }, `"sn":"4111111111111111"`},
		{"key", func() { log.InfoContext(ctx, "m", secret, true) }, `"卡622202******7894":true`},
		{"nil", func() { log.InfoContext(ctx, "m", "err", nil) }, `"err":null`},
		{"numbers", func() { log.InfoContext(ctx, "m", "n", 13812345678) }, `"n":13812345678`},
		{"finding", func() {
			log.InfoContext(ctx, "m", "found", privacy.NewMasker().Mask(secret).Matches)
		}, `"found":"[card[3:19]]"`},
	} {
		out.Reset()
		c.do()
		if got := out.String(); !strings.Contains(got, c.want) || strings.Contains(got, "6222021234567894") {
			t.Errorf("%s: logged %s, want %s", c.name, got, c.want)
		}
	}
}

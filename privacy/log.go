package privacy

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// logHandler masks what it passes on.
type logHandler struct {
	slog.Handler
	masker *Masker
}

// NewLogHandler makes a handler that masks messages, names of groups and the text in attributes
// before next sees them: strings, errors, LogValuers, groups. Whatever is neither text nor a number,
// a time or a truth value is logged as its masked text. Numbers pass as they are.
func NewLogHandler(next slog.Handler) slog.Handler {
	return logHandler{next, NewMasker()}
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	masked := slog.NewRecord(r.Time, r.Level, h.masker.Mask(r.Message).Text, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(h.maskAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, masked)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(h.maskAttrs(attrs)), h.masker}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(h.masker.Mask(name).Text), h.masker}
}

func (h logHandler) maskAttrs(attrs []slog.Attr) []slog.Attr {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = h.maskAttr(a)
	}
	return masked
}

func (h logHandler) maskAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	key := h.masker.Mask(a.Key).Text
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: key, Value: slog.GroupValue(h.maskAttrs(v.Group())...)}
	case slog.KindString:
		return slog.String(key, h.maskValue(key, v.String()))
	case slog.KindAny:
		if v.Any() == nil {
			return slog.Attr{Key: key, Value: v}
		}
		return slog.String(key, h.maskValue(key, valueText(v.Any())))
	}
	return slog.Attr{Key: key, Value: v}
}

// maskValue masks a value beside its key, for the key says what it is: a password, a serial.
func (h logHandler) maskValue(key, value string) string {
	prefix := key + "="
	if masked, ok := strings.CutPrefix(h.masker.Mask(prefix+value).Text, prefix); ok {
		return masked
	}
	return h.masker.Mask(value).Text
}

// valueText is a value's text.
func valueText(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprintf("%+v", v)
}

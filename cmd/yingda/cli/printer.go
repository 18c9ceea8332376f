package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/yingda/yingda/desk"
)

// printer is the way of everything that a command prints. What would steer the reader's terminal, which customers,
// agents and guides may have written, is printed as its code instead: \u001b, which means the same in JSON.
type printer struct {
	w io.Writer

	mu  sync.Mutex
	cut []byte // the beginning of a character whose rest is not written yet
}

// Write prints text, which is UTF-8; what is not shows as �.
func (p *printer) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := append(p.cut, text...)
	out := make([]byte, 0, len(rest))
	for len(rest) > 0 && utf8.FullRune(rest) {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		if r != '\n' && r != '\t' && desk.Steers(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	p.cut = append([]byte(nil), rest...)
	if _, err := p.w.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}

// isTerminal tells whether somebody sits at a stream.
func isTerminal(stream any) bool {
	if p, ok := stream.(*printer); ok {
		stream = p.w
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// canvas is the terminal behind a stream where a command may steer it itself, to draw; false where it may not: in a
// file, on one that knows no commands, and for those who want none.
func (t terminal) canvas() (io.Writer, bool) {
	p, ok := t.err.(*printer)
	if !ok || !isTerminal(p) || t.getenv("TERM") == "dumb" || t.getenv("NO_COLOR") != "" {
		return nil, false
	}
	return p.w, true
}

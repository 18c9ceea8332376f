package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"
)

// Call is one call of the API, as it was answered.
type Call struct {
	At      time.Time
	Path    string // "/cgi-bin/message/custom/send"
	Owner   string // AppID or CorpID; "" when the token named none
	Body    []byte // as it came
	Errcode int    // as it was answered
	Errmsg  string // "" without one
	Fault   string // what was wrong and was let pass, as the platform lets it pass
}

// Answer is how a call is answered instead of as usual.
type Answer struct {
	Errcode int           // not 0: nothing is done, and this is answered
	Errmsg  string        // "": the usual text for the errcode
	Status  int           // not 0: nothing is done, and a page of HTML with this status is answered, as a gateway does
	Body    []byte        // not nil: nothing is done, and this is answered as it is
	Delay   time.Duration // before anything else is done
	Cut     bool          // nothing is done, and the connection breaks
	Drop    bool          // what was asked for is done, but the connection breaks before the answer
}

// Script has the next calls of a path answered so, one answer for each call, ahead of any check.
func (s *Server) Script(path string, answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts[path] = append(s.scripts[path], answers...)
}

// Hook asks f about every call that no Script is left for; f says whether its answer is to be taken. Nil: no longer.
func (s *Server) Hook(f func(Call) (Answer, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = f
}

// Calls returns the calls of the API until now, in order: of these paths, or of all when none is named.
func (s *Server) Calls(paths ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return len(paths) > 0 && !slices.Contains(paths, c.Path) })
}

// Faults returns what the platform let pass though it was wrong, in order.
func (s *Server) Faults() []string {
	var faults []string
	for _, c := range s.Calls() {
		if c.Fault != "" {
			faults = append(faults, c.Path+": "+c.Fault)
		}
	}
	return faults
}

// query is one call on its way.
type query struct {
	r       *http.Request
	body    []byte
	account *OfficialAccount // whose token it was; both nil where the path asks for none
	corp    *Enterprise
	fault   string
}

func (q *query) owner() any {
	if q.corp != nil {
		return q.corp
	}
	return q.account
}

// caller is whose access token a path asks for.
type caller int

const (
	anyone   caller = iota // no token
	official               // of an official account
	work                   // of a corp
	either
)

// maxCall is how many bytes a call may have: the largest upload and its form.
const maxCall = 21 << 20

// endpoint answers one path; a method of "" is any. The work is done with the lock held; it returns what becomes the JSON of the answer, or a
// *file, or a refusal.
func (s *Server) endpoint(method string, who caller, do func(*query) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
		if err != nil {
			return // the caller is gone, or sends more than anybody takes
		}
		call := Call{At: s.cfg.Now(), Path: r.URL.Path, Body: body}
		script := s.script(call)
		if !pause(r, script.Delay) {
			return
		}
		if script.Cut {
			s.record(call)
			panic(http.ErrAbortHandler)
		}
		if script.Status != 0 {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(script.Status)
			_, _ = fmt.Fprintf(w, "<html><head><title>%d</title></head><body><center><h1>%[1]d %s</h1></center></body></html>\n", script.Status, http.StatusText(script.Status)) // the reader may be gone
			s.record(call)
			return
		}
		if script.Body != nil {
			_, _ = w.Write(script.Body) // the reader may be gone
			s.record(call)
			return
		}
		result, err := s.work(&query{r: r, body: body}, script, method, who, do, &call)
		s.record(call)
		if script.Drop {
			panic(http.ErrAbortHandler)
		}
		answer(w, result, err)
	}
}

// work checks who calls and does what is asked for.
func (s *Server) work(q *query, script Answer, method string, who caller, do func(*query) (any, error), call *Call) (result any, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		call.Owner, call.Fault = q.name(), q.fault
		var refused *codeError
		if errors.As(err, &refused) {
			call.Errcode, call.Errmsg = refused.code, refused.message()
		}
	}()
	if script.Errcode != 0 {
		_ = s.admit(q, who) // only to know whose call it is
		if script.Errmsg != "" {
			return nil, &codeError{code: script.Errcode, detail: script.Errmsg}
		}
		return nil, &codeError{code: script.Errcode}
	}
	if method != "" && q.r.Method != method {
		if method == http.MethodGet {
			return nil, refuse(43001, "")
		}
		return nil, refuse(43002, "")
	}
	if err := s.admit(q, who); err != nil {
		return nil, err
	}
	return do(q)
}

// script returns how the call is to be answered, if not as usual.
func (s *Server) script(call Call) Answer {
	s.mu.Lock()
	next, hook := s.scripts[call.Path], s.hook
	if len(next) > 0 {
		s.scripts[call.Path] = next[1:]
	}
	s.mu.Unlock()
	if len(next) > 0 {
		return next[0]
	}
	if hook != nil {
		if a, ok := hook(call); ok {
			return a
		}
	}
	return Answer{}
}

// record adds a call to the ledger.
func (s *Server) record(call Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	s.change()
}

// pause waits, and says whether the caller is still there.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

// name returns the AppID or CorpID of the caller.
func (q *query) name() string {
	switch {
	case q.account != nil:
		return q.account.cfg.AppID
	case q.corp != nil:
		return q.corp.cfg.ID
	}
	return ""
}

// answer writes the result of a call, under the platform's odd content type.
func answer(w http.ResponseWriter, result any, err error) {
	if m, ok := result.(*file); ok && err == nil {
		w.Header().Set("Content-Type", m.contentType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": m.name}))
		_, _ = w.Write(m.data) // the reader may be gone
		return
	}
	var refused *codeError
	if errors.As(err, &refused) {
		result = map[string]any{"errcode": refused.code, "errmsg": refused.message()}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(result); err != nil {
		panic("wechat: " + err.Error()) // all results are maps and structs of this package
	}
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	_, _ = w.Write(bytes.TrimSuffix(out.Bytes(), []byte("\n"))) // the reader may be gone
}

// ok is the answer that says no more than that.
func ok() (any, error) { return map[string]any{"errcode": 0, "errmsg": "ok"}, nil }

package telegram

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// static holds what the page is made of.
//
//go:embed page
var static embed.FS

// The page's own pace.
const (
	tickGap   = 60 * time.Millisecond // events are not sent closer together
	heartbeat = 20 * time.Second
)

// routes are those of the page, on which people are played by hand.
func (s *Server) routes() http.Handler {
	files, err := fs.Sub(static, "page")
	if err != nil { // the folder is embedded
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.FileServerFS(files))
	mux.Handle("GET /page/", http.StripPrefix("/page", http.FileServerFS(files)))
	mux.HandleFunc("GET /play/world", s.showWorld)
	mux.HandleFunc("GET /play/chat", s.showChat)
	mux.HandleFunc("GET /play/events", s.streamChanges)
	mux.HandleFunc("GET /play/file/{path...}", s.showFile)
	mux.HandleFunc("POST /play/file", s.takeFile)
	mux.HandleFunc("POST /play/act", s.takeAct)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { // as the real server answers it
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
	})
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; form-action 'none'; base-uri 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		guarded.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // a page that has gone needs no answer
}

// streamChanges tells the page that something has changed; it then asks what.
func (s *Server) streamChanges(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		changed := s.Changed()
		if _, err := io.WriteString(w, "data: changed\n\n"); err != nil || out.Flush() != nil {
			return
		}
		if !s.pause(r.Context(), tickGap) {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *Server) showFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("path")]
	s.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	kind := "application/octet-stream"
	if f.kind == "photo" {
		kind = "image/jpeg"
	} else {
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(f.data) // a page that has gone needs no file
}

// act is what the page asks to be done in somebody's name.
type act struct {
	Act     string `json:"act"`
	User    int64  `json:"user"`
	Bot     int64  `json:"bot"`
	Chat    int64  `json:"chat"`
	Thread  int    `json:"thread"`
	Message int    `json:"message"`
	Reply   int    `json:"reply"`
	Text    string `json:"text"` // said, or the payload, the data of a button or a name
}

func (a act) place() Place { return Place{a.Bot, a.Chat, a.Thread} }

// takeAct does one act.
func (s *Server) takeAct(w http.ResponseWriter, r *http.Request) {
	var a act
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxParams)).Decode(&a); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "看不懂的请求"})
		return
	}
	query, err := s.perform(a)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": inChinese(err)})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"query": query})
}

// perform does an act; pressing a button returns the id of the callback query.
func (s *Server) perform(a act) (query string, err error) {
	switch a.Act {
	case "say":
		_, err = s.Send(a.User, a.place(), Content{Text: a.Text, ReplyTo: a.Reply})
	case "start":
		_, err = s.Start(a.User, a.Bot, a.Text)
	case "edit":
		err = s.Edit(a.User, a.place(), a.Message, a.Text)
	case "delete":
		err = s.Delete(a.User, a.place(), a.Message)
	case "press":
		query, err = s.Press(a.User, a.place(), a.Message, a.Text)
	case "block", "unblock":
		err = s.Block(a.User, a.Bot, a.Act == "block")
	case "pin", "unpin":
		err = s.Pin(a.User, a.place(), a.Message, a.Act == "pin")
	case "open topic":
		_, err = s.CreateTopic(a.User, a.Chat, a.Text)
	case "close topic", "reopen topic":
		err = s.CloseTopic(a.User, a.place(), a.Act == "close topic")
	case "delete topic":
		err = s.DeleteTopic(a.User, a.place())
	default:
		err = fmt.Errorf("no act %q", a.Act)
	}
	return query, err
}

func inChinese(err error) string {
	switch {
	case errors.Is(err, ErrBlocked):
		return "你停用了这个机器人，先恢复再发。"
	case errors.Is(err, ErrPayload):
		return "扫码进入只认字母、数字、下划线和连字符，最多 64 个。"
	}
	return "没有成功：" + err.Error()
}

// takeFile sends the body as a photo or a document.
func (s *Server) takeFile(w http.ResponseWriter, r *http.Request) {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(r.URL.Query().Get(name), 10, 64) // 0 for what is none
		return n
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if err != nil {
		writeJSON(w, http.StatusRequestEntityTooLarge, map[string]string{"error": "文件太大，不能超过 50 MB。"})
		return
	}
	what := Content{Text: r.URL.Query().Get("text"), ReplyTo: int(number("reply"))}
	kind := r.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "image/") {
		what.Photo = data
	} else {
		what.Document, what.Name, what.MIME = data, r.URL.Query().Get("name"), kind
	}
	place := Place{number("bot"), number("chat"), int(number("thread"))}
	if _, err := s.Send(number("user"), place, what); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": inChinese(err)})
		return
	}
	writeJSON(w, http.StatusOK, struct{}{})
}

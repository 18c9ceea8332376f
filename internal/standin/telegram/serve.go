package telegram

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// call is one that is being answered.
type call struct {
	ctx  context.Context // lives as long as the request
	bot  *bot
	q    *request
	made int // id of the message that it made
}

// method is one of the Bot API. It runs with the server's lock held, unless it waits.
type method struct {
	name  string // as documented
	run   func(*Server, *call) (any, *apiError)
	waits bool
}

// methods returns them by their names in small letters.
func methods() map[string]method {
	table := map[string]method{}
	for _, m := range []method{
		{"getMe", getMe, false},
		{"getUpdates", getUpdates, true},
		{"setWebhook", setWebhook, false},
		{"deleteWebhook", deleteWebhook, false},
		{"getWebhookInfo", getWebhookInfo, false},
		{"sendMessage", sendMessage, false},
		{"sendPhoto", sendPhoto, false},
		{"sendDocument", sendDocument, false},
		{"copyMessage", copyMessage, false},
		{"editMessageText", editMessageText, false},
		{"editMessageCaption", editMessageCaption, false},
		{"editMessageReplyMarkup", editMessageReplyMarkup, false},
		{"deleteMessage", deleteMessage, false},
		{"answerCallbackQuery", answerCallbackQuery, false},
		{"sendChatAction", sendChatAction, false},
		{"getFile", getFile, false},
		{"setMyCommands", setMyCommands, false},
		{"getMyCommands", getMyCommands, false},
		{"deleteMyCommands", deleteMyCommands, false},
		{"getChat", getChat, false},
		{"getChatMember", getChatMember, false},
		{"getUserProfilePhotos", getUserProfilePhotos, false},
		{"createForumTopic", createForumTopic, false},
		{"editForumTopic", editForumTopic, false},
		{"closeForumTopic", closeForumTopic, false},
		{"reopenForumTopic", reopenForumTopic, false},
		{"deleteForumTopic", deleteForumTopic, false},
		{"pinChatMessage", pinChatMessage, false},
		{"unpinChatMessage", unpinChatMessage, false},
		{"unpinAllChatMessages", unpinAllChatMessages, false},
		{"unpinAllForumTopicMessages", unpinAllForumTopicMessages, false},
	} {
		table[strings.ToLower(m.name)] = m
	}
	return table
}

// ServeHTTP answers bots, and shows the page to people.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/file/bot"):
		s.download(w, r)
	case strings.HasPrefix(r.URL.Path, "/bot"):
		s.serveBot(w, r)
	default:
		s.page.ServeHTTP(w, r)
	}
}

// byToken finds a bot. The lock is held.
func (s *Server) byToken(token string) *bot {
	for _, b := range s.bots {
		if b.token == token {
			return b
		}
	}
	return nil
}

func (s *Server) serveBot(w http.ResponseWriter, r *http.Request) {
	token, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if !ok {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	if _, err := tokenID(token); err != nil {
		writeAnswer(w, nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized: invalid token specified"})
		return
	}
	s.mu.Lock()
	b := s.byToken(token)
	s.mu.Unlock()
	if b == nil {
		writeAnswer(w, nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	q, fault := decode(r)
	if fault != nil {
		writeAnswer(w, nil, fault)
		return
	}
	if name == "" {
		name = q.args["method"]
	}
	m, ok := s.methods[strings.ToLower(name)]
	if !ok {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found: method not found"})
		return
	}
	if s.ctx.Err() != nil {
		writeAnswer(w, nil, closing())
		return
	}
	s.answer(w, &call{ctx: r.Context(), bot: b, q: q}, m)
}

// closing is what the real server says while it is being stopped.
func closing() *apiError {
	return &apiError{code: http.StatusInternalServerError, text: "Internal Server Error: restart"}
}

// answer does a call, unless the script has other ideas, and writes it into the ledger.
func (s *Server) answer(w http.ResponseWriter, c *call, m method) {
	entry := s.entry(c, m)
	f := s.fault(entry)
	if !s.pause(context.WithoutCancel(c.ctx), f.Before) { // a client that has gone has called all the same
		return
	}
	if f.Drop == DropBefore || f.Status != 0 {
		entry.Status = f.Status
		s.record(entry)
		if f.Drop == DropBefore {
			panic(http.ErrAbortHandler)
		}
		for name, values := range f.Header {
			w.Header()[name] = slices.Clone(values)
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body)) // a client that has gone needs no answer
		return
	}
	result, err := s.do(c, m)
	entry.Accepted, entry.Message, entry.Status = err == nil, c.made, http.StatusOK
	if err != nil {
		entry.Status, entry.Description = err.code, err.text
	}
	if f.Drop == DropAfter {
		entry.Status = 0
		s.record(entry)
		panic(http.ErrAbortHandler)
	}
	s.record(entry)
	if s.pause(c.ctx, f.After) {
		writeAnswer(w, result, err)
	}
}

// do runs a method.
func (s *Server) do(c *call, m method) (any, *apiError) {
	if m.waits {
		return m.run(s, c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(c.bot.id, 0); err != nil {
		return nil, err
	}
	return m.run(s, c)
}

// entry is the call's line in the ledger, before anything came of it.
func (s *Server) entry(c *call, m method) Call {
	chat, _ := strconv.ParseInt(c.q.args["chat_id"], 10, 64) // 0 for what is none
	e := Call{
		At: s.now(), Bot: c.bot.id, Method: m.name, Chat: chat, Thread: c.q.message("message_thread_id"), Params: map[string]string{},
	}
	for name, value := range c.q.args {
		e.Params[name] = value
	}
	for name := range c.q.files {
		e.Files = append(e.Files, name)
	}
	slices.Sort(e.Files)
	return e
}

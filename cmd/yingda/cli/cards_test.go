package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store/storetest"
)

// cardSpellings are ways to write one made-up card number; the number only passes the check.
func cardSpellings() []string {
	groups := []string{"6222", "0212", "3456", "7894"}
	spellings := []string{"(6222)(0212)(3456)(7894)", "（6222）（0212）（3456）（7894）", "6222(0212)3456(7894)", "622202|1234567894", "62220212|34567894", "6|2|2|2|0|2|1|2|3|4|5|6|7|8|9|4", "６２２２０２１２３４５６７８９４", "６２２２|０２１２|３４５６|７８９４"}
	for _, between := range []string{"", " ", "-", "|", " | ", "\"", "\" \"", "'", "”“", "x", " x ", "X", "×", "/", ".", ",", "，", "、", ":", ";", "#", "】【", "然后", "，然后", " 然后 ", "接着", "\n"} {
		spellings = append(spellings, strings.Join(groups, between))
	}
	return spellings
}

// TestNoCardIsKept brings a card number in by every way there is, in every spelling: it is masked, or refused where
// it would be an id. Neither the database nor the log holds it then, and so nothing that is sent.
func TestNoCardIsKept(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		data := t.TempDir()
		bringCards(t, data, nil, func() string {
			var all strings.Builder
			files, err := filepath.Glob(filepath.Join(data, "yingda.db*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all.Write(content)
			}
			return all.String()
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := storetest.StartPostgres(t, "fsync = off").Database(t)
		bringCards(t, t.TempDir(), []string{"-database", dsn}, func() string { return storetest.Dump(t, dsn) })
	})
}

// bringCards serves, brings the cards in, stops, and looks for them in what kept returns and in the log.
func bringCards(t *testing.T, data string, where []string, kept func() string) {
	where = append([]string{"-data", data}, where...)
	key := runKey(t, append([]string{"key", "add", "-role", "admin", "前台"}, where...))
	s := start(t, append([]string{"-content", smallGuide, "-messages-per-minute", "100000", "-conversations-per-minute", "100000", "-address-messages-per-minute", "100000", "-address-tickets-per-hour", "100000"}, where...)...)
	v := &visitor{t: t, s: s, key: key}
	var ticket struct{ ID, Token string }
	v.post("/conversations", map[string]any{"customer": map[string]string{"name": "对照顾客"}}, &ticket)
	v.token = ticket.Token
	v.say(ticket.ID, "转人工")
	v.say(ticket.ID, "直接转人工")
	var list struct{ Tickets []struct{ ID string } }
	v.desk(http.MethodGet, "/tickets", nil, &list)
	if len(list.Tickets) != 1 {
		t.Fatalf("tickets %+v", list)
	}
	v.desk(http.MethodPost, "/tickets/"+list.Tickets[0].ID+"/claim", map[string]string{}, nil)
	for _, card := range cardSpellings() {
		v.bring(ticket.ID, list.Tickets[0].ID, card)
	}
	if code := s.stop(); code != exitOK {
		t.Fatalf("serve: exit code %d\n%s", code, s.log)
	}
	all := kept() + s.log.String()
	if !strings.Contains(all, "对照顾客") {
		t.Error("what is known to be there is not found")
	}
	for _, card := range cardSpellings() {
		quoted := strings.Trim(strconv.Quote(card), `"`)
		for _, form := range []string{card, quoted, strings.ReplaceAll(card, `"`, `""`)} {
			if at := strings.Index(all, form); at >= 0 {
				t.Errorf("%q is kept: %q", card, all[max(0, at-80):min(len(all), at+80)])
				break
			}
		}
	}
}

// visitor brings things in, and minds no refusal.
type visitor struct {
	t     *testing.T
	s     *running
	token string // of the conversation
	key   string // of an agent
	said  int
}

// bring brings a text in by every way.
func (v *visitor) bring(conversation, ticket, card string) {
	for _, customer := range []map[string]string{{"id": card}, {"id": "u" + card}, {"name": card}, {"name": "老陈" + card}} {
		v.post("/conversations", map[string]any{"customer": customer}, nil)
	}
	for _, slot := range kb.Slots() {
		v.post("/conversations", map[string]any{"device": map[string]string{string(slot): card}}, nil)
	}
	v.post("/conversations", map[string]any{"channel": card}, nil)
	v.say(conversation, card)
	v.say(conversation, "我的卡是"+card+"，刷不了")
	v.post("/conversations/"+conversation+"/messages", map[string]string{"client_id": card, "text": "在吗"}, nil)
	v.post("/conversations/"+conversation+"/feedback", map[string]any{"message": card, "helpful": true}, nil)
	v.post("/feedback", map[string]any{"article": card, "helpful": true}, nil)
	v.upload("/conversations/"+conversation+"/attachments", card)
	v.post("/ask", map[string]string{"question": card}, nil)
	for _, act := range []map[string]string{{"text": card}, {"text": "好", "client_id": card}} {
		v.desk(http.MethodPost, "/tickets/"+ticket+"/reply", act, nil)
	}
	v.desk(http.MethodPost, "/tickets/"+ticket+"/note", map[string]string{"text": "顾客说" + card}, nil)
	v.desk(http.MethodPost, "/tickets/"+ticket+"/transfer", map[string]string{"to": card}, nil)
	v.desk(http.MethodGet, "/tickets?holder="+strings.ReplaceAll(card, " ", "+"), nil, nil)
	v.get("/search?q=" + strings.ReplaceAll(card, " ", "+"))
}

func (v *visitor) say(conversation, text string) {
	v.said++
	v.post("/conversations/"+conversation+"/messages", map[string]string{"client_id": fmt.Sprint("m", v.said), "text": text}, nil)
}

func (v *visitor) post(path string, in, out any) { v.call(http.MethodPost, path, v.token, in, out) }

func (v *visitor) get(path string) { v.call(http.MethodGet, path, v.token, nil, nil) }

func (v *visitor) desk(method, path string, in, out any) {
	v.call(method, "/desk"+path, v.key, in, out)
}

func (v *visitor) call(method, path, token string, in, out any) {
	v.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		v.t.Fatal(err)
	}
	v.send(method, path, token, "application/json", body, out)
}

func (v *visitor) upload(path, name string) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("client_id", name)
	file, err := w.CreateFormFile("file", name+".png")
	if err != nil {
		v.t.Fatal(err)
	}
	_, _ = file.Write([]byte("no picture " + name))
	_ = w.Close()
	v.send(http.MethodPost, path, v.token, w.FormDataContentType(), form.Bytes(), nil)
}

func (v *visitor) send(method, path, token, kind string, body []byte, out any) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.s.url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return // the path is none: nothing comes in
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := v.s.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	data, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode >= http.StatusInternalServerError {
		v.t.Fatalf("%s %s: %s, %v: %s", method, path, res.Status, err, data)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			v.t.Fatalf("%s %s: %v: %s", method, path, err, data)
		}
	}
}

func runKey(t *testing.T, args []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	term := terminal{strings.NewReader(""), &out, &errs, func(string) string { return "" }, node.OpenStore}
	if code := execute(t.Context(), term, args); code != exitOK {
		t.Fatalf("%q: exit code %d: %s", args, code, errs.String())
	}
	return strings.TrimSpace(out.String())
}

package wechat

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	syncTokenLasts = 10 * time.Minute
	logLasts       = 3 * 24 * time.Hour // how long sync_msg hands a message out
	maxPage        = 1000
	bareSyncs      = 6 // calls of sync_msg a minute without the token of a callback: "strictly limited", by how much is not told
)

// entry is one message or event that sync_msg hands out.
type entry struct {
	at   time.Time
	desk *Desk
	item map[string]any
}

// enter adds what happened to the corp's log and returns its msgid. It is called with the lock held.
func (e *Enterprise) enter(d *Desk, c *Customer, origin int, kind string, body map[string]any) string {
	now := e.server.cfg.Now()
	id := "from_msgid_" + strconv.FormatInt(4_622_416_642_169_452_000+e.server.number(), 10)
	item := map[string]any{"msgid": id, "send_time": now.Unix(), "origin": origin, "msgtype": kind, kind: body}
	if kind != "event" {
		item["open_kfid"], item["external_userid"] = d.id, c.id
	}
	e.log = append(e.log, entry{at: now, desk: d, item: item})
	e.server.change()
	return id
}

// sync is POST /cgi-bin/kf/sync_msg.
func (s *Server) sync(q *query) (any, error) {
	var in struct {
		Cursor      string `json:"cursor"`
		Token       string `json:"token"`
		Limit       uint   `json:"limit"`
		VoiceFormat uint   `json:"voice_format"`
		OpenKfID    string `json:"open_kfid"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	e := q.corp
	from, err := e.position(in.Cursor)
	switch {
	case err != nil:
		return nil, err
	case in.Limit > maxPage, in.VoiceFormat > 1, len(in.Token) > 128:
		return nil, refuse(40058, "limit is at most %d, voice_format 0 or 1, token at most 128 bytes", maxPage)
	case in.OpenKfID != "" && e.desk(in.OpenKfID) == nil:
		return nil, refuse(95000, "")
	}
	if err := e.mayPull(in.Token); err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = maxPage
	}
	if e.empty > 0 {
		e.empty--
		return syncPage(from, 1, []map[string]any{}), nil
	}
	items, next := []map[string]any{}, from
	for next < len(e.log) && uint(len(items)) < in.Limit {
		if l := e.log[next]; s.cfg.Now().Sub(l.at) < logLasts && (in.OpenKfID == "" || l.desk.id == in.OpenKfID) {
			items = append(items, l.item)
		}
		next++
	}
	more := 0
	if next < len(e.log) {
		more = 1
	}
	return syncPage(next, more, items), nil
}

// mayPull checks the token of a callback; without one only a few calls a minute are let through.
func (e *Enterprise) mayPull(token string) error {
	now := e.server.cfg.Now()
	if token != "" {
		if until, known := e.syncs[token]; !known || !now.Before(until) {
			return refuse(95007, "it is unknown, or ten minutes are over")
		}
		return nil
	}
	e.bare = since(e.bare, now.Add(-time.Minute))
	if len(e.bare) >= bareSyncs {
		return refuse(45009, "sync_msg without a token is strictly limited")
	}
	e.bare = append(e.bare, now)
	return nil
}

// since drops the times that are not after the first one.
func since(times []time.Time, first time.Time) []time.Time {
	for len(times) > 0 && !times[0].After(first) {
		times = times[1:]
	}
	return times
}

func syncPage(next, more int, items []map[string]any) map[string]any {
	return map[string]any{"errcode": 0, "errmsg": "ok", "next_cursor": cursor(next), "has_more": more, "msg_list": items}
}

// cursor is a place in the log, in a form that nobody takes for a number: at most 64 bytes.
func cursor(place int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("4gw7 " + strconv.Itoa(place)))
}

// position reads a cursor.
func (e *Enterprise) position(c string) (int, error) {
	if c == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(c)
	digits, ours := strings.CutPrefix(string(raw), "4gw7 ")
	place, bad := strconv.Atoi(digits)
	if err != nil || !ours || bad != nil || place < 0 || place > len(e.log) || len(c) > 64 {
		return 0, refuse(40058, "the cursor is none of this corp")
	}
	return place, nil
}

// Before returns the msgids of what customers said before a cursor, for who looks whether all of that was kept.
func (e *Enterprise) Before(at string) (ids []string, err error) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	place, err := e.position(at)
	if err != nil {
		return nil, err
	}
	for _, l := range e.log[:place] {
		if l.item["origin"] == 3 {
			ids = append(ids, fmt.Sprint(l.item["msgid"]))
		}
	}
	return ids, nil
}

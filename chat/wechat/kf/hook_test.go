package kf

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/internal/standin/wechat"
)

const callback = `<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><CreateTime>1</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
	`<Event><![CDATA[%s]]></Event><Token><![CDATA[ENCtoken]]></Token><OpenKfId><![CDATA[%s]]></OpenKfId></xml>`

func TestHandshake(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		if err := s.corp.Handshake(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestHookRefuses(t *testing.T) {
	tests := []struct {
		name   string
		event  string // in the callback
		change func(r *http.Request)
		want   int
		wakes  bool
	}{
		{"genuine", "kf_msg_or_event", func(*http.Request) {}, 200, true},
		{"another event", "change_contact", func(*http.Request) {}, 200, false},
		{"no signature", "kf_msg_or_event", func(r *http.Request) { r.URL.RawQuery = "" }, 403, false},
		{"another time", "kf_msg_or_event", func(r *http.Request) {
			q := r.URL.Query()
			q.Set("timestamp", "1")
			r.URL.RawQuery = q.Encode()
		}, 403, false},
		{"another body", "kf_msg_or_event", func(r *http.Request) { put(r, "<xml><Encrypt>AAAA</Encrypt></xml>") }, 403, false},
		{"plain", "kf_msg_or_event", func(r *http.Request) { put(r, fmt.Sprintf(callback, "kf_msg_or_event", openKfID)) }, 403, false},
		{"no XML", "kf_msg_or_event", func(r *http.Request) { put(r, `{"a":1}`) }, 400, false},
		{"a large one", "kf_msg_or_event", func(r *http.Request) { put(r, "<xml>"+strings.Repeat("a", maxCallback)+"</xml>") }, 413, false},
		{"another method", "kf_msg_or_event", func(r *http.Request) { r.Method = http.MethodPut }, 405, false},
		{"a handshake without an echo", "kf_msg_or_event", func(r *http.Request) { r.Method = http.MethodGet }, 403, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, s *shop) {
				r, err := s.corp.Request(t.Context(), fmt.Appendf(nil, callback, tt.event, openKfID))
				if err != nil {
					t.Fatal(err)
				}
				tt.change(r)
				before := len(s.host.Calls(syncMsg))
				w := httptest.NewRecorder()
				h, _ := s.channel.Hook("shop")
				h.ServeHTTP(w, r)
				synctest.Wait()
				woken := len(s.host.Calls(syncMsg)) > before
				if w.Code != tt.want || woken != tt.wakes || strings.Contains(w.Body.String(), "SECRET") {
					t.Errorf("status %d, woken %v: %s", w.Code, woken, w.Body)
				}
			})
		})
	}
}

// TestHookOfAnother: a callback of a corporation that has our token and key by chance, or by theft, is refused.
func TestHookOfAnother(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		other, err := s.host.AddCorp(wechat.Corp{ID: "ww9999999999999999", Secret: "s", Token: token, AESKey: aesKey, Hook: hookURL})
		if err != nil {
			t.Fatal(err)
		}
		d := other.AddDesk(openKfID, "").Customer("wm1", "").Say(t.Context(), "押金")
		if d.OK() || d.Attempts[0].Status != http.StatusForbidden {
			t.Errorf("the callback: %+v", d)
		}
		if _, ok := s.channel.Hook("another"); ok {
			t.Error("there is a hook of an account that is none")
		}
	})
}

// put replaces a request's body.
func put(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

// FuzzCallback: whatever is posted, also by somebody who has the secrets, there is an answer and no panic.
func FuzzCallback(f *testing.F) {
	box := chattest.NewOutbox(time.Now)
	inbox := chattest.NewInbox(box)
	c, err := New(Config{
		Accounts: []Account{{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey, OpenKfs: []string{openKfID}}},
		Inbox:    inbox, KV: inbox, Outbox: box, Pictures: inbox, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		f.Fatal(err)
	}
	h, _ := c.Hook("shop")
	e, err := envelope.New(token, aesKey, corpID)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("msg_signature=a&timestamp=1&nonce=2", []byte("<xml><Encrypt>AAAA</Encrypt></xml>"), false)
	f.Add("", fmt.Appendf(nil, callback, "kf_msg_or_event", openKfID), true)
	f.Add("", fmt.Appendf(nil, callback, "kf_msg_or_event", "another/../desk"), true)
	f.Add("", []byte("<xml"), true)
	f.Fuzz(func(t *testing.T, query string, body []byte, sealed bool) {
		if sealed {
			raw, err := e.Seal(body, time.Unix(1, 0), "2", [16]byte{})
			if err != nil {
				t.Fatal(err)
			}
			text, err := envelope.ParseCipherText(raw)
			if err != nil {
				t.Fatal(err)
			}
			body = raw
			query = "timestamp=1&nonce=2&msg_signature=" + envelope.Sign(token, "1", "2", text)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/wechat-kf/shop", bytes.NewReader(body))
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 && w.Code != 403 && w.Code != 413 {
			t.Errorf("status %d", w.Code)
		}
		if len(c.readers) != 1 {
			t.Errorf("%d logs are read", len(c.readers))
		}
	})
}

// FuzzSync: whatever the host answers, there is no panic, and what is kept belongs to the account.
func FuzzSync(f *testing.F) {
	f.Add([]byte(`{"errcode":0,"next_cursor":"c","has_more":0,"msg_list":[{"msgid":"m1","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"押金","menu_id":"1"}}]}`))
	f.Add([]byte(`{"msg_list":[{"msgid":"m2","send_time":4000000000,"origin":4,"msgtype":"event","event":{"event_type":"enter_session","open_kfid":"` + openKfID + `","external_userid":"wm1","scene":"sn_N5300012345","welcome_code":"c"}}]}`))
	f.Add([]byte(`{"msg_list":[{"msgid":"m3","send_time":4000000000,"origin":4,"msgtype":"event","event":{"event_type":"msg_send_fail","open_kfid":"` + openKfID + `","external_userid":"wm1","fail_msgid":"yd_1_0_1","fail_type":4}}]}`))
	f.Add([]byte(`{"msg_list":[null,1,"a",[],{},{"msgid":"m4","msgtype":"msgtype","origin":3,"send_time":-1}]}`))
	f.Add([]byte(`{"msg_list":[{"msgid":"m5","send_time":4000000000,"origin":3,"msgtype":"location","open_kfid":"` + openKfID + `","external_userid":"wm1","location":{"name":7}}]}`))
	f.Add([]byte(`{"has_more":1}`))
	f.Add([]byte(`{"has_more":1,"next_cursor":"c","msg_list":[{"msgid":"m6","send_time":"soon","origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":7}}]}`))
	f.Add([]byte("{\"msg_list\":[{\"msgid\":\"m7\",\"origin\":3,\"msgtype\":\"merged_msg\",\"open_kfid\":\"" + openKfID + "\",\"external_userid\":\"wm1\",\"merged_msg\":{\"title\":\"a\x01\",\"item\":[{\"msgtype\":\"text\",\"msg_content\":\"{\"}]}}]}"))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		synctest.Test(t, func(t *testing.T) {
			box := chattest.NewOutbox(time.Now)
			inbox := chattest.NewInbox(box)
			host := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/cgi-bin/gettoken":
					_, _ = io.WriteString(w, `{"errcode":0,"access_token":"t","expires_in":7200}`)
				case syncMsg:
					_, _ = w.Write(answer)
				default:
					_, _ = io.WriteString(w, `{"errcode":40007}`)
				}
			})
			c, err := New(Config{
				Accounts: []Account{{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey, OpenKfs: []string{openKfID}}},
				Inbox:    inbox, KV: inbox, Outbox: box, Pictures: inbox, Transport: network{wechat.Direct(host)},
				Log: slog.New(slog.DiscardHandler), Now: time.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = c.readers["shop/"+openKfID].readNew(t.Context()) // it may fail
			for _, m := range inbox.Messages() {
				if m.ExternalID == "" || m.Channel != Name || m.At.IsZero() {
					t.Errorf("kept %+v", m)
				}
			}
		})
	})
}

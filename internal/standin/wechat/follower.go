package wechat

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Apology is what a follower reads when the hook gave no good answer.
const Apology = "该公众号提供的服务出现故障，请稍后再试"

// Follower is a person before an official account. Seen, Chat, Wait and Typing tell what the telephone shows.
//
// Each action pushes what the platform would push, and returns when an answer was taken or the last attempt failed.
type Follower struct {
	chat
	account   *OfficialAccount
	openID    string
	following bool
	since     time.Time
	quota     quota
}

// Follower returns the person with this openid, who does not follow the account until Subscribe.
func (a *OfficialAccount) Follower(openID string) *Follower {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	f := a.followers[openID]
	if f == nil {
		f = &Follower{chat: chat{server: a.server}, account: a, openID: openID}
		a.followers[openID] = f
		a.order = append(a.order, f)
		a.server.change()
	}
	return f
}

// OpenID returns the follower's openid.
func (f *Follower) OpenID() string { return f.openID }

// Subscribe follows the account: found by search when scene is "", else by a QR code with this scene.
func (f *Follower) Subscribe(ctx context.Context, scene string) Delivery {
	f.server.mu.Lock()
	f.following, f.since = true, f.server.cfg.Now()
	f.quota.act(f.server.cfg.Now())
	f.server.mu.Unlock()
	if scene == "" {
		return f.event(ctx, "关注公众号", "subscribe", cdata("EventKey", ""))
	}
	return f.event(ctx, "扫码关注公众号", "subscribe", cdata("EventKey", "qrscene_"+scene)+cdata("Ticket", f.ticket()))
}

// Join has the person follow the account from now on without a push, as if that had been long ago.
func (f *Follower) Join() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.following, f.since = true, f.server.cfg.Now()
}

// Unsubscribe leaves the account. Nobody sees what is answered.
func (f *Follower) Unsubscribe(ctx context.Context) Delivery {
	f.server.mu.Lock()
	f.following, f.quota = false, quota{}
	f.server.mu.Unlock()
	return f.event(ctx, "取消关注", "unsubscribe", cdata("EventKey", ""))
}

// Scan scans a QR code of the account with this scene; one who does not follow yet does by that.
func (f *Follower) Scan(ctx context.Context, scene string) Delivery {
	if !f.Following() {
		return f.Subscribe(ctx, scene)
	}
	f.act()
	return f.event(ctx, "扫描二维码 "+scene, "SCAN", cdata("EventKey", scene)+cdata("Ticket", f.ticket()))
}

// Click taps an item of the account's own menu that has a key.
func (f *Follower) Click(ctx context.Context, key string) Delivery {
	f.act()
	return f.event(ctx, "点击菜单 "+key, "CLICK", cdata("EventKey", key))
}

// View taps an item of the account's own menu that opens a page.
func (f *Follower) View(ctx context.Context, url string) Delivery {
	return f.event(ctx, "打开网页 "+url, "VIEW", cdata("EventKey", url)+cdata("MenuId", "461036523"))
}

// Report tells the account where the follower is, as happens when a chat is opened: the LOCATION event.
func (f *Follower) Report(ctx context.Context, latitude, longitude, precision float64) Delivery {
	return f.event(ctx, "上报地理位置", "LOCATION", number("Latitude", latitude)+number("Longitude", longitude)+number("Precision", precision))
}

// Following says whether the person follows the account.
func (f *Follower) Following() bool {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	return f.following
}

// Left returns how many messages the account may send by itself now, until the follower does something again.
func (f *Follower) Left() int {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	return f.quota.left(f.server.cfg.Now())
}

// act grants what a tap or a scan grants.
func (f *Follower) act() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if f.following {
		f.quota.act(f.server.cfg.Now())
	}
}

func (f *Follower) ticket() string { return "gQ" + f.server.word(94) }

// event pushes an event. A word on what was done stands in the follower's own chat.
func (f *Follower) event(ctx context.Context, done, event, fields string) Delivery {
	leaves := event == "unsubscribe"
	if !leaves && !f.Following() {
		return Delivery{Fault: stranger}
	}
	return f.say(ctx, "", Bubble{Type: "event", Text: done}, "event", cdata("Event", event)+fields, !leaves)
}

// stranger is the fault of who does something before an account that they do not follow.
const stranger = "the person does not follow the account and can do nothing there"

// say pushes what the follower did and shows what came of it. An id of "" is an event.
func (f *Follower) say(ctx context.Context, id string, own Bubble, kind, fields string, sees bool) Delivery {
	f.server.mu.Lock()
	own.Via = Own
	own.ID = id
	f.show(own)
	repeat := f.account.repeat
	f.server.mu.Unlock()
	p, err := f.account.push(f.openID, f.message(id, kind, fields))
	if err != nil {
		return Delivery{ID: id, Fault: err.Error()}
	}
	return f.settle(ctx, id, p, repeat, sees)
}

// settle delivers a push and shows what came of it.
func (f *Follower) settle(ctx context.Context, id string, p push, repeat int, sees bool) Delivery {
	attempts, reply, err := f.server.copies(ctx, p, repeat)
	d := Delivery{ID: id, Attempts: attempts}
	if err != nil {
		d.Fault = err.Error()
		f.server.cfg.Log.WarnContext(ctx, "the hook gave no good answer", "account", f.account.cfg.AppID, "attempts", len(attempts), "fault", d.Fault)
		reply = &Bubble{Via: Platform, Type: "text", Text: Apology}
	}
	if reply == nil || !sees {
		return d
	}
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	reply.At = f.server.cfg.Now()
	f.show(*reply)
	d.Seen = []Bubble{*reply}
	return d
}

// message returns the XML document of a push. Messages have an id, events have none.
func (f *Follower) message(id, kind, fields string) []byte {
	var b strings.Builder
	b.WriteString("<xml>" + cdata("ToUserName", f.account.cfg.OriginalID) + cdata("FromUserName", f.openID))
	b.WriteString("<CreateTime>" + strconv.FormatInt(f.server.cfg.Now().Unix(), 10) + "</CreateTime>")
	b.WriteString(cdata("MsgType", kind) + fields)
	if id != "" {
		b.WriteString("<MsgId>" + id + "</MsgId>")
	}
	b.WriteString("</xml>")
	return []byte(b.String())
}

// cdata returns an element whose text is in a CDATA section, as the platform writes strings.
func cdata(name, text string) string {
	return "<" + name + "><![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">"
}

// number returns an element that holds a number.
func number(name string, n float64) string {
	return "<" + name + ">" + strconv.FormatFloat(n, 'f', 6, 64) + "</" + name + ">"
}

package wechat

import (
	"context"
	"slices"
	"time"
)

// State is who holds a session of 微信客服 (service_state).
type State int

// The states of a session.
const (
	Fresh  State = iota // 0 新接入待处理
	Bot                 // 1 由智能助手接待
	Pool                // 2 待接入池排队中
	Human               // 3 由人工接待
	Closed              // 4 已结束或未开始
)

// Desk is an account of 微信客服 (客服帐号).
type Desk struct {
	corp      *Enterprise
	id, name  string
	servicers []string
	customers []*Customer
}

// AddDesk adds an account of 微信客服 with people who may take its sessions over.
func (e *Enterprise) AddDesk(openKfID, name string, servicers ...string) *Desk {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	d := &Desk{corp: e, id: openKfID, name: name, servicers: servicers}
	e.desks = append(e.desks, d)
	e.server.change()
	return d
}

// desk returns the account with this id, or nil. It is called with the lock held.
func (e *Enterprise) desk(id string) *Desk {
	for _, d := range e.desks {
		if d.id == id {
			return d
		}
	}
	return nil
}

// ID returns the open_kfid.
func (d *Desk) ID() string { return d.id }

// Customer is a person who writes to a Desk from WeChat. Seen, Chat and Wait tell what the telephone shows.
//
// Each action enters what the platform would hand out by sync_msg, pushes the callback, and returns when it was
// answered or the last attempt failed.
type Customer struct {
	chat
	desk     *Desk
	id, name string
	state    State
	servicer string
	sends    allowance
	welcomed time.Time // when a welcome was sent last
	spoke    time.Time // when the customer said something last
	failing  int       // the fail_type of what is sent; 0: it arrives
}

// Customer returns the person with this external_userid before the desk.
func (d *Desk) Customer(externalUserID, name string) *Customer {
	d.corp.server.mu.Lock()
	defer d.corp.server.mu.Unlock()
	if c := d.customer(externalUserID); c != nil {
		return c
	}
	c := &Customer{chat: chat{server: d.corp.server}, desk: d, id: externalUserID, name: name, state: Closed}
	d.customers = append(d.customers, c)
	d.corp.people[externalUserID] = &person{externalUserID, name}
	d.corp.server.change()
	return c
}

// customer returns the person with this id, or nil. It is called with the lock held.
func (d *Desk) customer(id string) *Customer {
	i := slices.IndexFunc(d.customers, func(c *Customer) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return d.customers[i]
}

// ID returns the external_userid.
func (c *Customer) ID() string { return c.id }

// State returns who holds the session.
func (c *Customer) State() State {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.state
}

// Left returns how many messages may be sent to the customer now, until they say something again.
func (c *Customer) Left() int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.sends.now(c.server.cfg.Now())
}

// Fail has everything that is sent to the customer from now on be taken by the API and not arrive, which the event
// msg_send_fail then tells: 4 over 48 hours, 6 over 5 messages, 10 refused by the customer. 0: it arrives again.
func (c *Customer) Fail(failType int) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.failing = failType
}

// Enter opens the chat, by a link with this scene. The event carries a welcome_code when the customer got no welcome
// and said nothing within the last 48 hours.
func (c *Customer) Enter(ctx context.Context, scene string) Delivery {
	c.server.mu.Lock()
	now := c.server.cfg.Now()
	event := map[string]any{"event_type": "enter_session", "open_kfid": c.desk.id, "external_userid": c.id, "scene": scene, "scene_param": ""}
	if now.Sub(c.welcomed) >= messageLasts && now.Sub(c.spoke) >= messageLasts {
		event["welcome_code"] = c.desk.corp.code(c, "welcome", welcomeLasts, -1)
	}
	c.show(Bubble{Via: Own, Type: "event", Text: "进入会话"})
	id := c.desk.corp.enter(c.desk, c, 4, "event", event)
	c.server.mu.Unlock()
	return c.desk.corp.notify(ctx, c.desk, id)
}

// Say sends a text.
func (c *Customer) Say(ctx context.Context, text string) Delivery {
	return c.tell(ctx, Bubble{Type: "text", Text: text}, map[string]any{"content": text})
}

// Choose taps an item of a menu message: its text is said, with its id.
func (c *Customer) Choose(ctx context.Context, id, text string) Delivery {
	return c.tell(ctx, Bubble{Type: "text", Text: text}, map[string]any{"content": text, "menu_id": id})
}

// SendImage sends a picture.
func (c *Customer) SendImage(ctx context.Context, picture []byte) Delivery {
	return c.send(ctx, "image", "", picture)
}

// SendVoice sends a voice message of the format amr.
func (c *Customer) SendVoice(ctx context.Context, sound []byte) Delivery {
	return c.send(ctx, "voice", "voice.amr", sound)
}

// SendVideo sends a video.
func (c *Customer) SendVideo(ctx context.Context, video []byte) Delivery {
	return c.send(ctx, "video", "video.mp4", video)
}

// SendFile sends a file with its name.
func (c *Customer) SendFile(ctx context.Context, name string, data []byte) Delivery {
	return c.send(ctx, "file", name, data)
}

// SendLocation sends a place on the map.
func (c *Customer) SendLocation(ctx context.Context, latitude, longitude float64, name, address string) Delivery {
	return c.tell(ctx, Bubble{Type: "location", Text: name},
		map[string]any{"latitude": latitude, "longitude": longitude, "name": name, "address": address})
}

// SendLink shares a link.
func (c *Customer) SendLink(ctx context.Context, title, description, url string) Delivery {
	return c.tell(ctx, Bubble{Type: "link", Text: title},
		map[string]any{"title": title, "desc": description, "url": url, "pic_url": ""})
}

// Recall takes back the message of an id, as a customer may for two minutes, which the event user_recall_msg tells.
func (c *Customer) Recall(ctx context.Context, msgID string) Delivery {
	c.server.mu.Lock()
	id := c.desk.corp.enter(c.desk, c, 4, "event", map[string]any{
		"event_type": "user_recall_msg", "open_kfid": c.desk.id, "external_userid": c.id, "recall_msgid": msgID,
	})
	c.show(Bubble{Via: Own, Type: "event", Text: "撤回了一条消息"})
	c.server.mu.Unlock()
	return c.desk.corp.notify(ctx, c.desk, id)
}

func (c *Customer) send(ctx context.Context, kind, name string, data []byte) Delivery {
	m := c.server.store(c.desk.corp, kind, name, data)
	return c.tell(ctx, Bubble{Type: kind, Text: placeholder(kind), MediaID: m.id}, map[string]any{"media_id": m.id})
}

// tell enters what the customer says. It opens a session that was over, and grants 5 sends for 48 hours.
func (c *Customer) tell(ctx context.Context, own Bubble, body map[string]any) Delivery {
	c.server.mu.Lock()
	now := c.server.cfg.Now()
	c.spoke, c.sends = now, allowance{afterMessage, now.Add(messageLasts)}
	if c.state == Closed {
		c.state = Fresh
	}
	own.Via, own.ID = Own, c.desk.corp.enter(c.desk, c, 3, own.Type, body)
	c.show(own)
	c.server.mu.Unlock()
	return c.desk.corp.notify(ctx, c.desk, own.ID)
}

// Answer has a person at WeCom say something to the customer, which sync_msg hands out with origin 5.
func (c *Customer) Answer(ctx context.Context, servicer, text string) Delivery {
	c.server.mu.Lock()
	c.state, c.servicer = Human, servicer
	id := c.desk.corp.enter(c.desk, c, 5, "text", map[string]any{"content": text})
	c.desk.corp.log[len(c.desk.corp.log)-1].item["servicer_userid"] = servicer
	c.show(Bubble{ID: id, Via: Servicer, Type: "text", Text: text})
	c.server.mu.Unlock()
	return c.desk.corp.notify(ctx, c.desk, id)
}

// Transfer moves the session by hand at WeCom, which the event session_status_change tells: a person takes it from
// the pool (1), it goes to another person (2), or it is closed (3).
func (c *Customer) Transfer(ctx context.Context, changeType int, servicer string) Delivery {
	c.server.mu.Lock()
	event := map[string]any{
		"event_type": "session_status_change", "open_kfid": c.desk.id, "external_userid": c.id, "change_type": changeType,
	}
	if changeType != 1 {
		event["old_servicer_userid"] = c.servicer
	}
	if changeType != 3 {
		event["new_servicer_userid"] = servicer
	}
	c.state, c.servicer = Human, servicer
	if changeType == 3 {
		c.state, c.servicer = Closed, ""
		event["msg_code"] = c.desk.corp.code(c, "closed", welcomeLasts, Closed)
	}
	id := c.desk.corp.enter(c.desk, c, 4, "event", event)
	c.server.mu.Unlock()
	return c.desk.corp.notify(ctx, c.desk, id)
}

// Status tells that a person at WeCom begins (1) or ends (2) to take sessions: the event servicer_status_change.
func (d *Desk) Status(ctx context.Context, servicer string, status int) Delivery {
	d.corp.server.mu.Lock()
	event := map[string]any{"event_type": "servicer_status_change", "servicer_userid": servicer, "status": status, "open_kfid": d.id}
	id := d.corp.enter(d, nil, 4, "event", event)
	d.corp.server.mu.Unlock()
	return d.corp.notify(ctx, d, id)
}

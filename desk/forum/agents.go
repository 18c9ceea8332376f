package forum

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
)

// Agents of the group have desk.RoleAgent. They are called by their first name and the end of their id, and keep the
// name that they had first: it is theirs at the desk.

// authorOf is who wrote a message; ok is false where nobody did that may act: a bot, a channel.
func (f *Forum) authorOf(ctx context.Context, g group, m *telegram.Message) (by desk.Agent, ok bool, err error) {
	switch {
	case m.SenderChat != nil && m.SenderChat.ID == g.chatID: // an administrator who stays anonymous
		by, err = f.findAgent(ctx, m.SenderChat.ID, "匿名管理员", "")
	case m.SenderChat != nil, m.From == nil, m.From.IsBot:
		return by, false, nil
	default:
		by, err = f.findAgent(ctx, m.From.ID, m.From.FirstName, m.From.UserName)
	}
	return by, err == nil, err
}

// findAgent is the agent of a Telegram id.
func (f *Forum) findAgent(ctx context.Context, id int64, firstName, username string) (desk.Agent, error) {
	value, err := f.KV.GetKV(ctx, agentKey(id))
	if errors.Is(err, chat.ErrNotFound) {
		value, err = f.registerName(ctx, id, firstName)
	}
	if err != nil {
		return desk.Agent{}, err
	}
	by := desk.Agent{Name: string(value), Role: desk.RoleAgent}
	return by, f.setUsername(ctx, username, by.Name)
}

// registerName gives somebody a name that nobody else has.
func (f *Forum) registerName(ctx context.Context, id int64, firstName string) ([]byte, error) {
	number := strconv.FormatInt(max(id, -id), 10)
	firstName = cmp.Or(oneLine(strings.ReplaceAll(firstName, "#", ""), maxFirstName), "客服")
	for digits := 4; ; digits = len(number) {
		name := firstName + "#" + number[max(0, len(number)-digits):]
		owner, err := f.KV.ClaimKV(ctx, chat.KV{Key: nameKey(name), Value: []byte(number)})
		if err != nil {
			return nil, err
		}
		if string(owner) == number {
			return f.KV.ClaimKV(ctx, chat.KV{Key: agentKey(id), Value: []byte(name)})
		}
		if digits >= len(number) {
			return nil, fmt.Errorf("the name %q of member %d of the group is taken by %s", name, id, owner)
		}
	}
}

// maxFirstName is how many runes a first name has in an agent's.
const maxFirstName = 20

// setUsername keeps whom @username means.
func (f *Forum) setUsername(ctx context.Context, username, name string) error {
	if username == "" {
		return nil
	}
	value, err := f.KV.GetKV(ctx, usernameKey(username))
	if err == nil && string(value) == name {
		return nil
	}
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	return f.KV.SetKV(ctx, chat.KV{Key: usernameKey(username), Value: []byte(name)})
}

// FindAgent is an agent of a group who has written there; chat.ErrNotFound. desk.Config.FindAgent asks it besides,
// so that tickets may be transferred to them.
func FindAgent(ctx context.Context, kv chat.KVStore, name string) (desk.Agent, error) {
	if _, err := kv.GetKV(ctx, nameKey(name)); err != nil {
		return desk.Agent{}, fmt.Errorf("agent %q: %w", name, err)
	}
	return desk.Agent{Name: name, Role: desk.RoleAgent}, nil
}

// mention is an agent's name as HTML, which tells him if he is in the group.
func (f *Forum) mention(ctx context.Context, name string) (html string, err error) {
	html = "<b>" + telegram.Escape(oneLine(name, maxName)) + "</b>"
	id, err := f.KV.GetKV(ctx, nameKey(name))
	if errors.Is(err, chat.ErrNotFound) {
		return html, nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`<a href="tg://user?id=%s">%s</a>`, id, html), nil
}

// resolveName is whom an agent means who names somebody: @username, or a name at the desk.
func (f *Forum) resolveName(ctx context.Context, text string) (string, error) {
	username, ok := strings.CutPrefix(text, "@")
	if !ok {
		return text, nil
	}
	name, err := f.KV.GetKV(ctx, usernameKey(username))
	if errors.Is(err, chat.ErrNotFound) {
		return text, nil // the desk says that there is nobody of this name
	}
	return string(name), err
}

// Names hold for all groups of an installation.

func agentKey(id int64) string   { return "telegram/desk-agent/" + strconv.FormatInt(id, 10) }
func nameKey(name string) string { return "telegram/desk-name/" + name }
func usernameKey(username string) string {
	return "telegram/desk-user/" + strings.ToLower(username)
}

// agentMessage is what an agent wrote in the group.
type agentMessage struct {
	f *Forum
	group
	message      *telegram.Message
	edit         int // the update that told of its edit; 0 for a new message
	by           desk.Agent
	command      command
	conversation string // whose topic it is in; "" for General and for the agents' own topics
	ticket       string // the id of its newest ticket
}

// clientID is the id at the desk of what the message says now.
func (m *agentMessage) clientID() string { return m.group.clientID(m.message.MessageID, m.edit) }

// once does what the desk would do again for an update that comes again.
func (m *agentMessage) once(ctx context.Context, do func(context.Context) error) error {
	what := strconv.Itoa(m.message.MessageID)
	if m.edit != 0 {
		what += "/" + strconv.Itoa(m.edit)
	}
	done, err := m.f.isDone(ctx, m.group, what)
	if err != nil || done {
		return err
	}
	if err := do(ctx); err != nil {
		return m.explain(ctx, err)
	}
	return m.f.KV.SetKV(ctx, m.f.newKV(m.doneKey(what), true, "", keepDone))
}

// explain tells the agent what the desk refuses. Any other error makes the update come again.
func (m *agentMessage) explain(ctx context.Context, err error) error {
	refusal, ok := errors.AsType[*desk.Refusal](err)
	if !ok || errors.Is(err, chat.ErrBusy) {
		return err
	}
	return m.respond(ctx, "⚠️ "+telegram.Escape(refusalText(refusal)), nil)
}

// refusalText is what the desk refuses, and what mends it here: whoever is in the group may work on the ticket once it
// is theirs.
func refusalText(r *desk.Refusal) string {
	if errors.Is(r, chat.ErrForbidden) {
		return r.Text + "发 /" + string(verbClaim) + " 就由您接手。"
	}
	return r.Text
}

// respond answers the agent's message with HTML, and with buttons where there are any. What Telegram refuses for good
// is not tried again; what it wants later is.
func (m *agentMessage) respond(ctx context.Context, html string, k telegram.Keyboard) error {
	o := telegram.Options{Thread: m.message.Topic(), ReplyTo: m.message.MessageID, Keyboard: k}
	_, err := m.client.Send(ctx, m.chatID, html, o)
	if isRefused(err) {
		m.f.Log.WarnContext(ctx, "an agent could not be answered in the group", "account", m.account, "error", err)
		return nil
	}
	return err
}

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

// Agents of the group are desk.Workers. Those without a name of their own at the desk are called by their
// first name and the end of their id, and keep the name that they had first: it is theirs at the desk.

// author is who wrote a message; ok is false where nobody did that may act: a bot, a channel.
func (f *Forum) author(ctx context.Context, r room, m *telegram.Message) (by desk.Agent, ok bool, err error) {
	switch {
	case m.SenderChat != nil && m.SenderChat.ID == r.group: // an administrator who stays anonymous
		by, err = f.agent(ctx, m.SenderChat.ID, "匿名管理员", "")
	case m.SenderChat != nil, m.From == nil, m.From.IsBot:
		return by, false, nil
	default:
		by, err = f.agent(ctx, m.From.ID, m.From.FirstName, m.From.UserName)
	}
	return by, err == nil, err
}

// agent is the agent of a Telegram id.
func (f *Forum) agent(ctx context.Context, id int64, first, user string) (desk.Agent, error) {
	by := desk.Agent{Name: f.c.Agents[id], Role: desk.RoleAgent}
	if by.Name != "" {
		return by, nil
	}
	kept, err := f.c.Marks.GetKV(ctx, agentKey(id))
	if errors.Is(err, chat.ErrNotFound) {
		kept, err = f.christen(ctx, id, first)
	}
	if err != nil {
		return by, err
	}
	by.Name = string(kept)
	return by, f.addressed(ctx, user, by.Name)
}

// christen gives somebody a name that nobody else has.
func (f *Forum) christen(ctx context.Context, id int64, first string) ([]byte, error) {
	number := strconv.FormatInt(max(id, -id), 10)
	first = cmp.Or(plainLine(strings.ReplaceAll(first, "#", ""), maxFirst), "客服")
	for digits := 4; ; digits = len(number) {
		name := first + "#" + number[max(0, len(number)-digits):]
		owner, err := f.c.Marks.ClaimKV(ctx, chat.KV{Key: nameKey(name), Value: []byte(number)})
		if err != nil {
			return nil, err
		}
		if string(owner) == number {
			return f.c.Marks.ClaimKV(ctx, chat.KV{Key: agentKey(id), Value: []byte(name)})
		}
		if digits >= len(number) {
			return nil, fmt.Errorf("the name %q of a member of the group is taken", name)
		}
	}
}

// maxFirst is how many runes a first name has in an agent's.
const maxFirst = 20

// addressed remembers whom @user means.
func (f *Forum) addressed(ctx context.Context, user, name string) error {
	if user == "" {
		return nil
	}
	kept, err := f.c.Marks.GetKV(ctx, userKey(user))
	if err == nil && string(kept) == name {
		return nil
	}
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	return f.c.Marks.SetKV(ctx, chat.KV{Key: userKey(user), Value: []byte(name)})
}

// AgentNamed is an agent of a group who has written there; chat.ErrNotFound. A desk.Directory asks it besides,
// so that tickets may be transferred to them.
func AgentNamed(ctx context.Context, marks chat.KVStore, name string) (desk.Agent, error) {
	if _, err := marks.GetKV(ctx, nameKey(name)); err != nil {
		return desk.Agent{}, fmt.Errorf("agent %q: %w", name, err)
	}
	return desk.Agent{Name: name, Role: desk.RoleAgent}, nil
}

// nameOf is whom an agent means who names somebody: @user, or a name at the desk.
func (f *Forum) nameOf(ctx context.Context, text string) (string, error) {
	user, ok := strings.CutPrefix(text, "@")
	if !ok {
		return text, nil
	}
	name, err := f.c.Marks.GetKV(ctx, userKey(user))
	if errors.Is(err, chat.ErrNotFound) {
		return text, nil // the desk says that there is nobody of this name
	}
	return string(name), err
}

// Names hold for all groups of an installation.

func agentKey(id int64) string   { return "telegram/desk-agent/" + strconv.FormatInt(id, 10) }
func nameKey(name string) string { return "telegram/desk-name/" + name }
func userKey(user string) string { return "telegram/desk-user/" + strings.ToLower(user) }

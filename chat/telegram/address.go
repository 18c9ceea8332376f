package telegram

import (
	"fmt"
	"strconv"
	"strings"
)

// Address is where a customer is reached. In a private chat that is the chat. In a group everybody has
// a conversation of their own, in every topic: what a person tells of a terminal is theirs, and what the
// bot asks one of them no other answers by accident.
type Address struct {
	Chat   int64
	Thread int   // the topic; 0 for none
	User   int64 // who, in a group; 0 in a private chat
}

// String is the form that chat.Opening and chat.Sending have: "42", or "-1001/7/42" in a group.
func (a Address) String() string {
	if a.User == 0 {
		return strconv.FormatInt(a.Chat, 10)
	}
	return fmt.Sprintf("%d/%d/%d", a.Chat, a.Thread, a.User)
}

// ParseAddress reads an Address.
func ParseAddress(text string) (Address, error) {
	bad := func() (Address, error) { return Address{}, fmt.Errorf("%q is no address of Telegram's", text) }
	parts := strings.Split(text, "/")
	if len(parts) != 1 && len(parts) != 3 {
		return bad()
	}
	n := make([]int64, 3)
	for i, part := range parts {
		var err error
		if n[i], err = strconv.ParseInt(part, 10, 64); err != nil {
			return bad()
		}
	}
	a := Address{Chat: n[0], Thread: int(n[1]), User: n[2]}
	if a.Chat == 0 || a.String() != text {
		return bad()
	}
	return a, nil
}

// addressOf is where whoever said m is reached.
func addressOf(m *Message) Address {
	if m.Chat.IsPrivate() {
		return Address{Chat: m.Chat.ID}
	}
	return Address{Chat: m.Chat.ID, Thread: m.Topic(), User: m.From.ID}
}

// address is where whoever tapped the button is reached.
func (q *Callback) address() Address {
	if q.Message.Chat.IsPrivate() {
		return Address{Chat: q.Message.Chat.ID}
	}
	return Address{Chat: q.Message.Chat.ID, Thread: q.Message.Topic(), User: q.From.ID}
}

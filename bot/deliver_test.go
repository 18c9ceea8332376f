package bot_test

import (
	"context"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

// pushing gives a door what pushing channels need.
func (d *door) pushing() *chattest.Inbox {
	pictures := chattest.NewInbox(chattest.NewOutbox(monday))
	d.inbox.Conversations, d.inbox.Pictures = d.store, pictures
	d.inbox.Erase = func(ctx context.Context, id string) error {
		gone, err := d.store.Forget(ctx, id)
		if err == nil {
			err = pictures.Delete(gone.Attachments...)
		}
		return err
	}
	return pictures
}

// TestDeliver: a customer's messages are one conversation, a repeat changes nothing and leaves no picture
// behind, and whoever is forgotten begins anew.
func TestDeliver(t *testing.T) {
	d := openDoor(t)
	pictures := d.pushing()
	from := chat.OpenRequest{Channel: "telegram", Account: "shop", Address: "42", Customer: chat.Customer{ID: "42", Name: "王 13812345678"}}
	deliver := func(external, text string) chat.Receipt {
		t.Helper()
		a, err := pictures.Save(t.Context(), strings.NewReader("a picture"))
		if err != nil {
			t.Fatal(err)
		}
		m := chat.Message{ExternalID: external, Text: text, Attachments: []chat.Attachment{a}, Device: chat.Device{Serial: "N5300012345"}}
		got, err := d.inbox.Deliver(t.Context(), from, m)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one := deliver("1", "押金怎么退")
	if one.Repeat || len(one.Replies) != 1 || one.Conversation.Channel != "telegram" || strings.Contains(one.Conversation.Customer.Name, "13812345678") {
		t.Errorf("delivered %+v", one)
	}
	again := deliver("1", "押金怎么退")
	if !again.Repeat || len(again.Replies) != 1 || again.Replies[0].ID != one.Replies[0].ID {
		t.Errorf("again %+v, want the same as %+v", again, one)
	}
	if kept, lost := picture(t, pictures, "picture-1"), picture(t, pictures, "picture-2"); !kept || lost {
		t.Errorf("of the message's picture %v is kept, of its repeat %v", kept, lost)
	}
	c, err := d.store.FindConversation(t.Context(), one.Conversation.ID)
	if err != nil || c.Device.Serial != "N5300012345" || c.Customer.ID != "42" {
		t.Errorf("conversation %+v, %v", c, err)
	}
	if err := d.inbox.Forget(t.Context(), "telegram", "shop", "42"); err != nil {
		t.Fatal(err)
	}
	if picture(t, pictures, "picture-1") {
		t.Error("a picture is left of whoever was forgotten")
	}
	fresh := deliver("1", "押金怎么退")
	if fresh.Repeat || fresh.Conversation.ID == one.Conversation.ID {
		t.Errorf("after that %+v", fresh)
	}
}

func picture(t *testing.T, p *chattest.Inbox, id string) bool {
	t.Helper()
	r, _, err := p.Open(t.Context(), id)
	if err != nil {
		return false
	}
	return r.Close() == nil
}

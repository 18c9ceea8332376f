package telegram

import (
	"context"
	"strconv"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// MaxTopicName is how many characters a topic's name may have.
const MaxTopicName = 128

// CreateTopic makes a topic in a forum, and returns its thread id.
func (c *Client) CreateTopic(ctx context.Context, chat int64, name string) (int, error) {
	var t Topic
	err := c.call(ctx, callTimeout, "createForumTopic", tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10), "name": name}, &t)
	return t.ThreadID, err
}

// EditTopic renames a topic. That nothing changed is no error.
func (c *Client) EditTopic(ctx context.Context, chat int64, thread int, name string) error {
	p := Options{Thread: thread}.params(chat)
	p["name"] = name
	return modified(c.call(ctx, callTimeout, "editForumTopic", p, nil))
}

// CloseTopic closes a topic: only administrators may write there then. That nothing changed is no error.
func (c *Client) CloseTopic(ctx context.Context, chat int64, thread int) error {
	return c.topic(ctx, "closeForumTopic", chat, thread)
}

// ReopenTopic opens a closed topic. That nothing changed is no error.
func (c *Client) ReopenTopic(ctx context.Context, chat int64, thread int) error {
	return c.topic(ctx, "reopenForumTopic", chat, thread)
}

// DeleteTopic deletes a topic with everything in it.
func (c *Client) DeleteTopic(ctx context.Context, chat int64, thread int) error {
	return c.topic(ctx, "deleteForumTopic", chat, thread)
}

func (c *Client) topic(ctx context.Context, method string, chat int64, thread int) error {
	return modified(c.call(ctx, callTimeout, method, Options{Thread: thread}.params(chat), nil))
}

package telegram

import (
	"context"
	"html"
	"regexp"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
)

// MaxText is how many characters a message may have, counted by chat.UTF16Len.
const MaxText = 4096

// MaxCaption is how many characters the text under a picture may have.
const MaxCaption = 1024

// Escape makes HTML of plain text.
func Escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// Options are how a message is sent. The zero value is plain.
type Options struct {
	Thread   int // the topic's id; 0 for none and for General
	ReplyTo  int // the message of the same chat that it answers, if that still exists; 0 for none
	Keyboard Keyboard
	Silent   bool // without a sound
}

// Keyboard is rows of buttons under a message.
type Keyboard [][]Button

// Button is one button: either Data or URL.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"` // comes back when it is tapped; 1 to MaxData bytes
	URL  string `json:"url,omitempty"`
}

// MaxData is how many bytes Button.Data may have.
const MaxData = 64

// params are the parameters that every kind of message shares.
func (o Options) params(chatID int64) tgbotapi.Params {
	p := tgbotapi.Params{"chat_id": strconv.FormatInt(chatID, 10)}
	p.AddNonZero("message_thread_id", o.Thread)
	p.AddBool("disable_notification", o.Silent)
	if o.ReplyTo != 0 {
		p["reply_parameters"] = encodeJSON(map[string]any{"message_id": o.ReplyTo, "allow_sending_without_reply": true})
	}
	if len(o.Keyboard) > 0 {
		p["reply_markup"] = o.Keyboard.markup()
	}
	return p
}

// markup is the JSON form; that of no row takes the buttons away.
func (k Keyboard) markup() string {
	if k == nil {
		k = Keyboard{}
	}
	return encodeJSON(map[string]any{"inline_keyboard": k})
}

// encodeJSON is a parameter in JSON.
func encodeJSON(v any) string { return string(chat.EncodeJSON(v)) }

// sentMessage is a message as the calls that send one return it.
type sentMessage struct {
	MessageID int `json:"message_id"`
}

// Send sends HTML of at most MaxText characters, and returns the message's id. Where Telegram cannot
// read the HTML, the text goes without its tags.
func (c *Client) Send(ctx context.Context, chatID int64, text string, o Options) (int, error) {
	p := o.params(chatID)
	p["link_preview_options"] = `{"is_disabled":true}`
	var m sentMessage
	err := c.callHTML(ctx, "sendMessage", "text", text, p, &m)
	return m.MessageID, err
}

// callHTML makes a call with a text of HTML in a field.
func (c *Client) callHTML(ctx context.Context, method, field, text string, p tgbotapi.Params, into any) error {
	return withHTML(p, field, text, func() error { return c.call(ctx, callTimeout, method, p, into) })
}

// withHTML makes a call with a text of HTML in a field, and once more without the tags when they cannot be read.
func withHTML(p tgbotapi.Params, field, text string, call func() error) error {
	p[field], p["parse_mode"] = strings.ToValidUTF8(text, "\ufffd"), "HTML"
	err := call()
	if hasDescription(err, cannotParse) {
		p[field] = stripTags(p[field])
		delete(p, "parse_mode")
		err = call()
	}
	return err
}

func stripTags(text string) string {
	return html.UnescapeString(regexp.MustCompile(`</?[a-zA-Z][^<>]*>`).ReplaceAllString(text, ""))
}

// SendPhoto uploads a picture with a caption of HTML, at most MaxCaption characters, and returns the message's id.
func (c *Client) SendPhoto(ctx context.Context, chatID int64, photo []byte, caption string, o Options) (int, error) {
	return c.sendFile(ctx, "sendPhoto", "photo", "photo.jpg", photo, caption, o.params(chatID))
}

// SendDocument uploads a file, likewise.
func (c *Client) SendDocument(ctx context.Context, chatID int64, name string, file []byte, caption string, o Options) (int, error) {
	return c.sendFile(ctx, "sendDocument", "document", name, file, caption, o.params(chatID))
}

func (c *Client) sendFile(ctx context.Context, method, field, name string, file []byte, caption string, p tgbotapi.Params) (int, error) {
	var m sentMessage
	err := withHTML(p, "caption", caption, func() error { return c.upload(ctx, method, p, field, name, file, &m) })
	return m.MessageID, err
}

// SendPhotoID sends a picture that Telegram has already.
func (c *Client) SendPhotoID(ctx context.Context, chatID int64, fileID, caption string, o Options) (int, error) {
	p := o.params(chatID)
	p["photo"] = fileID
	var m sentMessage
	err := c.callHTML(ctx, "sendPhoto", "caption", caption, p, &m)
	return m.MessageID, err
}

// CopyMessage sends a message of another chat again, without saying where it is from, and returns the
// copy's id. Telegram ignores the reply of the original.
func (c *Client) CopyMessage(ctx context.Context, chatID, from int64, message int, o Options) (int, error) {
	p := o.params(chatID)
	p["from_chat_id"] = strconv.FormatInt(from, 10)
	p["message_id"] = strconv.Itoa(message)
	m, err := result[sentMessage](ctx, c, "copyMessage", p)
	return m.MessageID, err
}

// EditText replaces a message's text, and its buttons by those of k. That nothing changed is no error.
func (c *Client) EditText(ctx context.Context, chatID int64, message int, text string, k Keyboard) error {
	p := messageParams(chatID, message)
	p["link_preview_options"], p["reply_markup"] = `{"is_disabled":true}`, k.markup()
	return ignoreNotModified(c.callHTML(ctx, "editMessageText", "text", text, p, nil))
}

// EditCaption replaces the text under a picture. That nothing changed is no error.
func (c *Client) EditCaption(ctx context.Context, chatID int64, message int, text string, k Keyboard) error {
	p := messageParams(chatID, message)
	p["reply_markup"] = k.markup()
	return ignoreNotModified(c.callHTML(ctx, "editMessageCaption", "caption", text, p, nil))
}

// EditMarkup replaces a message's buttons; nil takes them away. That nothing changed is no error.
func (c *Client) EditMarkup(ctx context.Context, chatID int64, message int, k Keyboard) error {
	p := messageParams(chatID, message)
	p["reply_markup"] = k.markup()
	return ignoreNotModified(c.call(ctx, callTimeout, "editMessageReplyMarkup", p, nil))
}

// DeleteMessage deletes a message.
func (c *Client) DeleteMessage(ctx context.Context, chatID int64, message int) error {
	return c.call(ctx, callTimeout, "deleteMessage", messageParams(chatID, message), nil)
}

// Pin pins a message without a sound.
func (c *Client) Pin(ctx context.Context, chatID int64, message int) error {
	p := messageParams(chatID, message)
	p["disable_notification"] = "true"
	return ignoreNotModified(c.call(ctx, callTimeout, "pinChatMessage", p, nil))
}

func messageParams(chatID int64, message int) tgbotapi.Params {
	return tgbotapi.Params{"chat_id": strconv.FormatInt(chatID, 10), "message_id": strconv.Itoa(message)}
}

func ignoreNotModified(err error) error {
	if NotModified(err) {
		return nil
	}
	return err
}

// AnswerCallback ends the waiting of whoever tapped a button, with a short notice of at most 200
// characters; "" for none.
func (c *Client) AnswerCallback(ctx context.Context, id, notice string) error {
	p := tgbotapi.Params{"callback_query_id": id}
	p.AddNonEmpty("text", notice)
	return c.call(ctx, callTimeout, "answerCallbackQuery", p, nil)
}

// Typing shows for five seconds that something is being written.
func (c *Client) Typing(ctx context.Context, chatID int64, thread int) error {
	p := Options{Thread: thread}.params(chatID)
	p["action"] = "typing"
	return c.call(ctx, callTimeout, "sendChatAction", p, nil)
}

package telegram

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxButtonData is in bytes.
const maxButtonData = 64

// checkedLink returns a link with its scheme, or nothing when it is none. Without an address the text is it.
func checkedLink(address, text string) string {
	if address == "" {
		address = text
	}
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "tg" || u.Host == "" ||
		u.Scheme != "tg" && !strings.Contains(u.Host, ".") && u.Hostname() != "localhost" {
		return ""
	}
	if u.Path == "" && u.Scheme != "tg" {
		u.Path = "/"
	}
	return u.String()
}

// givenEntities reads the entities parameter. What is no list is ignored, as the real server does.
func givenEntities(text string) ([]Entity, *apiError) {
	var raw []json.RawMessage
	if text == "" || json.Unmarshal([]byte(text), &raw) != nil {
		return nil, nil
	}
	var entities []Entity
	for _, item := range raw {
		var e Entity
		if err := json.Unmarshal(item, &e); err != nil {
			return nil, bad("can't parse MessageEntity: MessageEntity must be an Object")
		}
		switch e.Type {
		case "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "blockquote", "expandable_blockquote":
			e.User, e.EmojiID = nil, ""
			entities = append(entities, e)
		}
	}
	return entities, nil
}

// markup reads reply_markup. Keyboards other than inline ones are taken and not shown: inline tells which.
func markup(text string) (k *keyboard, inline bool, err *apiError) {
	if text == "" {
		return nil, true, nil
	}
	var raw struct {
		Inline   *json.RawMessage    `json:"inline_keyboard"`
		Keyboard [][]json.RawMessage `json:"keyboard"`
		Remove   bool                `json:"remove_keyboard"`
		Force    bool                `json:"force_reply"`
	}
	if !json.Valid([]byte(text)) {
		return nil, false, bad("can't parse reply keyboard markup JSON object")
	}
	if text[0] != '{' {
		return nil, false, bad("object expected as reply markup")
	}
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil, false, bad("field \"keyboard\" must be an Array of Arrays")
	}
	if raw.Inline == nil {
		return nil, len(raw.Keyboard) == 0 && !raw.Remove && !raw.Force, nil
	}
	var rows [][]json.RawMessage
	if json.Unmarshal(*raw.Inline, &rows) != nil {
		return nil, true, bad("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
	}
	k = &keyboard{}
	for _, row := range rows {
		var buttons []Button
		for _, item := range row {
			b, err := button(item)
			if err != nil {
				return nil, true, err
			}
			buttons = append(buttons, b)
		}
		if len(buttons) > 0 {
			k.Rows = append(k.Rows, buttons)
		}
	}
	if len(k.Rows) == 0 {
		return nil, true, nil
	}
	return k, true, k.check()
}

func button(item json.RawMessage) (Button, *apiError) {
	const prefix = "can't parse inline keyboard button: "
	var fields map[string]json.RawMessage
	if json.Unmarshal(item, &fields) != nil || fields == nil {
		return Button{}, bad("%sInlineKeyboardButton must be an Object", prefix)
	}
	var b Button
	for _, f := range []struct {
		name string
		to   *string
	}{{"text", &b.Text}, {"url", &b.URL}, {"callback_data", &b.Data}} {
		value, ok := fields[f.name]
		if ok && json.Unmarshal(value, f.to) != nil {
			*f.to = string(value) // the real server takes numbers for strings
			if value[0] == '{' || value[0] == '[' {
				return Button{}, bad("%sField %q must be of type String", prefix, f.name)
			}
		}
	}
	if _, ok := fields["text"]; !ok {
		return Button{}, bad("%sCan't find field \"text\"", prefix)
	}
	if b.URL != "" {
		b.Data = ""
		return b, nil
	}
	if b.Data == "" {
		return Button{}, bad("%sText buttons are unallowed in the inline keyboard", prefix)
	}
	return b, nil
}

// check refuses what no client could show.
func (k *keyboard) check() *apiError {
	count := 0
	for _, row := range k.Rows {
		for _, b := range row {
			count++
			switch {
			case strings.TrimSpace(b.Text) == "":
				return bad("inline keyboard button text must be non-empty")
			case !utf8.ValidString(b.Text):
				return bad("inline keyboard button text must be encoded in UTF-8")
			case len(b.Data) > maxButtonData:
				return bad("BUTTON_DATA_INVALID")
			case b.URL != "" && checkedLink(b.URL, "") == "":
				return bad("inline keyboard button URL %s is invalid: Wrong HTTP URL", strconv.Quote(b.URL))
			}
		}
	}
	if count > 100 {
		return bad("reply markup is too long")
	}
	return nil
}

// equal tells whether two keyboards look the same.
func (k *keyboard) equal(other *keyboard) bool {
	a, errA := json.Marshal(k)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && string(a) == string(b)
}

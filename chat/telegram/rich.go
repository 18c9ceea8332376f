package telegram

import (
	"encoding/json"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
)

// Rich is a message of blocks, as a paste of formatted text makes one. Blocks and the texts in them nest, and there
// are new kinds of both each year, so they are read as they come.
type Rich struct {
	Blocks any `json:"blocks"`
}

// maxRichDepth is how deep blocks and texts may nest; Telegram allows less. What lies deeper is left out.
const maxRichDepth = 64

// text is the message as plain text, a line or more for each block; "" for nil.
func (r *Rich) text() string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(richBlocks(r.Blocks, maxRichDepth))
}

// photo is the first picture among the blocks in its sizes; nil for none.
func (r *Rich) photo() (sizes []tgbotapi.PhotoSize) {
	if r == nil {
		return nil
	}
	_ = json.Unmarshal(chat.EncodeJSON(findPhoto(r.Blocks, maxRichDepth)), &sizes) // what has another shape is no picture
	return sizes
}

// findPhoto is the sizes of the first picture in blocks, such as those of a collage; nil for none.
func findPhoto(v any, depth int) any {
	if depth <= 0 {
		return nil
	}
	for _, one := range list(v) {
		b := object(one)
		if b["photo"] != nil {
			return b["photo"]
		}
		if photo := findPhoto(b["blocks"], depth-1); photo != nil {
			return photo
		}
	}
	return nil
}

// richBlocks are blocks, each on lines of its own.
func richBlocks(v any, depth int) string {
	var lines []string
	for _, one := range list(v) {
		if text := richBlock(object(one), depth-1); text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// richBlock is one block. Of a kind that nobody knew in time it is whatever texts and blocks it has.
func richBlock(b map[string]any, depth int) string {
	if depth <= 0 {
		return ""
	}
	var lines []string
	add := func(text string) {
		if strings.TrimSpace(text) != "" {
			lines = append(lines, text)
		}
	}
	kind, _ := b["type"].(string)
	expression, _ := b["expression"].(string)
	switch kind {
	case "divider":
		return "———"
	case "map":
		var place body
		_ = json.Unmarshal(chat.EncodeJSON(b["location"]), &place) // what has another shape is no place
		add(kindOf("location").enclosure(place).String())
	case "photo", "video", "animation", "audio", "voice_note", "document":
		add(mediaLabel(kind))
	}
	add(richText(b["summary"], depth))
	add(richText(b["text"], depth))
	add(expression)
	add(richBlocks(b["blocks"], depth))
	add(richItems(b["items"], depth))
	add(richTable(b["cells"], depth))
	caption := b["caption"] // a text, or what has a text and a credit
	add(richText(caption, depth))
	for _, of := range []map[string]any{b, object(caption)} {
		if credit := richText(of["credit"], depth); credit != "" {
			add("—— " + credit)
		}
	}
	text := strings.Join(lines, "\n")
	if kind == "blockquote" || kind == "pullquote" || kind == "expandable_blockquote" {
		text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
	}
	return text
}

// richItems are the items of a list, each behind its label, further lines of it indented.
func richItems(v any, depth int) string {
	var lines []string
	for _, one := range list(v) {
		item := object(one)
		label, _ := item["label"].(string)
		if item["has_checkbox"] == true {
			label = "☐"
			if item["is_checked"] == true {
				label = "☑"
			}
		}
		if label == "" {
			label = "•"
		}
		lines = append(lines, strings.TrimSpace(label+" "+strings.ReplaceAll(richBlocks(item["blocks"], depth), "\n", "\n  ")))
	}
	return strings.Join(lines, "\n")
}

// richTable is a table, a line for each row.
func richTable(v any, depth int) string {
	var lines []string
	for _, row := range list(v) {
		var cells []string
		for _, cell := range list(row) {
			cells = append(cells, strings.ReplaceAll(richText(object(cell)["text"], depth), "\n", " "))
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return strings.Join(lines, "\n")
}

// richText is a text in a line: plain, several in a row, or one with a format, of which only the address of a link is told.
func richText(v any, depth int) string {
	if depth <= 0 {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var out strings.Builder
		for _, one := range v {
			out.WriteString(richText(one, depth-1))
		}
		return out.String()
	case map[string]any:
		for _, name := range []string{"alternative_text", "expression"} { // of an emoji, a formula
			if text, ok := v[name].(string); ok {
				return text
			}
		}
		words := richText(v["text"], depth-1)
		if address, ok := v["url"].(string); ok {
			return withAddress(words, address)
		}
		return words
	}
	return ""
}

// mediaLabel is what stands for a picture or a sound among the blocks.
func mediaLabel(kind string) string {
	if kind == "photo" {
		return chat.LabelPicture
	}
	if kind == "voice_note" {
		return chat.Voice.Label()
	}
	return kindOf(kind).label
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

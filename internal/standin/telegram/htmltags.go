package telegram

import (
	"strconv"
	"strings"
)

// htmlTags lists the tags that may be used.
func htmlTags() []string {
	return []string{"a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji", "span", "pre", "code", "blockquote"}
}

// take keeps an attribute that means something for the tag.
func (t *openTag) take(name, value string) {
	language, isLanguage := strings.CutPrefix(value, "language-")
	class, isClass := strings.CutPrefix(value, "tg-")
	switch {
	case t.name == "a" && name == "href", t.name == "tg-emoji" && name == "emoji-id":
		t.argument = value
	case t.name == "code" && name == "class" && isLanguage:
		t.argument = language
	case t.name == "span" && name == "class" && isClass:
		t.argument = class
	case t.name == "blockquote" && name == "expandable":
		t.argument = "1"
	}
}

// close makes the entity of a tag that has ended.
func (p *htmlParser) close(tag openTag) error {
	e := Entity{Offset: tag.offset, Length: p.units - tag.offset}
	last := len(p.entities) - 1
	around := last >= 0 && p.entities[last].Offset == e.Offset && p.entities[last].Length == e.Length
	switch tag.name {
	case "i", "em":
		e.Type = "italic"
	case "b", "strong":
		e.Type = "bold"
	case "s", "strike", "del":
		e.Type = "strikethrough"
	case "u", "ins":
		e.Type = "underline"
	case "span", "tg-spoiler":
		e.Type = "spoiler"
	case "tg-emoji":
		if id, err := strconv.ParseInt(tag.argument, 10, 64); err != nil || id == 0 {
			return wrong("Invalid custom emoji identifier specified")
		}
		e.Type, e.EmojiID = "custom_emoji", tag.argument
	case "a":
		if e.Type, e.URL = "text_link", checkedLink(tag.argument, p.out.String()[tag.begin:]); e.URL == "" {
			return nil
		}
	case "pre":
		if around && p.entities[last].Type == "code" && p.entities[last].Language != "" {
			p.entities[last].Type = "pre"
			return nil
		}
		e.Type = "pre"
	case "code":
		if around && p.entities[last].Type == "pre" && tag.argument != "" {
			p.entities[last].Language = tag.argument
			return nil
		}
		e.Type, e.Language = "code", tag.argument
	case "blockquote":
		if e.Type = "blockquote"; tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

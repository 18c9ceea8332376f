package host

import (
	"strings"

	"github.com/yingda/yingda/chat"
)

// Content is what a customer's message brings besides pictures: words, or what stands for what is none.
type Content struct {
	Text      string
	Medium    chat.Medium
	Enclosure *chat.Enclosure
	Unseen    bool // agents are told what it is, and cannot open it
}

// Fill puts the content into a message.
func (c Content) Fill(m *chat.Message) {
	m.Text, m.Medium, m.Enclosure, m.Unseen = c.Text, c.Medium, c.Enclosure, c.Unseen
}

// What WeChat sends as a text for what it does not pass on.
const (
	textSticker     = "[Sticker]"
	textUnsupported = "收到不支持的消息类型"
	maxUnsupported  = 100 // bytes of such a text: a longer one only speaks of it
)

// Words is a text, or what WeChat has put in its place.
func Words(text string) Content {
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == textSticker:
		return Content{Text: chat.Sticker.Label(), Medium: chat.Sticker}
	case strings.Contains(trimmed, textUnsupported) && len(trimmed) < maxUnsupported:
		return Unseen(chat.Other, chat.Other.Label(), "")
	case trimmed == "":
		return Content{Text: chat.Other.Label(), Medium: chat.Other}
	}
	return Content{Text: text}
}

// Unseen is what stays with WeChat: a voice, a video, a file …, with its name where it has one.
func Unseen(medium chat.Medium, label, name string) Content {
	return Content{Text: label, Medium: medium, Unseen: true, Enclosure: &chat.Enclosure{Medium: medium, Label: label, Name: strings.TrimSpace(name)}}
}

// Heard is a voice with the words that WeChat heard in it; without any it is unseen.
func Heard(words string) Content {
	c := Unseen(chat.Voice, chat.Voice.Label(), "")
	if words = strings.TrimSpace(words); words != "" {
		c.Text, c.Medium, c.Unseen = words, "", false
	}
	return c
}

// Place is a place on the map. What it is called are words, such as those of the city that was asked for.
func Place(name string, latitude, longitude float64) Content {
	c := Content{Text: strings.TrimSpace(name)}
	if c.Text == "" {
		c.Text, c.Medium = chat.Location.Label(), chat.Location
	}
	onEarth := latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180
	if onEarth && (latitude != 0 || longitude != 0) {
		c.Enclosure = &chat.Enclosure{
			Medium: chat.Location, Label: chat.Location.Label(), Point: &chat.Point{Latitude: latitude, Longitude: longitude, Datum: chat.GCJ02},
		}
	}
	return c
}

// Link is a page that the customer shares.
func Link(title, url string) Content {
	return Content{Text: strings.TrimSpace("[链接] " + strings.TrimSpace(title) + "\n" + strings.TrimSpace(url)), Medium: chat.Other}
}

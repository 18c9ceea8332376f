package chat

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// Medium is what a message is where it is neither words nor a picture that was kept.
type Medium string

// The closed set of media, each with a sentence of its own in phrases.yaml.
const (
	Voice    Medium = "voice" // without words that a machine heard in it
	Video    Medium = "video"
	File     Medium = "file" // no picture
	Sticker  Medium = "sticker"
	Location Medium = "location" // without an address in words
	Picture  Medium = "picture"  // one that could not be kept
	Other    Medium = "other"
)

// Label is what stands in the conversation for a message of a medium.
func (m Medium) Label() string {
	return cmp.Or(map[Medium]string{
		Voice: "[语音]", Video: "[视频]", File: "[文件]", Sticker: "[表情]", Location: "[位置]", Picture: "[图片未能取回]",
	}[m], "[消息]")
}

// LabelPicture stands for a picture that is somewhere else.
const LabelPicture = "[图片]"

// Enclosure is what came with a message and is not kept itself, such as a voice or a file, with what is known of it. It
// is for agents, who read its String; customers have the thing itself. Names and numbers are masked from bot.Inbox on.
// Its JSON form is a contract.
type Enclosure struct {
	Medium  Medium `json:"medium"`
	Label   string `json:"label"`             // what it is: "[语音]"
	Name    string `json:"name,omitempty"`    // of a file, a place, the person on a card; what a poll asks
	Type    string `json:"type,omitempty"`    // MIME type
	Size    int64  `json:"size,omitempty"`    // bytes
	Seconds int    `json:"seconds,omitempty"` // how long it plays
	Contact string `json:"contact,omitempty"` // the telephone number on a card
	Point   *Point `json:"point,omitempty"`   // where a place is
	Lost    string `json:"lost,omitempty"`    // why a picture could not be had, in Chinese
}

// Point is a place on the earth, in degrees.
type Point struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Datum     Datum   `json:"datum"`
}

// Datum is what a Point's degrees are counted from: Chinese maps lie some hundred metres beside all others.
type Datum string

// The closed set of datums.
const (
	WGS84 Datum = "wgs84" // everywhere else
	GCJ02 Datum = "gcj02" // Chinese maps, WeChat
)

// MapLink is the address of a map that shows p, for agents.
func (p Point) MapLink() string {
	coordinate := "gaode"
	if p.Datum == WGS84 {
		coordinate = string(WGS84)
	}
	return fmt.Sprintf("https://uri.amap.com/marker?position=%s,%s&coordinate=%s", degrees(p.Longitude), degrees(p.Latitude), coordinate)
}

// degrees is an angle to the metre.
func degrees(angle float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.5f", angle), "0"), ".")
}

// String is what agents read of it, on one line: "[文件] 对账单.pdf（1.2 MB）".
func (e *Enclosure) String() string {
	words := []string{e.Label, e.Name, e.Contact, e.Lost}
	if e.Seconds > 0 {
		words = append(words, fmt.Sprintf("%d秒", e.Seconds))
	}
	if e.Point != nil {
		words = append(words, degrees(e.Point.Latitude)+","+degrees(e.Point.Longitude), e.Point.MapLink())
	}
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	if e.Size > 0 {
		text += "（" + formatSize(e.Size) + "）"
	}
	return text
}

// formatSize is a number of bytes as people read it.
func formatSize(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	if bytes < mega {
		return fmt.Sprintf("%.0f KB", math.Ceil(float64(bytes)/kilo))
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
}

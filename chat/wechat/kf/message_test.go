package kf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

func TestCompose(t *testing.T) {
	options := func(n int, title string) (all []chat.Option) {
		for i := range n {
			all = append(all, chat.Option{ID: fmt.Sprint("o", i), Title: title})
		}
		return all
	}
	sentence := "这是一句话。" // 18 bytes
	tests := []struct {
		name     string
		text     string
		options  []chat.Option
		pictures int
		want     []string // bytes of text + "m" for a menu with its items, or "picture"
	}{
		{"words", " 好的 ", nil, 0, []string{"6"}},
		{"nothing", " \n", nil, 0, nil},
		{"long words", strings.Repeat(sentence, 200), nil, 0, []string{"1908", "1692"}},
		{"a menu", "您想问？", options(3, "押金"), 0, []string{"12m3"}},
		{"a full menu", "您想问？", options(10, "押金"), 0, []string{"12m10"}},
		{"too many options", "您想问？", options(11, "押金"), 0, []string{"124"}},
		{"a long option", "您想问？", options(1, strings.Repeat("押", 43)), 0, []string{"145"}},
		{"an option without an id", "您想问？", []chat.Option{{Title: "押金"}}, 0, []string{"22"}},
		{"long words above a menu", strings.Repeat(sentence, 80), options(1, "押金"), 0, []string{"1008", "432m1"}},
		{"very long words above a menu", strings.Repeat(sentence, 200), options(1, "押金"), 0, []string{"1908", "1008", "684m1"}},
		{"options alone", "", options(2, "押金"), 0, []string{"0m2"}},
		{"pictures", "看图", nil, 2, []string{"6", "picture", "picture"}},
		{"a picture alone", "", nil, 1, []string{"picture"}},
	}
	for _, tt := range tests {
		e := chat.Entry{Text: tt.text, Reply: &chat.Reply{Options: tt.options}}
		for range tt.pictures {
			e.Attachments = append(e.Attachments, chat.Attachment{ID: "p"})
		}
		var got []string
		for _, p := range compose(e) {
			switch {
			case p.picture != "":
				got = append(got, "picture")
			case p.options != nil:
				got = append(got, fmt.Sprintf("%dm%d", len(p.text), len(p.options)))
			default:
				got = append(got, fmt.Sprint(len(p.text)))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }

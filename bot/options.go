package bot

import (
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
)

// pick finds the option that a message chooses: by its number, its title, or words of one title.
func pick(offered []chat.Option, text string) (chat.Option, bool) {
	text = strings.Trim(text, " \t\n.。,，、!！~")
	for i, o := range offered {
		if text == o.Title || slices.Contains(ordinals(i, len(offered)), text) {
			return o, true
		}
	}
	return pickByWords(offered, text)
}

// ordinals are the ways to name the i-th of n options by its place.
func ordinals(i, n int) []string {
	digit, wide, word := string(rune('1'+i)), string(rune('１'+i)), string([]rune("一二三四五六七八九")[min(i, 8)])
	names := []string{digit, wide, word, string(rune('①' + i))}
	for _, d := range []string{digit, word} {
		names = append(names, "第"+d+"个", "第"+d+"条", "第"+d, "选"+d, "选第"+d+"个", d+"号", "我选"+d)
	}
	if i == n-1 && n > 1 {
		names = append(names, "最后一个")
	}
	return names
}

// pickByWords takes "到账那个" as the one option whose title has all its characters.
func pickByWords(offered []chat.Option, text string) (chat.Option, bool) {
	core, pointed := text, false
	for _, pointer := range []string{"那一个", "那个", "这个", "那条", "的那个"} {
		if before, ok := strings.CutSuffix(core, pointer); ok {
			core, pointed = strings.TrimSuffix(before, "的"), true
			break
		}
	}
	if !pointed || core == "" {
		return chat.Option{}, false
	}
	var match []chat.Option
	for _, o := range offered {
		if !strings.ContainsFunc(core, func(r rune) bool { return !strings.ContainsRune(o.Title, r) }) {
			match = append(match, o)
		}
	}
	if len(match) != 1 {
		return chat.Option{}, false
	}
	return match[0], true
}

package bot

import (
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
)

// pick finds the option that a message chooses: by its number, its title, or words of one title.
func pick(offered []chat.Option, text string) (chat.Option, bool) {
	text = trimPick(text)
	for i, o := range offered {
		if text == o.Title || slices.Contains(ordinals(i, len(offered)), text) {
			return o, true
		}
	}
	if o, ok := pickByPlace(offered, text); ok {
		return o, true
	}
	return pickByWords(offered, text)
}

// pickByPlace takes "后面那个" as the last topic, "前面那个" as the first and "中间那个" as the second of three.
func pickByPlace(offered []chat.Option, text string) (chat.Option, bool) {
	topics := slices.DeleteFunc(slices.Clone(offered), func(o chat.Option) bool { return isControl(o.ID) })
	n := len(topics)
	if n < 2 {
		return chat.Option{}, false
	}
	switch strings.TrimSuffix(strings.TrimSuffix(text, "吧"), "的") {
	case "后面那个", "后一个", "后面一个", "下面那个", "最下面那个", "后者", "最后面那个":
		return topics[n-1], true
	case "前面那个", "前一个", "前面一个", "上面那个", "最上面那个", "前者", "最前面那个", "头一个":
		return topics[0], true
	case "中间那个", "中间的那个", "中间":
		return topics[n/2], n == 3
	}
	return chat.Option{}, false
}

// pickAll are the options that a message wants together ("都要"), without the way to a person; nil for
// none. Two of them can be one ("第一个和第三个").
func pickAll(offered []chat.Option, text string) []chat.Option {
	topics := slices.DeleteFunc(slices.Clone(offered), func(o chat.Option) bool { return isControl(o.ID) })
	text = trimPick(text)
	if slices.Contains([]string{"都要", "全要", "全部", "都看看", "都想知道", "都想问", "都是", "两个都要", "三个都要", "都要看", "都说说", "都说一下", "全都要", "都有", "两个都是", "都想看"}, text) {
		return topics
	}
	var out []chat.Option
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("和跟、,，+ ", r) }) {
		i := slices.IndexFunc(topics, func(o chat.Option) bool { return slices.Contains(ordinals(slices.Index(topics, o), len(topics)), part) })
		if i < 0 {
			return nil
		}
		out = append(out, topics[i])
	}
	return out
}

// isControl tells the options that steer the conversation from those that are articles.
func isControl(id string) bool {
	return slices.Contains([]string{humanOption, yesOption, noOption, skipOption, confirmOption, cancelOption, resumeOption}, id)
}

func trimPick(text string) string { return strings.Trim(text, " \t\n.。,，、!！~") }

// pointless tells whether a message points at an option where none is offered that fits.
func pointless(text string) bool {
	text = trimPick(text)
	for i := range 9 {
		if slices.Contains(ordinals(i, 9), text) {
			return true
		}
	}
	return slices.Contains([]string{"都要", "全要", "后面那个", "前面那个", "上面那个", "下面那个", "中间那个", "那个", "这个"}, text)
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

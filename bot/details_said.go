package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
)

// names reads the merchant's name on the receipt and on the statement.
func (t *telling) names() {
	if m := t.receipt.FindStringSubmatchIndex(t.text); m != nil {
		if name := merchantName(group(t.text, m, 1)); name != "" {
			t.note(kb.SlotReceiptMerchant, name, m[0], m[2]+len(name))
		}
	}
	if m := t.statement.FindStringSubmatchIndex(t.text); m != nil {
		if name := merchantName(group(t.text, m, 1)); name != "" {
			t.note(kb.SlotStatementMerchant, name, m[0], m[2]+len(name))
		}
	}
}

// merchantName cuts a name out of what stands behind 写着; "" when it is none ("不是我的店").
func merchantName(raw string) string {
	for _, stop := range []string{"但", "而", "账单", "小票", "可是", "却", "跟", "和我", "这", "怎么", "是什么", "什么", "正常", "对不", "吗", "呢", "不一样", "不是", "名"} {
		if before, _, ok := strings.Cut(raw, stop); ok {
			raw = before
		}
	}
	for _, none := range []string{"不", "没", "别", "其他", "其它", "另", "谁", "哪", "外地", "一个", "一家", "多少", "我", "他", "失败", "成功", "交易", "错", "有", "出", "在", "的", "乱", "扣", "支出", "收入"} {
		if strings.HasPrefix(raw, none) {
			return ""
		}
	}
	if utf8.RuneCountInString(raw) < 2 || !strings.ContainsFunc(raw, unicode.IsLetter) {
		return ""
	}
	return raw
}

// brand reads the terminal's brand and model: "联迪A8", "新大陆的ME31", or a model that only one brand has.
func (t *telling) brand() {
	folded := strings.ToLower(squeeze(t.text))
	name, rest := "", folded
	for _, b := range t.brands {
		if b.model == "" && containsWord(folded, b.folded) {
			name = b.brand
			_, rest, _ = strings.Cut(folded, b.folded)
			break
		}
	}
	for _, b := range t.brands {
		switch {
		case b.model == "":
		case name == b.brand && containsWord(rest, b.folded):
			t.out[kb.SlotBrandModel] = name + " " + strings.ToUpper(b.model)
			return
		case name == "" && (len(b.folded) > shortModel || t.wants(kb.SlotBrandModel)) && containsWord(folded, b.folded):
			t.out[kb.SlotBrandModel] = b.brand + " " + strings.ToUpper(b.model)
			return
		}
	}
	if name == "" {
		return
	}
	t.out[kb.SlotBrandModel] = name
	if m := t.model.FindStringIndex(rest); m != nil && m[0] <= maxGap { // a model that is not in the list
		t.out[kb.SlotBrandModel] = name + " " + strings.ToUpper(rest[m[0]:m[1]])
	}
}

const (
	shortModel = 3 // bytes: models that short (A8) need their brand beside them
	maxGap     = 9 // bytes between a brand and its model: "新大陆的机型 ME99"
)

// containsWord is strings.Contains, where a word of letters and digits must not be part of a longer one.
func containsWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		before := i == 0 || !alnum(text[i-1]) || !alnum(word[0])
		after := end == len(text) || !alnum(text[end]) || !alnum(word[len(word)-1])
		if before && after {
			return true
		}
		from = end
	}
}

// place reads a city where the message says that it is a place.
func (t *telling) place() {
	for _, city := range t.cities {
		i := strings.Index(t.text, city)
		if i < 0 {
			continue
		}
		before, after := t.text[:i], t.text[i+len(city):]
		cued := hasAffix(strings.HasSuffix, before, "在", "我是", "来自", "城市是", "城市", "城市:", "所在", "位于", "地址", "地址是", "省", "到了") ||
			hasAffix(strings.HasPrefix, after, "市", "这边", "这里", "本地", "的店", "开店")
		whole := strings.Trim(t.text, " ,。.!?") == city
		if (cued || whole || t.wants(kb.SlotCity)) && !hasAffix(strings.HasPrefix, after, "银行", "路", "街", "时间", "大厦", "商行") {
			t.out[kb.SlotCity] = city
			return
		}
	}
}

func hasAffix(has func(s, affix string) bool, s string, affixes ...string) bool {
	for _, a := range affixes {
		if has(s, a) {
			return true
		}
	}
	return false
}

package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
)

// names reads the merchant's name on the receipt and on the statement.
func (t *telling) names() {
	if !strings.ContainsAny(t.text, "写印打显示名抬") {
		return
	}
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
	for _, none := range []string{"商户", "名", "不", "没", "别", "其他", "其它", "另", "谁", "哪", "外地", "一个", "一家", "多少", "我", "他", "失败", "成功", "交易", "错", "有", "出", "在", "的", "乱", "扣", "支出", "收入"} {
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
	low := strings.ToLower(t.text)
	if value := t.brandIn(low); value != "" {
		t.out[kb.SlotBrandModel] = value
	}
	if !strings.Contains(t.out[kb.SlotBrandModel], " ") { // "me 31", "ME-31"
		if value := t.brandIn(squeeze(low)); strings.Contains(value, " ") {
			t.out[kb.SlotBrandModel] = value
		}
	}
}

// brandIn is the brand and model that a text in lower case names, "" for none.
func (t *telling) brandIn(text string) string {
	name, rest := "", text
	for _, b := range t.brands {
		if b.model == "" && containsWord(text, b.folded) {
			name = b.brand
			_, rest, _ = strings.Cut(text, b.folded)
			break
		}
	}
	for _, b := range t.brands {
		switch {
		case b.model == "":
		case name == b.brand && containsWord(rest, b.folded):
			return name + " " + strings.ToUpper(b.model)
		case name == "" && (len(b.folded) > shortModel || t.wants(kb.SlotBrandModel)) && containsWord(text, b.folded):
			return b.brand + " " + strings.ToUpper(b.model)
		}
	}
	if m := t.model.FindStringIndex(rest); name != "" && m != nil && m[0] <= maxGap && !strings.ContainsAny(rest[:m[0]], ",。;!?") {
		return name + " " + strings.ToUpper(rest[m[0]:m[1]]) // a model that is not in the list
	}
	return name
}

const (
	shortModel = 3  // bytes: models that short (A8) need their brand beside them
	maxGap     = 21 // bytes between a brand and its model: "新大陆的机器型号是 ME99"
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
	if !t.wants(kb.SlotCity) && !containsAny(t.text, []string{"在", "我是", "来自", "城市", "位于", "地址", "省", "到了", "市", "这边", "这里", "本地", "店"}) && utf8.RuneCountInString(t.text) > 5 {
		return
	}
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

package host

import "github.com/yingda/yingda/chat"

// MaxText is how many bytes one text may have: WeChat takes 2047 or 2048.
const MaxText = 2000

// EntryText is what a customer reads of an entry. WeChat cannot change what was sent: a correction says that it is one.
func EntryText(e chat.Entry) string {
	if e.CorrectsSeq > 0 {
		return "（更正）" + e.Text
	}
	return e.Text
}

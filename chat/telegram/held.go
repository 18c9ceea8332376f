package telegram

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/yingda/yingda/chat"
)

// IsService tells whether m says what happened in a chat rather than what somebody said.
func (m *Message) IsService() bool {
	if m.Words() != "" || len(m.Photo) > 0 || len(m.held) == 0 {
		return false
	}
	for name := range m.held {
		if !slices.Contains(services(), name) {
			return false
		}
	}
	return true
}

// kind is what m is besides words and a picture; false for a message of the service, and for one that is nothing else.
func (m *Message) kind() (kind, bool) {
	for _, k := range kinds() {
		if _, ok := m.held[k.field]; ok {
			return kindOf(k.field), true
		}
	}
	var strange []string
	for name := range m.held {
		if !slices.Contains(services(), name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	switch {
	case len(strange) > 0:
		name := chat.Shorten(strange[0], maxKindName, chat.UTF16Len)
		return kind{field: strange[0], medium: chat.Other, label: fmt.Sprintf("[Telegram 消息：%s]", name)}, true
	case len(m.held) > 0, m.words() != "", len(m.Photo) > 0:
		return kind{}, false
	}
	return kind{medium: chat.Other, label: chat.Other.Label()}, true
}

// maxKindName is how much is shown of the name of a kind that nobody knew in time.
const maxKindName = 40

// body reads what m has in a field. What has another shape than was known in time is left out.
func (m *Message) body(field string) (b body) {
	_ = json.Unmarshal(m.held[field], &b) // as above
	return b
}

//go:build !planted

package main

import (
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// durable is the store as it is. The harness in faults builds another one, with bugs.
func durable(s bot.Store) bot.Store { return s }

// posted is the outbox as it is, likewise.
func posted(o chat.Outbox) chat.Outbox { return o }

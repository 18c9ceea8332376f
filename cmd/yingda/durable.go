//go:build !planted

package main

import "github.com/yingda/yingda/bot"

// durable is the store as it is. The harness in faults builds another one, with bugs.
func durable(s bot.Store) bot.Store { return s }

// posted is the channels' store as it is, likewise.
func posted(s channelStore) channelStore { return s }

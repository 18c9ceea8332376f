// Package telegram brings customers who write to a Telegram bot to Yingda, and what is said back to them.
// It also has the Client that whoever works in an agents' group calls Telegram with.
package telegram

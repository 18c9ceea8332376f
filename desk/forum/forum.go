// Package forum lets agents work in a Telegram group with topics: one topic for each customer, whatever
// the customer's channel.
package forum

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// KV is something small that a channel remembers: a cursor, where a message has its twin, how many
// sends are left. Many nodes see the same ones.
type KV struct {
	Key          string    // unique; begins with the channel and the account: "telegram/default/topic/…"
	Value        []byte    // at most MaxKVValue bytes
	Conversation string    // whose it is, and with which it is erased; "" for nobody's
	ExpiresAt    time.Time // counts as missing from then on; zero: for ever
}

// MaxKVValue is how many bytes KV.Value may have.
const MaxKVValue = 4 << 10

// KVStore keeps them. Message.KV and Settlement.KV are kept in one commit with what they belong to.
type KVStore interface {
	// GetKV is what is kept under a key; ErrNotFound.
	GetKV(ctx context.Context, key string) ([]byte, error)
	// SetKV keeps values, all or none, over what was there. Nil is deleted.
	SetKV(ctx context.Context, kvs ...KV) error
	// ClaimKV keeps a value where there is none under its key, and returns what is kept then: kv.Value for
	// whoever was first.
	ClaimKV(ctx context.Context, kv KV) ([]byte, error)
}

// LoadKV decodes the JSON that is kept under a key into into, which stays as it is where nothing is kept.
func LoadKV(ctx context.Context, store KVStore, key string, into any) (found bool, err error) {
	value, err := store.GetKV(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(value, into)
	}
	if err != nil {
		return false, fmt.Errorf("load a value: %w", err) // without the key, which may name a customer
	}
	return true, nil
}

// EncodeJSON is the JSON of what always has one; it panics for anything else.
func EncodeJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

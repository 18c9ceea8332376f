package node

import (
	"context"

	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/privacy"
)

// NewDesk is where agents work; sealer is asked for when a contact is to be opened.
func NewDesk(s Store, sealer func() (*privacy.Sealer, error), masker *privacy.Masker) *desk.Desk {
	return desk.New(desk.Config{
		Store:    s,
		Unsealer: unsealer(sealer),
		Agents:   Directory{s},
		Mask:     func(text string) string { return masker.Mask(text).Text },
		Notices:  desk.DefaultNotices(),
	})
}

// unsealer opens what the inbox sealed.
type unsealer func() (*privacy.Sealer, error)

// UnsealContact opens the contact of a conversation.
func (u unsealer) UnsealContact(conversation string, sealed []byte) (string, error) {
	sealer, err := u()
	if err != nil {
		return "", err
	}
	return sealer.UnsealContact(conversation, sealed)
}

// Directory finds agents by their names; a store knows them by their keys.
type Directory struct{ Store Store }

// FindAgent is one agent; chat.ErrNotFound.
func (d Directory) FindAgent(ctx context.Context, name string) (desk.Agent, error) {
	keys, err := d.Store.ListKeys(ctx)
	if err != nil {
		return desk.Agent{}, err
	}
	for _, k := range keys {
		if k.Name == name {
			return desk.Agent{Name: k.Name, Role: k.Role}, nil
		}
	}
	return forum.FindAgent(ctx, d.Store, name) // one of a Telegram group needs no key
}

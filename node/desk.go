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
		Store: s,
		UnsealContact: func(conversation string, sealed []byte) (string, error) {
			sealer, err := sealer()
			if err != nil {
				return "", err
			}
			return sealer.UnsealContact(conversation, sealed)
		},
		FindAgent: func(ctx context.Context, name string) (desk.Agent, error) { return FindAgent(ctx, s, name) },
		Mask:      func(text string) string { return masker.Mask(text).Text },
		Notices:   desk.DefaultNotices(),
	})
}

// FindAgent is one agent by name, of those who have a key and those of a Telegram group, who need none; chat.ErrNotFound.
func FindAgent(ctx context.Context, s Store, name string) (desk.Agent, error) {
	keys, err := s.ListKeys(ctx)
	if err != nil {
		return desk.Agent{}, err
	}
	for _, k := range keys {
		if k.Name == name {
			return desk.Agent{Name: k.Name, Role: k.Role}, nil
		}
	}
	return forum.FindAgent(ctx, s, name)
}

package kf

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// desk is one customer service as the host lists it.
type desk struct {
	ID      string `json:"open_kfid"`
	Name    string `json:"name"`
	Managed *bool  `json:"manage_privilege"` // whether the API may speak for it; nil where the host does not say
}

// desksAtOnce is how many one call lists.
const desksAtOnce = 100

// desks lists those that the application may manage. On an error it returns what was listed before.
func (a *account) desks(ctx context.Context) (all []desk, err error) {
	for offset := 0; ; offset += desksAtOnce {
		var answer struct {
			List []desk `json:"account_list"`
		}
		err := a.client.Post(ctx, "/cgi-bin/kf/account/list", map[string]int{"offset": offset, "limit": desksAtOnce}, &answer)
		if err != nil {
			return all, err
		}
		for _, d := range answer.List {
			if isID(d.ID) && (d.Managed == nil || *d.Managed) {
				all = append(all, d)
			}
		}
		if len(answer.List) < desksAtOnce {
			return all, nil
		}
	}
}

// Check asks the host whether an account is set up well: what was found, or what is wrong, in words.
func (c *Channel) Check(ctx context.Context, account string) (found string, err error) {
	a, ok := c.accounts[account]
	if !ok {
		return "", fmt.Errorf("no wechat-kf account named %q is set up", account)
	}
	if err := a.client.Authorize(ctx); err != nil {
		return "", fmt.Errorf("wechat-kf %q: %w", account, err)
	}
	desks, err := a.desks(ctx)
	if err != nil {
		return "", fmt.Errorf("wechat-kf %q: %w", account, err)
	}
	if len(desks) == 0 {
		return "", fmt.Errorf("wechat-kf %q: there is no desk (客服帐号) that the application may manage: add one on the page of 微信客服, and give the application the right to manage it", account)
	}
	for _, id := range a.Desks {
		if !slices.ContainsFunc(desks, func(d desk) bool { return d.ID == id }) {
			return "", fmt.Errorf("wechat-kf %q: the desk %s is none that the application may manage: check its open_kfid", account, id)
		}
	}
	var names []string
	for _, d := range desks {
		if a.reads(d.ID) {
			names = append(names, fmt.Sprintf("%s (%s)", strings.Join(strings.Fields(d.Name), " "), d.ID))
		}
	}
	return "it reads the desks " + strings.Join(names, ", "), nil
}

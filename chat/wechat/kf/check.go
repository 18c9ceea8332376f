package kf

import (
	"context"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/finding"
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

// Check asks the host whether an account is set up well. It changes nothing.
func (c *Channel) Check(ctx context.Context, account string) (f finding.List) {
	a, ok := c.accounts[account]
	if !ok {
		f.Add(finding.Error, "name one of the accounts that are set up", "There is no account %q.", account)
		return f
	}
	if err := a.client.Authorize(ctx); err != nil {
		f.Add(finding.Error, diagnose(err), "Enterprise WeChat gives no access token: %s.", err)
		return f
	}
	f.Add(finding.OK, "", "Enterprise WeChat takes the corporation's id and the secret, from this machine's address.")
	desks, err := a.desks(ctx)
	if err != nil {
		f.Add(finding.Error, diagnose(err), "The desks (客服账号) cannot be listed: %s.", err)
		return f
	}
	for _, id := range a.Desks {
		if !slices.ContainsFunc(desks, func(d desk) bool { return d.ID == id }) {
			f.Add(finding.Error, "check its open_kfid, and give the application the right to it (通过API管理会话消息), on the page of 微信客服",
				"The desk %s is none that the application may manage.", id)
		}
	}
	for _, d := range desks {
		if a.reads(d.ID) {
			f.Add(finding.OK, "", "It reads the desk %s (%s).", strings.Join(strings.Fields(d.Name), " "), d.ID)
		}
	}
	if len(desks) == 0 {
		f.Add(finding.Error, "create one on the page of 微信客服, and give the application the right to it (通过API管理会话消息)",
			"There is no desk (客服账号) that the application may manage.")
	}
	return f
}

// diagnose says what to do about an error of the API.
func diagnose(err error) string {
	code := host.Code(err)
	if m, ok := misset()[code]; ok {
		return m.mend
	}
	switch code {
	case 0:
		return "look whether this machine reaches the API's address, and whether that is the right one"
	case host.CodeBusy, 45009:
		return "try again in a minute"
	}
	return "look the errcode up among the return codes of enterprise WeChat (全局错误码)"
}

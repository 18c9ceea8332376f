package kf

import (
	"context"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/finding"
)

// Check asks the host whether an account is set up well. It changes nothing.
func (c *Channel) Check(ctx context.Context, name string) (f finding.List) {
	a, ok := c.accounts.Check(name, &f)
	if !ok {
		return f
	}
	if err := a.client.Authorize(ctx); err != nil {
		f.Add(finding.Error, diagnose(err), "Enterprise WeChat gives no access token: %s.", err)
		return f
	}
	f.Add(finding.OK, "", "Enterprise WeChat takes the corporation's id and the secret, from this machine's address.")
	found, err := a.listKfAccounts(ctx)
	if err != nil {
		f.Add(finding.Error, diagnose(err), "The desks (客服账号) cannot be listed: %s.", err)
		return f
	}
	for _, id := range a.OpenKfs {
		if !slices.ContainsFunc(found, func(k kfAccount) bool { return k.ID == id }) {
			f.Add(finding.Error, "check its open_kfid, and give the application the right to it (通过API管理会话消息), on the page of 微信客服",
				"The desk %s is none that the application may manage.", id)
		}
	}
	for _, k := range found {
		if a.reads(k.ID) {
			f.Add(finding.OK, "", "It reads the desk %s (%s).", strings.Join(strings.Fields(k.Name), " "), k.ID)
		}
	}
	if len(found) == 0 {
		f.Add(finding.Error, "create one on the page of 微信客服, and give the application the right to it (通过API管理会话消息)",
			"There is no desk (客服账号) that the application may manage.")
	}
	return f
}

// diagnose says what an operator is to do about an error of the API.
func diagnose(err error) string {
	code := host.Code(err)
	if s, ok := settingErrors()[code]; ok {
		return s.fix
	}
	switch code {
	case 0:
		return "look whether this machine reaches the API's address, and whether that is the right one"
	case host.CodeBusy, codeTooMany:
		return "try again in a minute"
	}
	return "look the errcode up among the return codes of enterprise WeChat (全局错误码)"
}

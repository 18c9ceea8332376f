package wechat

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/finding"
)

// Check calls WeChat for an account and says in words what is wrong. It changes nothing.
func (c *Channel) Check(ctx context.Context, name string) finding.List {
	var f finding.List
	a, ok := c.accounts.Check(name, &f)
	if !ok {
		return f
	}
	if a.AESKey == "" {
		f.Add(finding.Warning, "choose safe mode (安全模式) on WeChat's page and set its EncodingAESKey here",
			"Messages come in plain mode: whoever reads one on its way can forge others.")
	} else {
		f.Add(finding.OK, "", "Messages are encrypted; the AES key has the right form.")
	}
	if err := a.client.Authorize(ctx); err != nil {
		f.Add(finding.Error, diagnose(err), "WeChat gives no access token: %s.", err)
		return f
	}
	f.Add(finding.OK, "", "WeChat takes the app id and the secret, from this machine's address.")
	if off := a.client.Skew(); off.Abs() > envelope.MaxClockSkew/2 {
		f.Add(finding.Error, fmt.Sprintf("set the clock: messages are refused when it is more than %v off", envelope.MaxClockSkew),
			"This machine's clock is %v off.", off.Round(time.Second))
	}
	a.checkSending(ctx, &f)
	return f
}

// nobody is no customer's openid.
const nobody = "yingda-check"

// checkSending asks whether the account may send by itself, by a call that shows nothing to anybody.
func (a *account) checkSending(ctx context.Context, f *finding.List) {
	err := a.client.Post(ctx, typingPath, map[string]string{"touser": nobody, "command": "Typing"}, nil)
	switch code := host.Code(err); {
	case code == host.CodeUnauthorized, code == 50001:
		f.Add(finding.Warning, "have the account certified (微信认证), if its kind can be; see 接口权限 on WeChat's page",
			"The account may not send by itself: what takes longer than five seconds, and what agents write, waits for the customer's next message, and pictures cannot be sent.")
	case err == nil, code == host.CodeOpenID, code == 45080, code == 45081, code == host.CodeWindow, code == 43004:
		f.Add(finding.OK, "", "The account may send by itself (message/custom/send).")
	default:
		f.Add(finding.Error, diagnose(err), "Whether the account may send by itself cannot be told: %s.", err)
	}
}

// diagnose says what an operator is to do about an error of the API.
func diagnose(err error) string {
	switch host.Code(err) {
	case host.CodeNotListed, host.CodeNotListedNow, 89501, 89503, 89506, 89507:
		return "add this machine's address to the IP white list (API IP白名单), under 开发密钥 on 微信开发者平台, and have it confirmed by the administrator"
	case host.CodeAppID, 41002:
		return "copy the AppID again from WeChat's page"
	case host.CodeSecret, host.CodeCredential, 41004:
		return "copy the AppSecret again, or reset it on WeChat's page; resetting ends the old one"
	case host.CodeDaily:
		return "wait until tomorrow, or clear the count on WeChat's page"
	case host.CodeMinute, host.CodeBusy:
		return "try again in a minute"
	case 0:
		return "look whether this machine reaches the API's address, and whether that is the right one"
	}
	return "look the errcode up among WeChat's return codes (全局返回码)"
}

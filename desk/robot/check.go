package robot

import (
	"context"
	"errors"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/finding"
)

var _ chat.Checker = (*Channel)(nil)

// Check asks the host whether it knows a robot. Nobody in the group sees anything, for the message that is
// sent is empty, and refused for that alone.
func (c *Channel) Check(ctx context.Context, account string) (f finding.List) {
	a, ok := c.accounts[account]
	if !ok {
		f.Add(finding.Error, "name one of the accounts that are set up", "There is no robot %q.", account)
		return f
	}
	err := c.post(ctx, a, message{Type: "text"})
	r, refused := errors.AsType[*refusal](err)
	switch {
	case err == nil, refused && (r.code == codeEmptyContent || r.code == codeTooOften):
		f.Add(finding.OK, "", "Enterprise WeChat knows the robot, and takes what it says.")
	case refused && r.code == codeWrongKey:
		f.Add(finding.Error, "copy what follows key= in the address of the group's 消息推送 (群机器人) anew", "There is no robot with this key (errcode %d).", codeWrongKey)
	case refused && r.code != 0:
		f.Add(finding.Error, "look the errcode up among the return codes of enterprise WeChat (全局错误码)", "The robot may not speak: %s.", err)
	case refused:
		f.Add(finding.Error, "look whether the API's address is the right one", "Enterprise WeChat cannot be asked: %s.", err)
	default:
		f.Add(finding.Error, "look whether this machine reaches the API's address, and whether that is the right one", "Enterprise WeChat cannot be asked: %s.", chat.NetworkReason(err))
	}
	return f
}

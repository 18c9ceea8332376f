package wechat

import (
	"fmt"
	"strconv"
)

// codeError is a refusal of the API, which always comes with HTTP status 200.
type codeError struct {
	code   int
	detail string // what is wrong, for who reads the stand-in's answer; may be ""
}

// Error returns the errcode and its errmsg.
func (e *codeError) Error() string { return strconv.Itoa(e.code) + " " + e.message() }

func (e *codeError) message() string {
	if e.detail == "" {
		return errmsg(e.code)
	}
	return errmsg(e.code) + ", " + e.detail
}

// refuse returns the refusal with this errcode.
func refuse(code int, format string, args ...any) error {
	return &codeError{code: code, detail: fmt.Sprintf(format, args...)}
}

// errmsg is the platform's text for an errcode. Those of 95000 and above are 微信客服's.
func errmsg(code int) string {
	switch code {
	case 0:
		return "ok"
	case -1:
		return "system error"
	case 40001:
		return "invalid credential, access_token is invalid or not latest"
	case 40002:
		return "invalid grant_type"
	case 40003:
		return "invalid openid"
	case 40004:
		return "invalid media type"
	case 40005:
		return "invalid file type"
	case 40006:
		return "invalid media size"
	case 40007:
		return "invalid media_id"
	case 40008:
		return "invalid message type"
	case 40009:
		return "invalid image size"
	case 40013:
		return "invalid appid"
	case 40014:
		return "invalid access_token"
	case 40016:
		return "invalid button size"
	case 40017:
		return "invalid button type"
	case 40018:
		return "invalid button name size"
	case 40019:
		return "invalid button key size"
	case 40020:
		return "invalid button url size"
	case 40023:
		return "invalid sub button size"
	case 40033:
		return "invalid charset. please check your request, if include \\uxxxx will create fail!"
	case 40035:
		return "invalid parameter"
	case 40058:
		return "invalid Request Parameter"
	case 40066:
		return "invalid url"
	case 40096:
		return "invalid external userid"
	case 40125:
		return "invalid appsecret"
	case 40164:
		return "invalid ip, not in whitelist"
	case 41001:
		return "access_token missing"
	case 41002:
		return "appid missing"
	case 41004:
		return "appsecret missing"
	case 41005:
		return "media data missing"
	case 42001:
		return "access_token expired"
	case 43001:
		return "require GET method"
	case 43002:
		return "require POST method"
	case 43004:
		return "require subscribe"
	case 44002:
		return "empty post data"
	case 44004:
		return "empty content"
	case 45002:
		return "content size out of limit"
	case 45009:
		return "reach max api daily quota limit"
	case 45011:
		return "api minute-quota reach limit, must slower, retry next minute"
	case 45015:
		return "response out of time limit or subscription is canceled"
	case 45047:
		return "out of response count limit"
	case 45072:
		return "invalid command"
	case 45080:
		return "no message within 30 seconds"
	case 45081:
		return "typing already"
	case 45098:
		return "msgmenu list size is out of limit"
	case 47001:
		return "data format error"
	case 48001:
		return "api unauthorized"
	case 93000:
		return "invalid webhook url"
	case 95000:
		return "invalid open_kfid"
	case 95001:
		return "send msg count limit"
	case 95002:
		return "send msg time limit"
	case 95007:
		return "invalid msg token"
	case 95008:
		return "msgmenu list size is out of limit"
	case 95009:
		return "invalid msgmenu item type"
	case 95013:
		return "session is closed"
	case 95014:
		return "user is not servicer"
	case 95016:
		return "session status can not be changed so"
	case 95018:
		return "send msg session status invalid"
	}
	return "error"
}

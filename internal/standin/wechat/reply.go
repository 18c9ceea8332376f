package wechat

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// addressee is who a reply must go to, and how many cards of news it may hold.
type addressee struct {
	openID string
	cards  int
}

// maxPassive is how many bytes the text of a passive reply may have.
const maxPassive = 2047

// readReply reads what the hook answered to a push. Nil means that the follower sees nothing.
func (a *OfficialAccount) readReply(to addressee, answer []byte) (*Bubble, error) {
	if len(answer) == 0 || string(answer) == "success" {
		return nil, nil // there is no bubble, and nothing is wrong
	}
	if !utf8.Valid(answer) {
		return nil, errors.New("the answer is not UTF-8")
	}
	root, err := parseXML(answer)
	if err != nil {
		return nil, fmt.Errorf("neither success, nor empty, nor a reply: %w", err)
	}
	if root.name != "xml" {
		return nil, fmt.Errorf("the root is %s, not xml", root.name)
	}
	sealed := slices.ContainsFunc(root.nodes, func(n node) bool { return n.name == "Encrypt" })
	switch {
	case sealed && a.cfg.Mode == Plain:
		return nil, errors.New("the reply is enciphered, but the account is in plain mode")
	case !sealed && a.cfg.Mode == Safe:
		return nil, errors.New("the reply is in plain text, but the account is in safe mode")
	case sealed:
		if root, err = a.unseal(root); err != nil {
			return nil, err
		}
	}
	return a.bubble(to, root)
}

// unseal checks the signature of an enciphered reply and returns the document in it.
func (a *OfficialAccount) unseal(root node) (node, error) {
	f, err := root.fields("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
	if err != nil {
		return node{}, err
	}
	timestamp, nonce := f["TimeStamp"].text, f["Nonce"].text
	if !isUnix(timestamp) || nonce == "" {
		return node{}, errors.New("the enciphered reply has no TimeStamp in seconds, or no Nonce")
	}
	if !same(f["MsgSignature"].text, sign(a.cfg.Token, timestamp, nonce, f["Encrypt"].text)) {
		return node{}, errors.New("the MsgSignature of the reply is wrong")
	}
	document, err := a.key.open(f["Encrypt"].text, a.cfg.AppID)
	if err != nil {
		return node{}, fmt.Errorf("deciphering the reply: %w", err)
	}
	if len(document) == 0 || string(document) == "success" {
		return node{}, errors.New("nothing or success was enciphered; they are answered as they are")
	}
	if !utf8.Valid(document) {
		return node{}, errors.New("the enciphered reply is not UTF-8")
	}
	if root, err = parseXML(document); err == nil && root.name != "xml" {
		err = fmt.Errorf("the root of the enciphered reply is %s, not xml", root.name)
	}
	return root, err
}

// bubble reads a reply in plain text.
func (a *OfficialAccount) bubble(to addressee, root node) (*Bubble, error) {
	kind := ""
	for _, n := range root.nodes {
		if n.name == "MsgType" {
			kind = n.text
		}
	}
	body, ok := map[string][]string{
		"text": {"Content"}, "image": {"Image"}, "voice": {"Voice"}, "video": {"Video"}, "news": {"ArticleCount", "Articles"},
		"transfer_customer_service": {"TransInfo?"},
	}[kind]
	if !ok {
		return nil, fmt.Errorf("the reply has the MsgType %q", kind)
	}
	f, err := root.fields(append([]string{"ToUserName", "FromUserName", "CreateTime", "MsgType"}, body...)...)
	switch {
	case err != nil:
		return nil, err
	case f["ToUserName"].text != to.openID || f["FromUserName"].text != a.cfg.OriginalID:
		return nil, errors.New("the reply must go to the follower's openid, from the account's original id: the two of the push, swapped")
	case !isUnix(f["CreateTime"].text):
		return nil, errors.New("the CreateTime of the reply is no time in seconds")
	}
	b := &Bubble{Via: Passive, Type: kind}
	switch kind {
	case "text":
		b.Text = f["Content"].text
		err = passiveText(b.Text)
	case "image", "voice", "video":
		err = a.fileOf(b, f[strings.ToUpper(kind[:1])+kind[1:]])
	case "news":
		b.Articles, err = articles(f["ArticleCount"].text, f["Articles"], to.cards)
	default:
		b.Text = "已转接公众平台客服"
	}
	return b, err
}

// passiveText checks the text of a passive reply.
func passiveText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("the Content of the reply is empty")
	case len(text) > maxPassive:
		return fmt.Errorf("the Content of the reply has %d bytes, and %d are allowed", len(text), maxPassive)
	}
	return nil
}

// fileOf fills the bubble with the file that a reply names, which must have been uploaded.
func (a *OfficialAccount) fileOf(b *Bubble, body node) error {
	f, err := body.fields("MediaId", "Title?", "Description?")
	if err != nil {
		return err
	}
	b.MediaID, b.Text = f["MediaId"].text, placeholder(b.Type)
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	if m := a.server.file(a, b.MediaID); m == nil || m.kind != b.Type {
		return fmt.Errorf("the MediaId of the reply names no %s of this account", b.Type)
	}
	return nil
}

// articles reads the cards of a news reply.
func articles(count string, list node, most int) ([]Article, error) {
	var found []Article
	for _, item := range list.nodes {
		f, err := item.fields("Title", "Description", "PicUrl", "Url")
		if err == nil && item.name != "item" {
			err = fmt.Errorf("it is called %s", item.name)
		}
		if err != nil {
			return nil, fmt.Errorf("an item of Articles: %w", err)
		}
		found = append(found, Article{f["Title"].text, f["Description"].text, f["PicUrl"].text, f["Url"].text})
	}
	switch n, err := strconv.Atoi(count); {
	case err != nil || n != len(found):
		return nil, fmt.Errorf("ArticleCount is %q, but there are %d articles", count, len(found))
	case n < 1 || n > most:
		return nil, fmt.Errorf("the reply holds %d articles, and at most %d are allowed", n, most)
	}
	return found, nil
}

// isUnix says whether the text is a time in seconds, and not in milliseconds.
func isUnix(text string) bool {
	n, err := strconv.ParseUint(text, 10, 64)
	return err == nil && n >= 1e8 && n < 1e10 && text[0] != '0'
}

// placeholder is how a message of this type is shown in words.
func placeholder(kind string) string {
	switch kind {
	case "image":
		return "[图片]"
	case "voice":
		return "[语音]"
	case "video":
		return "[视频]"
	case "file":
		return "[文件]"
	}
	return ""
}

package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

func customerOf(p *pending) chat.OpenRequest {
	openID := p.cb.From
	return chat.OpenRequest{
		Channel: Name, Account: p.a.Name, Address: openID,
		Customer: chat.Customer{ID: openID, Name: "微信用户 " + strings.TrimPrefix(shortOpenID(openID), "…")}, // WeChat tells no names
	}
}

// message is what a customer said, with its picture and with what may be sent because of it.
func (c *Channel) message(ctx context.Context, p *pending) chat.Message {
	cb := p.cb
	m := chat.Message{
		Channel: Name, ExternalID: p.externalID, At: cb.receivedAt, ReplyWindow: replyWindow, KV: p.a.grantQuota(cb, ""),
	}
	wordless := func(medium chat.Medium) { m.Medium, m.Text = medium, medium.Label() }
	switch cb.Type {
	case "text":
		if m.Text = cb.Content; strings.TrimSpace(m.Text) == "" {
			wordless(chat.Other)
		}
		if strings.Contains(cb.Content, textUnsupported) && len(cb.Content) < 100 {
			wordless(chat.Sticker)
		}
	case "image":
		attachment, err := c.savePicture(ctx, p.a, cb)
		if err != nil {
			p.a.log.WarnContext(ctx, "a picture was not kept", "customer", shortOpenID(cb.From), "error", err)
			wordless(chat.Picture)
			m.Enclosure = chat.LostPicture(err)
			break
		}
		m.Attachments = []chat.Attachment{attachment}
	case "voice":
		if m.Text = strings.TrimSpace(cb.Recognition); m.Text == "" {
			wordless(chat.Voice)
		}
	case "video", "shortvideo":
		wordless(chat.Video)
	case "file":
		wordless(chat.File)
	case "location":
		if m.Text = strings.TrimSpace(cb.Label); m.Text == "" {
			wordless(chat.Location)
		}
	case "link":
		if m.Text = strings.TrimSpace(cb.Title + "\n" + cb.URL); m.Text == "" {
			wordless(chat.Other)
		}
	case "event":
		c.eventMessage(cb, &m)
	default:
		wordless(chat.Other)
	}
	return m
}

// eventMessage is what following, scanning and a tap on the account's own menu say.
func (c *Channel) eventMessage(cb callback, m *chat.Message) {
	switch cb.Event {
	case "subscribe":
		m.Welcome, m.Text = true, "[关注公众号]"
		if scene, ok := strings.CutPrefix(cb.EventKey, "qrscene_"); ok {
			m.Device.Serial = chat.ParseSerialNumber(scene)
		}
	case "scan":
		m.Welcome, m.Text, m.Device.Serial = true, "[扫描二维码]", chat.ParseSerialNumber(cb.EventKey)
	case "click":
		switch cb.EventKey {
		case "help":
			m.Welcome, m.Text = true, "帮助"
		case "human":
			m.Text = "转人工"
		case "ticket":
			m.Text = "我的工单"
		default: // an article's id, or words; else the key of another menu, and whoever tapped it is shown what there is
			m.Text = c.Title(cb.EventKey)
			if m.Text == "" && strings.ContainsFunc(cb.EventKey, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				m.Text = cb.EventKey
			}
			if m.Text == "" {
				m.Welcome, m.Text = true, "[点按菜单]"
			}
		}
	}
}

// pictureTimeout is how long the fetching of one may take.
const pictureTimeout = 10 * time.Second

func (c *Channel) savePicture(ctx context.Context, a *account, cb callback) (chat.Attachment, error) {
	ctx, cancel := context.WithTimeout(ctx, pictureTimeout)
	defer cancel()
	file, err := c.fetchPicture(ctx, a, cb)
	if err != nil {
		return chat.Attachment{}, err
	}
	defer func() { _ = file.Close() }() // it was only read
	kept, err := c.Pictures.Save(ctx, file)
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("keep a picture: %w", err)
	}
	return kept, nil
}

// fetchPicture fetches a picture from the API where the account may, else from the address that came with it.
func (c *Channel) fetchPicture(ctx context.Context, a *account, cb callback) (io.ReadCloser, error) {
	err := errors.New("the message has no picture")
	if cb.MediaID != "" && !a.sendForbiddenCached() {
		var file io.ReadCloser
		if file, err = a.client.Media(ctx, cb.MediaID); err == nil {
			return file, nil
		}
	}
	if cb.PicURL == "" {
		return nil, err
	}
	if err := checkPictureURL(cb.PicURL, a.client.Host()); err != nil {
		return nil, err
	}
	return c.download(ctx, cb.PicURL)
}

// checkPictureURL refuses the address of a picture that is not on WeChat's own servers or the API's: whoever knows
// the token could have anything fetched from the inside of our network.
func checkPictureURL(address, apiHost string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return errors.New("invalid picture URL")
	}
	known := slices.ContainsFunc([]string{".qpic.cn", ".qlogo.cn", ".weixin.qq.com"}, func(suffix string) bool {
		return strings.HasSuffix(strings.ToLower(u.Host), suffix)
	})
	if known || strings.EqualFold(u.Host, apiHost) {
		return nil
	}
	return fmt.Errorf("the picture is not on a server of WeChat's, but on %q", u.Host)
}

// download reads a picture without a token. A redirect is an error.
func (c *Channel) download(ctx context.Context, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errors.New("invalid picture URL")
	}
	client := http.Client{
		Transport:     c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, errors.New("the picture cannot be fetched") // the error has its address
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("the picture cannot be fetched: HTTP %d", resp.StatusCode)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, host.MaxMedia), resp.Body}, nil
}

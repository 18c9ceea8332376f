package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// pictureTime is how long the fetching of one may take.
const pictureTime = 10 * time.Second

// picture fetches and keeps the picture of a message: from the API where the account may, else from the
// address that came with it.
func (c *Channel) picture(ctx context.Context, a *account, p push) (chat.Attachment, error) {
	ctx, cancel := context.WithTimeout(ctx, pictureTime)
	defer cancel()
	file, err := c.fetch(ctx, a, p)
	if err != nil {
		return chat.Attachment{}, err
	}
	defer func() { _ = file.Close() }() // it was only read
	kept, err := c.c.Pictures.Save(ctx, file)
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("keep a picture: %w", err)
	}
	return kept, nil
}

func (c *Channel) fetch(ctx context.Context, a *account, p push) (io.ReadCloser, error) {
	err := errors.New("the message has no picture")
	if p.MediaID != "" && !a.guess() {
		var file io.ReadCloser
		if file, err = a.client.Media(ctx, p.MediaID); err == nil {
			return file, nil
		}
	}
	if p.PicURL == "" {
		return nil, err
	}
	if err := a.trusts(p.PicURL); err != nil {
		return nil, err
	}
	return c.get(ctx, p.PicURL)
}

// trusts refuses the address of a picture that is not on WeChat's own servers: whoever knows the token could
// have anything fetched from the inside of our network.
func (a *account) trusts(address string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return errors.New("the address of the picture is none")
	}
	name := strings.ToLower(u.Hostname())
	for _, known := range []string{".qpic.cn", ".qlogo.cn", ".weixin.qq.com"} {
		if strings.HasSuffix(name, known) && u.Port() == "" {
			return nil
		}
	}
	if strings.EqualFold(u.Host, a.client.Host()) {
		return nil
	}
	return errors.New("the address of the picture is not one of WeChat's")
}

// get reads a picture without a token. A redirect is an error.
func (c *Channel) get(ctx context.Context, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errors.New("the address of the picture is none")
	}
	client := http.Client{
		Transport:     c.c.Transport,
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

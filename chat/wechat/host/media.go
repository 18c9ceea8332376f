package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"

	"github.com/yingda/yingda/chat"
)

// MaxMedia is how many bytes of a file are read.
const MaxMedia = 20 << 20

// Info is what is known of a file without its bytes.
type Info struct {
	Name string // "" where the host does not tell
	Type string // MIME type
	Size int64  // bytes; 0 where the host does not tell
}

// MediaInfo is what is known of a file that a customer sent.
func (c *Client) MediaInfo(ctx context.Context, id string) (Info, error) {
	file, err := c.media(ctx, id)
	if err != nil {
		return Info{}, NotSent(err)
	}
	return file.info, file.Close()
}

// Media is a file that a customer sent, at most MaxMedia bytes of it. Whoever got it closes it.
func (c *Client) Media(ctx context.Context, id string) (io.ReadCloser, error) {
	file, err := c.media(ctx, id)
	if err != nil {
		return nil, NotSent(err)
	}
	return file, nil
}

func (c *Client) media(ctx context.Context, id string) (file *download, err error) {
	err = c.authorized(ctx, func(query url.Values) (err error) {
		query.Set("media_id", id)
		file, err = c.download(ctx, call{method: http.MethodGet, path: "/cgi-bin/media/get", query: query})
		return err
	})
	return file, err
}

func (c *Client) download(ctx context.Context, k call) (*download, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	resp, err := c.do(ctx, k) //nolint:bodyclose // whoever gets the file closes it
	if err != nil {
		cancel()
		return nil, err
	}
	body := bufio.NewReader(io.LimitReader(resp.Body, MaxMedia))
	file := &download{body, newInfo(resp), resp.Body, cancel}
	head, _ := body.Peek(1) // an empty or broken answer tells at the next read
	if resp.StatusCode == http.StatusOK && !isJSON(resp, head) {
		return file, nil
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil {
		return nil, newError(chat.SendingQueued, k.path, "the answer broke off", reasonAnswerCut)
	}
	if err := c.decode(k, resp.StatusCode, raw, nil); err != nil {
		return nil, err
	}
	return nil, newError(chat.SendingQueued, k.path, "the answer is no file", reasonNoFile)
}

// download is a file whose time ends when it is closed.
type download struct {
	io.Reader
	info   Info
	body   io.Closer
	cancel context.CancelFunc
}

func newInfo(resp *http.Response) Info {
	info := Info{Size: max(resp.ContentLength, 0)}
	info.Type, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // "" where it tells none
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		info.Name = path.Base(params["filename"])
	}
	if info.Name == "." || info.Name == "/" {
		info.Name = ""
	}
	return info
}

// Close gives up what was not read.
func (d *download) Close() error {
	defer d.cancel()
	return d.body.Close()
}

// Upload hands over a file of one of WeChat's kinds ("image") and returns its id, which holds for three days.
func (c *Client) Upload(ctx context.Context, kind, name, mediaType string, r io.Reader) (id string, err error) {
	const path = "/cgi-bin/media/upload"
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("media", name)},
		"Content-Type":        {mediaType},
	})
	if err == nil {
		_, err = io.Copy(part, io.LimitReader(r, MaxMedia))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", newError(chat.SendingQueued, path, "the file cannot be read", reasonFile)
	}
	var answer struct {
		ID string `json:"media_id"`
	}
	err = c.authorized(ctx, func(query url.Values) error {
		query.Set("type", kind)
		return c.exchange(ctx, call{http.MethodPost, path, query, w.FormDataContentType(), form.Bytes()}, &answer)
	})
	if err == nil && answer.ID == "" {
		err = newError(chat.SendingQueued, path, "the answer has no media_id", reasonNoMediaID)
	}
	return answer.ID, NotSent(err)
}

// UploadPicture hands over a picture that is kept here, and returns its id there. Errors: chat.ErrNotFound, else those
// that a courier understands.
func (c *Client) UploadPicture(ctx context.Context, pictures chat.Pictures, id string) (mediaID string, err error) {
	file, kept, err := pictures.Open(ctx, id)
	if errors.Is(err, chat.ErrNotFound) {
		return "", err
	}
	if err != nil {
		return "", &chat.SendError{State: chat.SendingQueued, Reason: ReasonPicture}
	}
	defer func() { _ = file.Close() }() // it was read, or is given up
	name := "picture.jpg"
	if kept.Type == "image/png" {
		name = "picture.png"
	}
	return c.Upload(ctx, "image", name, kept.Type, file)
}

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/yingda/yingda/chat"
)

// conversation is a customer's side of one.
type conversation struct {
	s         *running
	id, token string
	said      *int // messages, at whatever server
}

// turned is what a message led to.
type turned struct {
	Message chat.Entry
	Replies []chat.Reply
	Entries []chat.Entry
}

// open begins a conversation.
func (s *running) open() (*conversation, error) {
	c := &conversation{s: s, said: new(int)}
	var opened struct{ ID, Token string }
	err := c.call(http.MethodPost, "", map[string]string{"channel": "api"}, &opened)
	c.id, c.token = opened.ID, opened.Token
	return c, err
}

// at is the same conversation seen through another server.
func (c *conversation) at(s *running) *conversation {
	return &conversation{s: s, id: c.id, token: c.token, said: c.said}
}

func (c *conversation) say(text string) (out turned, err error) {
	*c.said++
	return out, c.call(http.MethodPost, "/"+c.id+"/messages", map[string]string{"client_id": fmt.Sprint("m", *c.said), "text": text}, &out)
}

// entries are all that was said.
func (c *conversation) entries() ([]chat.Entry, error) { return c.after(0, 0) }

// after are the entries behind seq; it waits for the first one.
func (c *conversation) after(seq int64, wait time.Duration) ([]chat.Entry, error) {
	var out struct{ Messages []chat.Entry }
	err := c.call(http.MethodGet, fmt.Sprintf("/%s/messages?after=%d&wait=%d", c.id, seq, int(wait.Seconds())), nil, &out)
	return out.Messages, err
}

func (c *conversation) call(method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	data, err := c.send(method, path, "application/json", body)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, out)
}

// send makes a request below /conversations and returns the answer's body.
func (c *conversation) send(method, path, kind string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, c.s.url+"/api/v1/conversations"+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.s.client.Do(r)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(res.Body)
	err = errors.Join(err, res.Body.Close())
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, res.Status, data)
	}
	return data, err
}

// show sends a picture.
func (c *conversation) show(picture []byte) (out turned, err error) {
	*c.said++
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err = w.WriteField("client_id", fmt.Sprint("m", *c.said))
	file, fileErr := w.CreateFormFile("file", "picture.png")
	if err := errors.Join(err, fileErr); err != nil {
		return out, err
	}
	_, err = file.Write(picture)
	if err := errors.Join(err, w.Close()); err != nil {
		return out, err
	}
	data, err := c.send(http.MethodPost, "/"+c.id+"/attachments", w.FormDataContentType(), &form)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(data, &out)
}

// picture is one that was sent, as it is served.
func (c *conversation) picture(id string) ([]byte, error) {
	return c.send(http.MethodGet, "/"+c.id+"/attachments/"+id, "", http.NoBody)
}

package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/yingda/yingda/chat"
)

// File is where a file can be had, for an hour.
type File struct {
	Path string `json:"file_path"` // absolute where a server that runs with --local has it on its own disk
	Size int64  `json:"file_size"`
}

// MaxFile is how many bytes a file may have that a bot may download.
const MaxFile = 20 << 20

// File asks for a file by its id.
func (c *Client) File(ctx context.Context, id string) (File, error) {
	return result[File](ctx, c, "getFile", tgbotapi.Params{"file_id": id})
}

// fileError is the error for a file that nobody will ever have. Text tells agents why, in Chinese.
type fileError struct{ text, reason string }

// Error says why, in English.
func (e *fileError) Error() string { return e.text }

// Text says why, in Chinese.
func (e *fileError) Text() string { return e.reason }

// What is wrong with a file. All but ErrTooBig are for whoever runs the program to mend.
var (
	ErrTooBig   = &fileError{"the file is larger than a bot may download", reasonTooBig}
	errNoPath   = &fileError{"the file has no path", reasonFilePath}
	errNoFolder = &fileError{"the Bot API server runs with --local: set the folder of its files", reasonNoFolder}
	errUnread   = &fileError{"a file in the folder of the Bot API server cannot be read", reasonUnread}
)

// A download is tried so often, and all in all for so long: the chat's other messages wait behind it.
const (
	downloadTries = 3
	downloadTime  = 40 * time.Second
)

// Download reads a file by its id.
func (c *Client) Download(ctx context.Context, id string) (data []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTime)
	defer cancel()
	for try := 1; ; try++ {
		data, err = c.downloadOnce(ctx, id)
		if err == nil || try == downloadTries || isFinal(err) {
			return data, err
		}
		wait := max(chat.Backoff{First: 500 * time.Millisecond, Max: time.Minute}.Delay(try, 0.5), retryAfter(err))
		if end, _ := ctx.Deadline(); time.Now().Add(wait).After(end) || chat.Sleep(ctx, wait) != nil {
			return nil, err
		}
	}
}

// isFinal tells whether a download that failed so would fail again.
func isFinal(err error) bool {
	_, hopeless := errors.AsType[*fileError](err)
	refused, ok := errors.AsType[*Error](err)
	return hopeless || ok && refused.Code != http.StatusTooManyRequests && refused.Code < 500
}

func (c *Client) downloadOnce(ctx context.Context, id string) ([]byte, error) {
	f, err := c.File(ctx, id)
	switch {
	case hasDescription(err, "file is too big"):
		return nil, ErrTooBig
	case err != nil:
		return nil, err
	case f.Size > MaxFile:
		return nil, ErrTooBig
	case filepath.IsAbs(f.Path):
		return c.account.readFile(f.Path)
	case f.Path == "" || strings.Contains(f.Path, ".."):
		return nil, errNoPath
	}
	address := c.account.baseURL() + "/file/bot" + c.account.Token + "/" + (&url.URL{Path: f.Path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errNoPath
	}
	resp, err := c.http.Do(req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return nil, newTransportError(c.account, "download", true, err)
	}
	data, err := chat.ReadBody(resp, MaxFile)
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, &TransportError{
			Method: "download", Status: resp.StatusCode, RetryAfter: retryAfterHeader(resp),
			Reason: chat.HTTPReason(resp.StatusCode), cause: fmt.Errorf("HTTP status %d", resp.StatusCode),
		}
	case errors.Is(err, chat.ErrBodyTooLarge):
		return nil, ErrTooBig
	case err != nil:
		return nil, newTransportError(c.account, "download", true, err)
	}
	return data, nil
}

// readFile reads a file of a Bot API server of our own, which has it below the account's folder. Nothing outside of that is
// read, wherever a link leads.
func (a Account) readFile(path string) ([]byte, error) {
	if a.Files == "" {
		return nil, errNoFolder
	}
	root, err := os.OpenRoot(a.Files)
	if err != nil {
		return nil, errUnread
	}
	defer root.Close() //nolint:errcheck // it is only read
	name, err := filepath.Rel(a.Files, path)
	if err != nil || !filepath.IsLocal(name) {
		return nil, errUnread
	}
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errUnread
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, errUnread
	}
	defer f.Close() //nolint:errcheck // it is only read
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	switch {
	case err != nil:
		return nil, errUnread
	case len(data) > MaxFile:
		return nil, ErrTooBig
	}
	return data, nil
}

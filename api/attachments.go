package api

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/media"
)

// The limits of an upload.
const (
	maxUploadBytes   = media.MaxSize + 64<<10 // bytes of the whole form
	uploadTimeout    = 90 * time.Second       // for a picture over a slow telephone network
	uploadStall      = 10 * time.Second       // without a byte
	minUploadRate    = 8 << 10                // bytes a second, behind the first uploadStall
	keepTimeout      = 60 * time.Second       // for decoding and keeping it
	uploadRetryAfter = 2 * time.Second        // when there is no place for one more
)

// postAttachment takes one picture, as a turn of its own. A picture that no message holds is deleted; where that is
// not certain, as when the client left before the commit, it stays until the orphans are swept.
func (s *server) postAttachment(c echo.Context) error {
	if c.Request().ContentLength > maxUploadBytes {
		return media.ErrTooLarge
	}
	release, busy, ok := s.uploads.acquire(conversationID(c), clientShares(c))
	switch {
	case busy:
		return retryLater(http.StatusServiceUnavailable, uploadRetryAfter, "现在上传图片的人有点多，请稍后再发一次。")
	case !ok:
		return retryLater(http.StatusTooManyRequests, uploadRetryAfter, "前面的图片还没传完，请稍后再发一次。")
	}
	defer release()
	if err := extendWriteDeadline(c, uploadTimeout+keepTimeout); err != nil {
		return err
	}
	id, picture, err := parseUpload(c)
	if err != nil {
		return err
	}
	clearReadDeadline(c)
	ctx := c.Request().Context()
	info, err := s.Media.Put(ctx, bytes.NewReader(picture))
	if err != nil {
		return err
	}
	a := chat.Attachment(info)
	result, err := s.receive(c, chat.Message{ExternalID: id, Attachments: []chat.Attachment{a}})
	if result.Repeat || notKept(err) {
		if err := s.Media.Delete(a.ID); err != nil {
			s.Log.WarnContext(ctx, "orphaned picture not deleted", "conversation", conversationID(c), "picture", a.ID, "error", err)
		}
	}
	if err != nil {
		return err
	}
	return s.writeTurn(c, result)
}

// notKept tells whether nothing can have been kept of a turn that ended with err.
func notKept(err error) bool {
	var refusal *problem
	return errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrConflict) || errors.As(err, &refusal)
}

// parseUpload reads a form with a client_id and one file, in whatever order. Nothing beyond the limit
// is read, and nothing but the picture's bytes is believed: neither its name nor its declared type.
func parseUpload(c echo.Context) (id string, picture []byte, err error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), newPacedBody(c), maxUploadBytes)
	form, err := r.MultipartReader()
	if err != nil {
		return "", nil, fail(http.StatusUnsupportedMediaType, "请用 multipart/form-data 发送图片。")
	}
	for seen := map[string]bool{}; ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, uploadProblem(err)
		}
		name := part.FormName()
		if (name != "client_id" && name != "file") || seen[name] {
			return "", nil, fail(http.StatusBadRequest, "表单里只能有一个 client_id 和一个 file。")
		}
		seen[name] = true
		data, err := readPart(part)
		if err != nil {
			return "", nil, err
		}
		if name == "file" {
			picture = data
		} else {
			id = string(data)
		}
	}
	if len(picture) == 0 {
		return "", nil, fail(http.StatusBadRequest, "没有收到图片：请把它放在表单的 file 里。")
	}
	return id, picture, checkClientID(id)
}

// pacedBody is a request's body that must come without long pauses, not too slowly, and in uploadTimeout.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	start   time.Time
	read    int64 // bytes so far
}

func newPacedBody(c echo.Context) *pacedBody {
	return &pacedBody{c.Request().Body, http.NewResponseController(c.Response()), time.Now(), 0}
}

func (b *pacedBody) Read(p []byte) (int, error) {
	deadline := time.Now().Add(uploadStall)
	for _, other := range []time.Duration{uploadTimeout, uploadStall + time.Duration(b.read)*time.Second/minUploadRate} {
		if end := b.start.Add(other); end.Before(deadline) {
			deadline = end
		}
	}
	_ = b.control.SetReadDeadline(deadline) // a recorder has none
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

// readPart reads one field of a form.
func readPart(part *multipart.Part) ([]byte, error) {
	limit := int64(media.MaxSize)
	if part.FormName() == "client_id" {
		limit = maxClientID
	}
	data, err := io.ReadAll(io.LimitReader(part, limit+1))
	switch {
	case err != nil:
		return nil, uploadProblem(err)
	case int64(len(data)) > limit && limit == media.MaxSize:
		return nil, media.ErrTooLarge
	}
	return data, nil
}

// uploadProblem words what went wrong while a form was read.
func uploadProblem(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return media.ErrTooLarge
	}
	return fail(http.StatusBadRequest, "图片没有收全，请重发一次。")
}

// getAttachment serves a picture of the conversation.
func (s *server) getAttachment(c echo.Context) error {
	return s.serveAttachment(c, conversationID(c), c.Param("attachment"))
}

// serveAttachment serves a picture as a download that no browser runs or shows as a page.
func (s *server) serveAttachment(c echo.Context, conversation, id string) error {
	if !validID(id) {
		return chat.ErrNotFound
	}
	ctx := c.Request().Context()
	a, err := s.Conversations.FindAttachment(ctx, conversation, id)
	if err != nil {
		return err
	}
	file, err := s.Media.Open(a.ID)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	extension := map[string]string{"image/png": ".png", "image/jpeg": ".jpg"}[a.Type]
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+a.ID+extension+`"`)
	h.Set(echo.HeaderCacheControl, "private, max-age=86400, immutable")
	h.Set(echo.HeaderContentLength, strconv.FormatInt(a.Size, 10))
	return c.Stream(http.StatusOK, a.Type, file)
}

package media

import "errors"

// MaxSize is how many bytes a picture may have, as it is sent and as it is kept.
const MaxSize = 5 << 20

// Info describes a picture that is kept.
type Info struct {
	ID     string
	Type   string // image/jpeg or image/png
	Size   int64  // bytes, as kept
	Width  int
	Height int
}

// Refusal is the error for what is not kept. It is the sender's to mend, but for ErrDiskFull.
type Refusal struct {
	reason string
	text   string
}

// Error is the reason in English.
func (r *Refusal) Error() string { return r.reason }

// Text says it to the customer, in Chinese.
func (r *Refusal) Text() string { return r.text }

// What is refused, and what is not there.
var (
	ErrTooLarge      = &Refusal{"the picture has more than 5 MB", "图片超过5MB了，请压缩一下或截取要紧的部分再发。"}
	ErrNotPicture    = &Refusal{"the file is no JPEG, PNG or WebP picture that can be read", "这个文件打不开。请发JPG、PNG或WebP格式的图片；还不行的话，截个屏再发。"}
	ErrTooManyPixels = &Refusal{"the picture has too many pixels", "图片尺寸太大了，请缩小一些，或截取要紧的部分再发。"}
	ErrTooComplex    = &Refusal{"the picture takes too long to decode", "这张图片的格式太复杂，打不开。请截个屏再发。"}
	ErrDiskFull      = &Refusal{"the disk is almost full, and the rest is kept for messages", "现在暂时收不了图片，请先用文字说明，文字照常能收到。"}

	ErrNotFound = errors.New("no such picture")
)

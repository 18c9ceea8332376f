package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// The plain text is 16 random bytes, 4 bytes of the message's length (big-endian), the message and the
// receiver's id, padded by PKCS#7 to blocks of 32 bytes.
const (
	keyLength = 43
	headBytes = 16 + 4
	padBlock  = 32
)

// What is wrong with a key, or with a cipher text for it.
var (
	ErrKey    = errors.New("an EncodingAESKey is 43 letters and digits")
	ErrCipher = errors.New("the cipher text cannot be decrypted with this key")
)

type key struct {
	block cipher.Block
	iv    []byte
}

// parseKey reads an EncodingAESKey: base64 without its last sign, whose stray bits WeChat does not clear.
func parseKey(text string) (*key, error) {
	raw, err := base64.StdEncoding.DecodeString(text + "=")
	if len(text) != keyLength || err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%w: this one has %d characters, or other ones among them", ErrKey, len(text))
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return &key{block, raw[:aes.BlockSize]}, nil
}

func (k *key) decrypt(text string) (message []byte, receiver string, err error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, "", ErrCipher
	}
	cipher.NewCBCDecrypter(k.block, k.iv).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padBlock || pad > len(data)-headBytes ||
		!bytes.Equal(data[len(data)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, "", ErrCipher
	}
	data = data[16 : len(data)-pad]
	n, rest := binary.BigEndian.Uint32(data), data[4:]
	if uint64(n) > uint64(len(rest)) {
		return nil, "", ErrCipher
	}
	return rest[:n:n], string(rest[n:]), nil
}

func (k *key) encrypt(message []byte, receiver string, random [16]byte) string {
	var data bytes.Buffer
	data.Write(random[:])
	data.Write(binary.BigEndian.AppendUint32(nil, uint32(len(message))))
	data.Write(message)
	data.WriteString(receiver)
	pad := padBlock - data.Len()%padBlock
	data.WriteString(strings.Repeat(string(rune(pad)), pad))
	cipher.NewCBCEncrypter(k.block, k.iv).CryptBlocks(data.Bytes(), data.Bytes())
	return base64.StdEncoding.EncodeToString(data.Bytes())
}

package wechat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// aesKey is an account's key for messages: 32 bytes, the first 16 of which are also the IV.
type aesKey []byte

// parseKey reads an EncodingAESKey: 43 characters of base64 without their padding.
func parseKey(encoded string) (aesKey, error) {
	key, err := base64.StdEncoding.DecodeString(encoded + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("the EncodingAESKey is not 43 characters of base64")
	}
	return key, nil
}

// sign returns the signature of the parts, one of which is the token: sha1 over the sorted parts, in hex.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// same compares two signatures in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// block is what messages are padded to, which is twice the block of AES.
const block = 32

// seal encrypts a message for the receiver, an appid or corpid: 16 random bytes, 4 of length, message, receiver.
func (k aesKey) seal(random, message []byte, receiver string) string {
	plain := slices.Concat(random, binary.BigEndian.AppendUint32(nil, uint32(len(message))), message, []byte(receiver))
	padding := block - len(plain)%block
	plain = append(plain, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(k.cipher(), k[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// open decrypts what seal made, and checks the padding and the receiver.
func (k aesKey) open(sealed, receiver string) ([]byte, error) {
	plain, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("the ciphertext is not base64: %w", err)
	}
	if len(plain) == 0 || len(plain)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("the ciphertext has %d bytes, which is no multiple of %d", len(plain), aes.BlockSize)
	}
	cipher.NewCBCDecrypter(k.cipher(), k[:aes.BlockSize]).CryptBlocks(plain, plain)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > block || padding > len(plain) || len(plain)%block != 0 {
		return nil, errors.New("the padding is wrong: not PKCS#7 to 32 bytes, or another key")
	}
	plain, tail := plain[:len(plain)-padding], plain[len(plain)-padding:]
	if !bytes.Equal(tail, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errors.New("the padding is wrong: not PKCS#7 to 32 bytes, or another key")
	}
	if len(plain) < 20 {
		return nil, errors.New("the plaintext is shorter than its head of 20 bytes")
	}
	length := binary.BigEndian.Uint32(plain[16:20])
	if uint64(length) > uint64(len(plain)-20) {
		return nil, fmt.Errorf("the message should have %d bytes, but only %d are left", length, len(plain)-20)
	}
	message, id := plain[20:20+length], plain[20+length:]
	if string(id) != receiver {
		return nil, fmt.Errorf("the message is for %q, not for %q", id, receiver)
	}
	return message, nil
}

// cipher is AES-256; a key of 32 bytes always makes one.
func (k aesKey) cipher() cipher.Block {
	c, err := aes.NewCipher(k)
	if err != nil {
		panic("wechat: " + err.Error())
	}
	return c
}

package privacy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// Errors of Open.
var (
	ErrUnknownKey = errors.New("sealed with a key that is not among ours")
	ErrTampered   = errors.New("sealed text is damaged, or belongs elsewhere")
)

// A sealed text is: version (1 byte), key id (4 bytes), nonce (12 bytes), AES-256-GCM of the text with
// its tag. The version, the key id and the associated text are authenticated.
const (
	sealVersion = 1
	keyIDSize   = 4
	headerSize  = 1 + keyIDSize
	keySize     = 32
)

// Sealer encrypts the few things that must be kept and not read: contacts. It seals with its newest
// key and opens with all. It may be used by any number of goroutines.
type Sealer struct {
	keys []sealKey // newest first
}

type sealKey struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
	mac  [sha256.Size]byte // the key of fingerprints
}

// NewSealer makes a Sealer from keys of 32 bytes: the newest, then those that older texts were sealed
// with.
func NewSealer(newest []byte, older ...[]byte) (*Sealer, error) {
	s := &Sealer{}
	for i, key := range append([][]byte{newest}, older...) {
		if len(key) != keySize {
			return nil, fmt.Errorf("key %d has %d bytes, want %d", i+1, len(key), keySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		sum := sha256.Sum256(append([]byte("yingda key id\x00"), key...))
		mac := sha256.Sum256(append([]byte("yingda fingerprint key\x00"), key...))
		s.keys = append(s.keys, sealKey{id: [keyIDSize]byte(sum[:keyIDSize]), aead: aead, mac: mac})
	}
	return s, nil
}

// Seal encrypts a text. The associated text, such as "ticket 17 contact", is not stored: the same one
// is needed to open, so that nobody can move a sealed text to another place.
func (s *Sealer) Seal(plain, associated string) ([]byte, error) {
	key := &s.keys[0]
	header := append([]byte{sealVersion}, key.id[:]...)
	return key.aead.Seal(header, nil, []byte(plain), additionalData(header, associated)), nil
}

// Open decrypts what Seal made. Its errors are ErrUnknownKey and ErrTampered.
func (s *Sealer) Open(sealed []byte, associated string) (string, error) {
	if len(sealed) < headerSize || sealed[0] != sealVersion {
		return "", fmt.Errorf("open a sealed text of %d bytes: %w", len(sealed), ErrTampered)
	}
	header, body := sealed[:headerSize], sealed[headerSize:]
	err := ErrUnknownKey
	for _, key := range s.keys {
		if !bytes.Equal(header[1:], key.id[:]) {
			continue
		}
		plain, openErr := key.aead.Open(nil, nil, body, additionalData(header, associated))
		if openErr == nil {
			return string(plain), nil
		}
		err = ErrTampered
	}
	return "", fmt.Errorf("open a sealed text: %w", err)
}

// Stale reports whether a sealed text is not sealed with the newest key: open it and seal it anew.
func (s *Sealer) Stale(sealed []byte) bool {
	return len(sealed) < headerSize || sealed[0] != sealVersion || !bytes.Equal(sealed[1:headerSize], s.keys[0].id[:])
}

// fingerprintSize is how many bytes of a fingerprint are kept: enough to tell texts apart.
const fingerprintSize = 12

// Fingerprint tells texts apart without telling what they are: 24 hexadecimal digits, the same for the same text. Without
// the key nobody finds out of which text one is.
func (s *Sealer) Fingerprint(text string) string {
	mac := hmac.New(sha256.New, s.keys[0].mac[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:fingerprintSize])
}

// additionalData is what is authenticated besides the text.
func additionalData(header []byte, associated string) []byte {
	return append(bytes.Clone(header), associated...)
}

// unboundContact is what contacts were sealed for before each was bound to its conversation.
const unboundContact = "contact"

func contactOf(conversation string) string { return "contact:" + conversation }

// SealContact seals a contact for its conversation.
func (s *Sealer) SealContact(conversation, contact string) ([]byte, error) {
	return s.Seal(contact, contactOf(conversation))
}

// UnsealContact opens the contact of a conversation, also one that is not bound to it yet; ErrTampered for that
// of another one.
func (s *Sealer) UnsealContact(conversation string, sealed []byte) (string, error) {
	contact, err := s.Open(sealed, contactOf(conversation))
	if errors.Is(err, ErrTampered) {
		if old, oldErr := s.Open(sealed, unboundContact); oldErr == nil {
			return old, nil
		}
	}
	return contact, err
}

// ResealContact is the contact sealed anew, where it is not bound to its conversation yet or not sealed with the
// newest key; nil where it is.
func (s *Sealer) ResealContact(conversation string, sealed []byte) ([]byte, error) {
	if !s.Stale(sealed) {
		if _, err := s.Open(sealed, contactOf(conversation)); err == nil {
			return nil, nil
		}
	}
	contact, err := s.UnsealContact(conversation, sealed)
	if err != nil {
		return nil, err
	}
	return s.SealContact(conversation, contact)
}

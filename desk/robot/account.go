package robot

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Account is one robot, which belongs to one group.
type Account struct {
	Name    string   // the Sending.Account
	Key     string   // secret: what follows key= in the robot's address
	API     string   // base URL of the host; "": DefaultAPI
	Mobiles []string // telephone numbers of members who are called by name when a ticket is urgent; "@all" calls everybody
	Link    string   // where agents work on a ticket, with {number} for its number; "" for no link
}

// DefaultAPI is the platform's host.
const DefaultAPI = "https://qyapi.weixin.qq.com"

// maxLink is how many bytes a link has at most.
const maxLink = 400

// validate does not show the key in its errors.
func (a Account) validate() error {
	u, err := url.Parse(a.API)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.RawQuery != "":
		return errors.New("invalid API URL: want " + DefaultAPI)
	case a.Key == "":
		return errors.New("missing key: copy what follows key= in the address that enterprise WeChat shows for the robot")
	case strings.ContainsFunc(a.Key, func(r rune) bool { return !isKeyRune(r) }):
		return errors.New("invalid key: want only what follows key= in the robot's address, such as 693a91f6-…")
	case len(a.Link) > maxLink:
		return fmt.Errorf("the link has %d bytes: want at most %d", len(a.Link), maxLink)
	}
	return nil
}

func isKeyRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// redact takes the key out of a text of somebody else's.
func redact(a Account, text string) string { return strings.ReplaceAll(text, a.Key, "…") }

package node

import (
	"errors"
	"fmt"
	"net"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/webhook"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// Config is all that a node can be told.
type Config struct {
	Data     string               // the folder of what must be kept between runs
	Database string               // a PostgreSQL URL; "" is SQLite in Data
	Key      string               // seals contacts; "" is that in Data, which is made when there is none
	Accounts map[string][]Account // of channels, by ChannelKind.Name

	Base    string // the path below which everything is served, such as "/kefu"; "" for the root
	Content string // the folder of a guide that leads; "" for none
	Hours   desk.Hours
	// ReturnAfter is how long a customer waits, in business hours, until a held ticket whose holder does nothing goes back
	// to the queue; 0: for ever.
	ReturnAfter time.Duration
	Limits      api.Limits
	Proxies     []*net.IPNet  // whose X-Forwarded-For is believed
	Identity    string        // signs the customers that a site names; "" trusts no name
	Retain      time.Duration // how long conversations are kept after the last word; 0: for ever
}

// The names in the data folder.
const (
	DatabaseFile   = "yingda.db"
	KeyFile        = "key"
	AttachmentsDir = "attachments" // customers' pictures
)

// File is the path of something in the data folder.
func (c Config) File(name string) string { return filepath.Join(c.Data, name) }

// Validate finds what no node could work with. It calls nobody.
func (c Config) Validate() error {
	l := c.Limits
	if min(l.Messages, l.Conversations) < 1 {
		return errors.New("-messages-per-minute and -conversations-per-minute must be above 0")
	}
	if min(l.AddressQuestions, l.AddressResumes, l.AddressMessages, l.AddressFeedback, l.AddressTickets, l.AddressUploads, l.AddressStreams) < 0 {
		return errors.New("the limits of an address, -address-…, must not be below 0, which is the default")
	}
	if c.Key != "" {
		if _, err := privacy.ParseKeys(c.Key); err != nil {
			return fmt.Errorf("-key: %w", err)
		}
	}
	if c.Base != "" && (path.Clean(c.Base) != c.Base || !regexp.MustCompile(`^/[A-Za-z0-9._~/-]+$`).MatchString(c.Base)) {
		return fmt.Errorf("-base: invalid path %q: want one such as /kefu, without a slash behind it", c.Base)
	}
	if c.Identity != "" {
		if err := chat.ValidateSecret(c.Identity); err != nil {
			return fmt.Errorf("-identity-secret: %w", err)
		}
	}
	_, err := openChannels(Tools{}, c.Accounts)
	return err
}

// Sealer seals contacts and opens them, with the configured key, else with that in the data folder; fs.ErrNotExist
// where there is none yet.
func (c Config) Sealer() (*privacy.Sealer, error) {
	var keys [][]byte
	var err error
	if c.Key != "" {
		keys, err = privacy.ParseKeys(c.Key)
	} else {
		keys, err = privacy.ReadKeys(c.File(KeyFile))
	}
	if err != nil {
		return nil, fmt.Errorf("load the key: %w", err)
	}
	return privacy.NewSealer(keys[0], keys[1:]...)
}

// Warnings are what works, and what somebody should look at. It calls nobody.
func (c Config) Warnings() (found finding.List) {
	for _, a := range c.Accounts[wechat.Name] {
		if a["aeskey"] == "" {
			found.Add(finding.Warning, "choose safe mode (安全模式) on WeChat's page and set its EncodingAESKey here",
				"%s account %q is in plain mode: whoever reads a message on its way can forge others", wechat.Name, a["name"])
		}
	}
	for _, a := range c.Accounts[webhook.Name] {
		if strings.HasPrefix(a[FieldMain], "http://") {
			found.Add(finding.Warning, "use https://, unless it stays on this machine", "the webhook is not encrypted")
		}
	}
	return found
}

// StoreOptions are those of the database, which knows to what channels is sent.
func (c Config) StoreOptions() store.Options {
	o := store.Options{Dir: c.Data, DSN: c.Database}
	pushes := map[string]bool{}
	for _, kind := range ChannelKinds() {
		pushes[kind.Name] = kind.Pushes
		for _, a := range c.Accounts[kind.Name] {
			if kind.Announce != "" && a[kind.AgentsField] != "" {
				o.Announce = append(o.Announce, chat.Destination{Channel: kind.Announce, Account: a["name"]})
			}
			if kind.Follow != "" && a[kind.AgentsField] != "" {
				o.Follow = append(o.Follow, chat.Destination{Channel: kind.Follow, Account: a["name"]})
			}
		}
	}
	o.Push = func(channel string) bool { return pushes[channel] }
	return o
}

// CheckedAccount is an account that can be checked.
type CheckedAccount struct {
	Channel, Account string
	Checker          chat.Checker
}

// CheckedAccounts are those of the channels that can check theirs. It calls nobody.
func (c Config) CheckedAccounts() (checked []CheckedAccount, err error) {
	opened, err := openChannels(Tools{}, c.Accounts)
	return opened.checked(c.Accounts), err
}

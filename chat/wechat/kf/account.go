package kf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
)

// account is an Account at work.
type account struct {
	Account
	client    *host.Client
	envelope  *envelope.Envelope
	nicknames nicknames
}

// newAccount checks the settings of an account that calls as hc says. Its errors hold no secret.
func newAccount(a Account, hc host.Config) (*account, error) {
	if err := chat.ValidateAccountName(a.Name); err != nil {
		return nil, err
	}
	switch {
	case a.CorpID == "":
		return nil, errors.New("the corporation's ID (corpid) is empty: copy 企业ID from the page 我的企业")
	case a.Secret == "":
		return nil, errors.New("the secret is empty: copy the Secret of the application that may call the API of 微信客服")
	case a.Token == "":
		return nil, errors.New("the token is empty: copy it from the page where the callback (接收消息服务器) is set up")
	case a.AESKey == "":
		return nil, errors.New("the EncodingAESKey is empty: copy it from the page where the callback (接收消息服务器) is set up")
	}
	for _, id := range a.OpenKfs {
		if !isID(id) {
			return nil, fmt.Errorf("invalid open_kfid %q: want one such as wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyJTw", id)
		}
	}
	e, err := envelope.New(a.Token, a.AESKey, a.CorpID)
	if err != nil {
		return nil, err
	}
	hc.Grant, hc.ID, hc.Secret, hc.Base, hc.Codes = host.Enterprise, a.CorpID, a.Secret, a.API, sendErrors()
	client, err := host.New(hc)
	if err != nil {
		return nil, err
	}
	return &account{Account: a, client: client, envelope: e, nicknames: nicknames{byID: map[string]string{}}}, nil
}

// reads tells whether a customer service account is one that the settings name, where they name any.
func (a *account) reads(openKf string) bool {
	return len(a.OpenKfs) == 0 || slices.Contains(a.OpenKfs, openKf)
}

// address is where a customer is reached: open_kfid and external_userid.
type address struct{ openKf, customer string }

func (a address) String() string { return a.openKf + "/" + a.customer }

// parseAddress reads a Sending's or a Conversation's address.
func parseAddress(s string) (address, bool) {
	openKf, customer, ok := strings.Cut(s, "/")
	return address{openKf, customer}, ok && isID(openKf) && isID(customer)
}

// maxID is how many bytes an id of the host's may have.
const maxID = 128

// isID tells whether something may be an id of the host's, so that it can stand in keys.
func isID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '/' || r >= 0x7f
	})
}

// kfAccount is one customer service account as the host lists it.
type kfAccount struct {
	ID      string `json:"open_kfid"`
	Name    string `json:"name"`
	Managed *bool  `json:"manage_privilege"` // whether the API may speak for it; nil where the host does not say
}

// listLimit is how many one call lists, of customer service accounts and of customers.
const listLimit = 100

// listKfAccounts lists those that the application may manage. On an error it returns what was listed before.
func (a *account) listKfAccounts(ctx context.Context) (all []kfAccount, err error) {
	for offset := 0; ; offset += listLimit {
		var answer struct {
			List []kfAccount `json:"account_list"`
		}
		err := a.client.Post(ctx, "/cgi-bin/kf/account/list", map[string]int{"offset": offset, "limit": listLimit}, &answer)
		if err != nil {
			return all, err
		}
		for _, k := range answer.List {
			if isID(k.ID) && (k.Managed == nil || *k.Managed) {
				all = append(all, k)
			}
		}
		if len(answer.List) < listLimit {
			return all, nil
		}
	}
}

// nicknames are how customers call themselves, as far as they are needed: an agent likes to know.
type nicknames struct {
	mu   sync.Mutex
	byID map[string]string // "" for whom the host does not name
}

// maxNicknames is how many are remembered; then all are forgotten.
const maxNicknames = 10_000

func (n *nicknames) get(customer string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID[customer]
}

func (n *nicknames) set(customer, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.byID) >= maxNicknames {
		clear(n.byID)
	}
	n.byID[customer] = name
}

// missing are those of the customers, each once, that were not asked for yet.
func (n *nicknames) missing(customers []string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	missing := slices.DeleteFunc(slices.Clone(customers), func(id string) bool { _, ok := n.byID[id]; return ok })
	slices.Sort(missing)
	return slices.Compact(missing)
}

// fetchNicknames asks the host how those are called who speak for the first time. Where it gives no answer they have
// no name for now; where it does not tell, none.
func (a *account) fetchNicknames(ctx context.Context, customers []string) {
	for ids := range slices.Chunk(a.nicknames.missing(customers), listLimit) {
		var answer struct {
			List []struct {
				ID   string `json:"external_userid"`
				Name string `json:"nickname"`
			} `json:"customer_list"`
		}
		err := a.client.Post(ctx, "/cgi-bin/kf/customer/batchget", map[string]any{"external_userid_list": ids}, &answer)
		if err != nil && host.Code(err) == 0 {
			return // next time, perhaps
		}
		for _, id := range ids {
			a.nicknames.set(id, "")
		}
		for _, c := range answer.List {
			a.nicknames.set(c.ID, c.Name)
		}
	}
}

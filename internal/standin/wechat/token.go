package wechat

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	tokenLasts   = 7200 * time.Second
	tokenOverlap = 5 * time.Minute  // how long an old token holds beside its successor
	forceEvery   = 30 * time.Second // force_refresh does nothing within this
	forceADay    = 20
)

// grant is what an access token stands for.
type grant struct {
	owner   any // *OfficialAccount or *Enterprise
	expires time.Time
	errcode int // not 0: it was revoked, and this is answered
}

// source gives out the access tokens of one kind for one owner.
type source struct {
	token  string
	forced []time.Time // when force_refresh made a new one
}

// issue makes a new token of the source.
func (s *Server) issue(owner any, from *source) {
	from.token = "99_" + s.word(133)
	s.grants[from.token] = &grant{owner: owner, expires: s.cfg.Now().Add(tokenLasts)}
}

// shorten lets the current token hold for no longer than d.
func (s *Server) shorten(from *source, d time.Duration) {
	if g := s.grants[from.token]; g != nil {
		if until := s.cfg.Now().Add(d); until.Before(g.expires) {
			g.expires = until
		}
	}
}

// current returns the source's token and the seconds that it holds, a new one within 5 minutes of its end.
func (s *Server) current(owner any, from *source) (token string, seconds int) {
	g := s.grants[from.token]
	if g == nil || g.errcode != 0 || g.expires.Sub(s.cfg.Now()) <= tokenOverlap {
		s.issue(owner, from)
	}
	return from.token, int(s.grants[from.token].expires.Sub(s.cfg.Now()) / time.Second)
}

// revoke has all tokens of the owner answer with the errcode.
func (s *Server) revoke(owner any, errcode int) {
	for _, g := range s.grants {
		if g.owner == owner {
			g.errcode = errcode
		}
	}
}

// admit finds out whose token a call carries.
func (s *Server) admit(q *query, who caller) error {
	if who == anyone {
		return nil
	}
	token := q.r.URL.Query().Get("access_token")
	if token == "" {
		return refuse(41001, "")
	}
	invalid := 40001
	if who == work || strings.HasPrefix(q.r.Host, "qyapi.") {
		invalid = 40014
	}
	g := s.grants[token]
	if g == nil {
		return refuse(invalid, "")
	}
	account, _ := g.owner.(*OfficialAccount)
	corp, _ := g.owner.(*Enterprise)
	if account != nil && who == work || corp != nil && who == official {
		return refuse(invalid, "the token is one of the other host")
	}
	q.account, q.corp = account, corp
	switch {
	case g.errcode != 0:
		return refuse(g.errcode, "")
	case !s.cfg.Now().Before(g.expires):
		return refuse(42001, "")
	}
	return nil
}

// stableToken is POST /cgi-bin/stable_token.
func (s *Server) stableToken(q *query) (any, error) {
	var in struct {
		GrantType    string `json:"grant_type"`
		AppID        string `json:"appid"`
		Secret       string `json:"secret"`
		ForceRefresh bool   `json:"force_refresh"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	a, err := s.known(q.r, in.GrantType, in.AppID, in.Secret)
	if err != nil {
		return nil, err
	}
	q.account = a
	if in.ForceRefresh {
		if err := s.force(a); err != nil {
			return nil, err
		}
	}
	token, seconds := s.current(a, &a.stable)
	return map[string]any{"access_token": token, "expires_in": seconds}, nil
}

// force ends the current token and makes a new one, unless that was done within the last 30 seconds.
func (s *Server) force(a *OfficialAccount) error {
	now, from := s.cfg.Now(), &a.stable
	from.forced = slices.DeleteFunc(from.forced, func(t time.Time) bool { return now.Sub(t) >= 24*time.Hour })
	if n := len(from.forced); n > 0 && now.Sub(from.forced[n-1]) < forceEvery {
		return nil
	}
	if len(from.forced) >= forceADay {
		return refuse(45009, "force_refresh may be used %d times a day", forceADay)
	}
	s.shorten(from, 0)
	s.issue(a, from)
	from.forced = append(from.forced, now)
	return nil
}

// basicToken is GET /cgi-bin/token, the older way: every call makes a new token, beside which the old one holds for
// five minutes more. Its tokens and those of stable_token know nothing of each other.
func (s *Server) basicToken(q *query) (any, error) {
	v := q.r.URL.Query()
	a, err := s.known(q.r, v.Get("grant_type"), v.Get("appid"), v.Get("secret"))
	if err != nil {
		return nil, err
	}
	q.account = a
	s.shorten(&a.basic, tokenOverlap)
	s.issue(a, &a.basic)
	token, seconds := s.current(a, &a.basic)
	return map[string]any{"access_token": token, "expires_in": seconds}, nil
}

// known finds the account that asks for a token, and checks the secret and from where it asks.
func (s *Server) known(r *http.Request, grantType, appID, secret string) (*OfficialAccount, error) {
	a := s.accounts[appID]
	switch {
	case grantType != "client_credential":
		return nil, refuse(40002, "")
	case appID == "":
		return nil, refuse(41002, "")
	case a == nil:
		return nil, refuse(40013, "")
	case secret == "":
		return nil, refuse(41004, "")
	case !same(secret, a.cfg.Secret):
		return nil, refuse(40125, "")
	}
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	if len(a.cfg.WhiteList) > 0 && !slices.Contains(a.cfg.WhiteList, ip) {
		return nil, refuse(40164, "%s", ip)
	}
	return a, nil
}

// corpToken is GET /cgi-bin/gettoken of the enterprise API: repeated calls give the same token until it ends.
func (s *Server) corpToken(q *query) (any, error) {
	v := q.r.URL.Query()
	e := s.corps[v.Get("corpid")]
	switch {
	case e == nil:
		return nil, refuse(40013, "")
	case !same(v.Get("corpsecret"), e.cfg.Secret):
		return nil, refuse(40001, "invalid corpsecret")
	}
	q.corp = e
	token, seconds := s.current(e, &e.tokens)
	return map[string]any{"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds}, nil
}

// Tokens returns every access token that was given out until now, for who looks where none may be.
func (s *Server) Tokens() (tokens []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.grants {
		tokens = append(tokens, token)
	}
	return tokens
}

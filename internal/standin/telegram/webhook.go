package telegram

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Webhooks, in the real server's numbers.
const (
	maxSecret          = 256
	usualConnections   = 40
	maxConnections     = 100
	hookAnswer         = 60 * time.Second
	hookLongestAsked   = time.Hour // of a Retry-After
	hookGone           = 23 * time.Hour
	setWebhookInterval = time.Second
)

// safeLetters are those of secrets and of payloads.
const safeLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// WebhookInfo is the answer of getWebhookInfo.
type WebhookInfo struct {
	URL                string   `json:"url"`
	HasCertificate     bool     `json:"has_custom_certificate"`
	PendingUpdateCount int      `json:"pending_update_count"`
	LastErrorDate      int64    `json:"last_error_date,omitempty"` // seconds since 1970
	LastErrorMessage   string   `json:"last_error_message,omitempty"`
	MaxConnections     int      `json:"max_connections,omitempty"`
	IPAddress          string   `json:"ip_address,omitempty"`
	AllowedUpdates     []string `json:"allowed_updates,omitempty"`
}

func setWebhook(s *Server, c *call) (any, *apiError) {
	address, secret := c.q.args["url"], c.q.args["secret_token"]
	if address == "" {
		return deleteWebhook(s, c)
	}
	b := c.bot
	if wait := b.hookSet.Add(setWebhookInterval).Sub(s.now()); wait > 0 && !b.hookSet.IsZero() && !s.limits.Off {
		return nil, tooMany(wait)
	}
	b.hookSet = s.now()
	connections := c.q.integer("max_connections", usualConnections, 1, maxConnections)
	if h := b.hook; h != nil && h.url == address && h.secret == secret && h.connections == connections && !c.q.yes("drop_pending_updates") {
		b.allow(c.q.args["allowed_updates"])
		return described{true, "Webhook is already set"}, nil
	}
	b.endPoll()
	s.dropHook(b)
	if c.q.yes("drop_pending_updates") {
		b.queue.confirm(len(b.queue.waiting))
	}
	if err := checkHook(address, secret); err != nil {
		s.notify()
		return nil, err
	}
	b.allow(c.q.args["allowed_updates"])
	s.startHook(b, &hook{url: address, secret: secret, connections: connections})
	s.notify()
	return described{true, "Webhook was set"}, nil
}

// checkHook refuses addresses that the real server would, save that it lets a stand-in call its own machine.
func checkHook(address, secret string) *apiError {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return bad("invalid webhook URL specified")
	}
	if len(secret) > maxSecret {
		return bad("secret token is too long")
	}
	if strings.Trim(secret, safeLetters) != "" {
		return bad("secret token contains unallowed characters")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if u.Scheme == "http" {
		return bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
		return bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	if ip != nil && (ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()) {
		return bad("bad webhook: IP address %s is reserved", ip)
	}
	return nil
}

func deleteWebhook(s *Server, c *call) (any, *apiError) {
	had := c.bot.hook != nil
	s.dropHook(c.bot)
	if c.q.yes("drop_pending_updates") {
		c.bot.queue.confirm(len(c.bot.queue.waiting))
	}
	s.notify()
	if had {
		return described{true, "Webhook was deleted"}, nil
	}
	return described{true, "Webhook is already deleted"}, nil
}

func getWebhookInfo(s *Server, c *call) (any, *apiError) { return s.webhookInfo(c.bot), nil }

func (s *Server) webhookInfo(b *bot) WebhookInfo {
	b.queue.drop(s.now())
	info := WebhookInfo{PendingUpdateCount: len(b.queue.waiting)}
	if h := b.hook; h != nil {
		info.URL, info.MaxConnections, info.IPAddress = h.url, h.connections, "<unknown>"
		if !h.failedAt.IsZero() {
			info.LastErrorDate, info.LastErrorMessage = h.failedAt.Unix(), h.failure
		}
	}
	for name := range b.allowed {
		info.AllowedUpdates = append(info.AllowedUpdates, name)
	}
	slices.Sort(info.AllowedUpdates)
	return info
}

// Webhook tells what getWebhookInfo would tell a bot (0 is the first).
func (s *Server) Webhook(bot int64) WebhookInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bot(bot); b != nil {
		return s.webhookInfo(b)
	}
	return WebhookInfo{}
}

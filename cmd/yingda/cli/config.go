package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// configFlags are the settings of which a node's configuration is made.
type configFlags struct {
	settings *settings
	node     node.Config
	accounts []*accounts
	hours    desk.HoursSpec
	proxies  string

	listen, logLevel string
}

// declareStorage declares where everything is kept: what every command that opens the database is told. The file may hold
// the settings of serve besides.
func (s *settings) declareStorage() *configFlags {
	s.foreign = isServeSetting
	s.declareFile()
	f := &configFlags{settings: s}
	s.textVar(&f.node.Data, "data", "YINGDA_DATA", "data", "`DIR` for what must be kept between runs")
	s.secretVar(&f.node.Database, "database", "YINGDA_DATABASE", "`URL` of a PostgreSQL database, postgres://…; without it yingda.db, an SQLite file in -data")
	return f
}

// declareDesk declares what the commands that act on tickets are told besides: the key, and where agents hear of tickets.
func (s *settings) declareDesk() *configFlags {
	f := s.declareStorage()
	s.secretVar(&f.node.Key, "key", "YINGDA_KEY", "`KEY` that seals telephone numbers: 64 hexadecimal digits; without it the file key in -data, made at the first start")
	f.declareKinds(s, true)
	f.declareZone(s)
	return f
}

// declareZone declares the zone of the desk's hours.
func (f *configFlags) declareZone(s *settings) {
	s.textVar(&f.hours.Zone, "zone", "YINGDA_ZONE", "+08:00", "`ZONE` of the desk's hours and of the times that are shown, such as +08:00 or Asia/Shanghai")
}

// declareKinds declares the kinds of accounts by which agents work, or the others.
func (f *configFlags) declareKinds(s *settings, forAgents bool) {
	for _, kind := range node.ChannelKinds() {
		if kind.ForAgents() == forAgents {
			f.accounts = append(f.accounts, s.declareAccounts(kind))
		}
	}
}

// declareServe declares every setting of serve.
func (s *settings) declareServe() *configFlags {
	f := s.declareDesk()
	f.declareKinds(s, false)
	s.textVar(&f.listen, "listen", "YINGDA_LISTEN", "127.0.0.1:8080", "`ADDRESS` to listen on")
	s.textVar(&f.node.Base, "base", "YINGDA_BASE", "", "`PATH` below which everything is served, such as /kefu, where a proxy passes one path of a host on; without it the root")
	s.textVar(&f.node.Content, "content", "YINGDA_CONTENT", "", "`DIR` of a guide that leads: it is imported now and whenever it changes")
	s.textVar(&f.logLevel, "log", "YINGDA_LOG", "info", "least `LEVEL` that is logged: debug, info, warn or error")
	s.textVar(&f.proxies, "proxies", "YINGDA_PROXIES", "", "`NETWORKS` such as 10.0.0.0/8,::1/128 whose X-Forwarded-For is believed; without it nobody's")
	s.declareLimits(&f.node.Limits)
	s.secretVar(&f.node.Identity, "identity-secret", "YINGDA_IDENTITY_SECRET", "`SECRET` with which your site signs its customers' ids; without it nobody vouches for an id")
	s.durationVar(&f.node.Retain, "retain", "YINGDA_RETAIN", 0, "delete conversations and their pictures when nothing was said for `TIME`, such as 180d; 0 keeps them")
	s.durationVar(&f.node.ReturnAfter, "return-after", "YINGDA_RETURN_AFTER", 10*time.Minute, "a claimed ticket goes back to the queue when its customer has waited for `TIME` of the hours and its agent did nothing for as long; 0 never")
	s.textVar(&f.hours.Hours, "hours", "YINGDA_HOURS", "", "`HOURS` when somebody is at the desk, such as Mon-Fri 09:00-12:00,13:30-18:00; without it always")
	s.textVar(&f.hours.Holidays, "holidays", "YINGDA_HOLIDAYS", "", "`DATES` when nobody is, such as 2026-10-01..2026-10-07, 2027-01-01")
	s.textVar(&f.hours.Workdays, "workdays", "YINGDA_WORKDAYS", "", "`DATES` of weekends that are worked, such as 2026-10-10")
	return f
}

// declareLimits declares how much one conversation and one address may do.
func (s *settings) declareLimits(l *api.Limits) {
	d := api.DefaultLimits()
	s.numberVar(&l.Messages, "messages-per-minute", "YINGDA_MESSAGES_PER_MINUTE", d.Messages, "`N` messages that one conversation may send in a minute")
	s.numberVar(&l.Conversations, "conversations-per-minute", "YINGDA_CONVERSATIONS_PER_MINUTE", d.Conversations, "`N` conversations that one address may open in a minute")
	s.numberVar(&l.AddressQuestions, "address-questions-per-minute", "YINGDA_ADDRESS_QUESTIONS_PER_MINUTE", d.AddressQuestions, "`N` questions without a conversation, and searches, that one address may ask in a minute")
	s.numberVar(&l.AddressResumes, "address-resumes-per-hour", "YINGDA_ADDRESS_RESUMES_PER_HOUR", d.AddressResumes, "`N` tickets that one address may look for by number and proof in an hour")
	s.numberVar(&l.AddressMessages, "address-messages-per-minute", "YINGDA_ADDRESS_MESSAGES_PER_MINUTE", d.AddressMessages, "`N` messages that all conversations of one address may send in a minute")
	s.numberVar(&l.AddressFeedback, "address-feedback-per-minute", "YINGDA_ADDRESS_FEEDBACK_PER_MINUTE", d.AddressFeedback, "`N` articles that one address may rate in a minute")
	s.numberVar(&l.AddressTickets, "address-tickets-per-hour", "YINGDA_ADDRESS_TICKETS_PER_HOUR", d.AddressTickets, "`N` tickets that one address may open in an hour")
	s.numberVar(&l.AddressUploads, "address-uploads", "YINGDA_ADDRESS_UPLOADS", d.AddressUploads, "`N` pictures that one address may upload at once")
	s.numberVar(&l.AddressStreams, "address-streams", "YINGDA_ADDRESS_STREAMS", d.AddressStreams, "`N` event streams and waiting polls that one address may have open at once")
}

// isServeSetting tells whether serve has a setting of that name.
func isServeSetting(name string) bool {
	s := newSettings("")
	s.declareServe()
	return s.env[name] != "" || s.lists[name] != nil
}

// deskConfig is the configuration of a command that acts on tickets, of storage alone where no more was declared.
func (f *configFlags) deskConfig() (node.Config, error) {
	c := f.node
	c.Accounts = map[string][]node.Account{}
	var errs []error
	for _, a := range f.accounts {
		all, err := a.all()
		c.Accounts[a.kind.Name] = all
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	var err error
	if c.Hours, err = f.hours.Parse(); err != nil {
		return c, usagef("-%v", err)
	}
	return c, nil
}

// serveConfig is the configuration of serve. With an error, which is a usageError, it goes as far as it can.
func (f *configFlags) serveConfig() (node.Config, error) {
	c, err := f.deskConfig()
	if err != nil {
		return c, err
	}
	if err := oneOf("-log", f.logLevel, "debug", "info", "warn", "error"); err != nil {
		return c, err
	}
	for _, text := range node.SplitList(f.proxies) {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			return c, usagef("-proxies: invalid network %q: want one such as 10.0.0.0/8", text)
		}
		c.Proxies = append(c.Proxies, network)
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err.Error()}
	}
	return c, nil
}

// withStore opens the database for as long as do works with it. It makes no folder for it: a mistyped -data is
// not to look like a customer service without customers. The policy says what becomes of another program's schema.
func withStore(ctx context.Context, t terminal, c node.Config, policy store.SchemaPolicy, do func(*store.Store) error) error {
	if c.Database == "" {
		if _, err := os.Stat(c.Data); err != nil {
			return usagef("no data folder: %v; -data names the one that serve uses", err)
		}
	}
	o := c.StoreOptions()
	o.Schema = policy
	handler := slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})
	o.Log = slog.New(privacy.NewLogHandler(handler))
	db, err := store.Open(ctx, o)
	if err != nil {
		return fmt.Errorf("the database cannot be opened; `yingda doctor` looks for the reason: %w", err)
	}
	return errors.Join(do(db), db.Close())
}

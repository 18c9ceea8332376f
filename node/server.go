package node

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/web"
)

// The server's limits. A question is answered in milliseconds: whoever takes seconds to send or to
// read is broken or hostile. Streams and uploads have limits of their own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
)

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// handler serves everything over HTTP. Streams end with stopping.
func (n *Node) handler(stopping context.Context) http.Handler {
	e := api.New(api.Config{
		Guide: func() api.Guide {
			g := n.guide.Current()
			return api.Guide{Library: g.Library, Searcher: g.Index, Bot: g.Bot}
		},
		Problems:      n.guide.Problems,
		Log:           n.Log,
		Registry:      n.Registry,
		Conversations: n.store,
		Inbox:         n.inbox,
		Media:         n.media,
		Desk:          n.desk,
		Agents:        n.store,
		Database:      n.store,
		Stats:         stats{n.store, time.Now},
		Hook:          n.channels.hook,
		Identity:      []byte(n.Identity),
		Limits:        n.Limits,
		Proxies:       n.Proxies,
		Stopping:      stopping,
	})
	web.Register(e, func() *kb.Library { return n.guide.Current().Library })
	return e
}

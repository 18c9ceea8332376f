package telegram

import "net/http"

// routes are those of the page for people.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("练习用的替身，不是Telegram"))
	})
	return mux
}

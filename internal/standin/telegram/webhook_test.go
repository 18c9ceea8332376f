package telegram_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestSetWebhook checks how a webhook and polling exclude each other.
func TestSetWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &receiver{}
		s := stand(t, telegram.Config{Client: &http.Client{Transport: v}})
		next := drain(t, s)
		time.Sleep(time.Minute)
		polled := make(chan answer)
		go func() { polled <- ask(t, s, "getUpdates", next+"&timeout=30") }()
		synctest.Wait()
		for _, tt := range []struct{ method, form, want string }{
			{"setWebhook", "url=https://bot.example/hook", "Webhook was set"},
			{"setWebhook", "url=https://bot.example/hook", "Too Many Requests: retry after 1"},
			{"getUpdates", "", "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"},
			{"setWebhook", "url=https://bot.example/hook", "Webhook is already set"},
			{"deleteWebhook", "", "Webhook was deleted"},
			{"deleteWebhook", "", "Webhook is already deleted"},
			{"setWebhook", "", "Webhook is already deleted"},
			{"getUpdates", next, ""},
		} {
			if a := ask(t, s, tt.method, tt.form); a.Description != tt.want {
				t.Errorf("%s: %q, want %q", tt.method, a.Description, tt.want)
			}
		}
		if a := <-polled; a.Description != "Conflict: terminated by setWebhook request" {
			t.Errorf("the poll that waited got %q", a.Description)
		}
	})
}

package api_test

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// summary is an article in a list, as promised to clients.
type summary struct{ ID, Title, Category, Lead, Reviewed string }

func TestArticles(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	got := decode[struct {
		Revision   string
		Categories []struct{ ID, Name string }
		Articles   []summary
	}](t, get(t, h, "/api/v1/articles"))
	if got.Revision == "" || len(got.Categories) != 2 || got.Categories[0].Name != "费用" {
		t.Errorf("revision %q, categories %v", got.Revision, got.Categories)
	}
	var ids []string
	for _, a := range got.Articles {
		ids = append(ids, a.ID)
	}
	if list, want := strings.Join(ids, " "), "fee-late fee-rate printer txn-response-code"; list != want {
		t.Errorf("articles %s, want %s", list, want)
	}
	want := summary{"fee-rate", "刷卡手续费是多少", "fees", "费率以您的合同为准，常见报价约0.6%。", "2026-11-23"}
	if len(got.Articles) > 1 && got.Articles[1] != want {
		t.Errorf("got %v, want %v", got.Articles[1], want)
	}
}

func TestArticle(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	got := decode[struct {
		summary
		Asks             []string
		Body, Escalate   string
		Related          []struct{ ID, Title string }
		Collect, Sources []string
		From             string `json:"valid_from"`
		Until            string `json:"valid_until"`
	}](t, get(t, h, "/api/v1/articles/fee-late"))
	switch {
	case got.ID != "fee-late", got.Escalate != "always", len(got.Asks) != 5:
		t.Errorf("got %+v", got)
	case !strings.HasPrefix(got.Body, "先看结算周期"):
		t.Errorf("body %q", got.Body)
	case len(got.Related) != 1 || got.Related[0].Title != "刷卡手续费是多少":
		t.Errorf("related %v", got.Related)
	case strings.Join(got.Collect, " ") != "merchant_no occurred_at amount":
		t.Errorf("collect %v", got.Collect)
	}
}

// TestGuideIsMadeOnce: what depends on the guide alone is made once a revision, compressed where that is wanted.
func TestGuideIsMadeOnce(t *testing.T) {
	g := newGuide(t)
	h := api.New(api.Config{
		Guide: func() api.Guide { return g }, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Database: database{},
	})
	titled := func(title, revision string) {
		articles := slices.Clone(g.Library.Articles)
		for i := range articles {
			articles[i].Title = title
		}
		g.Library = kb.NewLibrary(articles, revision)
	}
	for _, path := range []string{"/api/v1/articles", "/api/v1/articles/fee-late"} {
		for _, step := range []struct{ title, revision, want string }{{"旧题", "1", "旧题"}, {"新题", "1", "旧题"}, {"新题", "2", "新题"}} {
			titled(step.title, step.revision)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Header.Set("Accept-Encoding", "gzip")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			unzipped, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(unzipped)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(body), step.want) || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s of revision %s: %v %s", path, step.revision, w.Header(), body)
			}
		}
	}
}

// TestSecretsAreNotCompressed: where what customers wrote stands beside what is theirs alone, the length of a
// compressed answer would tell of it; nor may anybody store it.
func TestSecretsAreNotCompressed(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{}`)
	c.say(t, "1", "刷卡手续费是多少")
	for _, path := range []string{"/api/v1/conversations/" + c.ID, "/api/v1/conversations/" + c.ID + "/messages", "/api/v1/desk/tickets"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("Authorization", "Bearer "+c.Token)
		if strings.Contains(path, "desk") {
			r.Header.Set("Authorization", "Bearer "+s.keys[desk.RoleAdmin])
		}
		w := s.answer(t, r)
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "" || w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, headers %v", path, w.Code, w.Header())
		}
	}
}

// results are what the look-up gets.
type results struct {
	Query    string
	Articles []struct {
		ID, Title, Category, Lead string
		CategoryName              string `json:"category_name"`
		Score                     float64
	}
	Codes []struct{ Code, Title, Owner, Retry, Text string }
}

func TestSearch(t *testing.T) {
	h := routes(newGuide(t), io.Discard)
	for _, tt := range []struct {
		in      string
		article string // the first one; "" for none
		codes   string
	}{
		{"q=手续费", "fee-rate", ""},
		{"q=手续费&limit=1", "fee-rate", ""},
		{"q=手续费&limit=50", "fee-rate", ""},
		{"q=0", "", "05"},
		{"q=５", "", "51"},
		{"q=报05", "txn-response-code", "05"},
		{"q=承兑", "", "05"},
		{"q=", "", ""},
		{"", "", ""},
		{"q=%E3%80%80", "", ""},
		{"q=%E2%80%8B", "", ""}, // a zero-width space
	} {
		t.Run(tt.in, func(t *testing.T) {
			got := decode[results](t, get(t, h, "/api/v1/search?"+tt.in))
			if tt.article != "" && (len(got.Articles) == 0 || got.Articles[0].ID != tt.article) {
				t.Errorf("articles %v, want %s first", got.Articles, tt.article)
			}
			if strings.HasSuffix(tt.in, "limit=1") && len(got.Articles) != 1 {
				t.Errorf("%d articles, want 1", len(got.Articles))
			}
			var codes []string
			for _, c := range got.Codes {
				codes = append(codes, c.Code)
			}
			if list := strings.Join(codes, " "); list != tt.codes {
				t.Errorf("codes %q, want %q", list, tt.codes)
			}
			if got.Articles == nil || got.Codes == nil {
				t.Error("a list is null, want []")
			}
		})
	}
}

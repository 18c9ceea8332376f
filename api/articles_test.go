package api_test

import (
	"io"
	"strings"
	"testing"
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

package api_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

const (
	feeRate = `---
title: 手续费是多少
category: fees
asks: [费率几个点]
collect: [merchant_no, amount]
escalate: always
related: [fee-late]
valid_from: 2026-11-23
valid_until: 2027-11-23
reviewed: 2026-11-23
sources: [行业通行做法，未核实]
---

以合同为准。
`
	feeLate = `---
title: 钱没到账怎么办
category: fees
---

先看结算周期。
`
	codes = `- {code: "51", title: 资金不足, owner: 持卡人, retry: "no", class: C, text: 余额不足。, sources: [S1]}`
)

// finder finds every article for every question but two: it fails on "fail" and finds nothing for
// "nothing". It is as sure of the first as the question says after "sure ".
type finder struct{ lib *kb.Library }

func (f finder) Search(_ context.Context, q kb.Query) (kb.Result, error) {
	if q.Text == "fail" {
		return kb.Result{}, errors.New("the index failed")
	}
	r := kb.Result{Text: q.Text}
	if q.Text == "nothing" {
		return r, nil
	}
	if sure, ok := strings.CutPrefix(q.Text, "sure "); ok {
		r.Confidence, _ = strconv.ParseFloat(sure, 64)
	}
	for _, a := range f.lib.Articles {
		r.Hits = append(r.Hits, kb.Hit{ID: a.ID, Title: a.Title, Score: 0.5})
	}
	return r, nil
}

// sampleGuide serves a guide of two articles and one response code to those who ask without a
// conversation.
func sampleGuide(t *testing.T) func(*api.Config) {
	t.Helper()
	lib, faults, err := kb.Load(fstest.MapFS{
		"guide/fees/fee-rate.md": {Data: []byte(feeRate)},
		"guide/fees/fee-late.md": {Data: []byte(feeLate)},
		"codes.yaml":             {Data: []byte(codes)},
	}, content.FS(), nil)
	must(t, errors.Join(err, faults.Err()))
	find := finder{lib}
	guide := api.Guide{Library: lib, Searcher: find, Bot: bot.New(lib, find, bot.DefaultPolicy(), time.Now)}
	return func(c *api.Config) { c.Guide = func() api.Guide { return guide } }
}

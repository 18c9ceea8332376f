package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/content"
)

// measureStart takes what a start costs, phase by phase, and what the server holds when it has nothing more to do. The
// first start makes the database and keeps the compiled guide.
func measureStart(b *testing.B, run *budget.Run) {
	const rounds, firstRounds = 9, 3
	bare := startWarmBare(b)
	guide := filepath.Join(b.TempDir(), "guide")
	if err := os.CopyFS(guide, content.FS()); err != nil {
		b.Fatal(err)
	}
	answers := func(p *process) func() bool {
		return func() bool { return tryAsk(p, "刷卡手续费一般是多少") }
	}
	data := ""
	for range firstRounds {
		data = b.TempDir()
		p := startYingda(b, nil, "-data", data)
		run.Add("first start to first answer", milliseconds(p.await("answering", answers(p))))
		p.stop()
	}
	for range rounds {
		p := startYingda(b, nil, "-data", data)
		run.Add("start to listening", milliseconds(p.await("listening", p.listens)))
		run.Add("start to first answer", milliseconds(p.await("answering", answers(p))))
		run.AddCPU("start", float64(p.cpu())/1e3, bare.send(b).micros)
		run.Add("peak while starting", p.memory("VmHWM"))
		begin := time.Now()
		if !tryAsk(p, "shouxufei duoshao") {
			b.Fatal("no answer to pinyin")
		}
		run.Add("first pinyin question", milliseconds(time.Since(begin)))
		time.Sleep(3 * time.Second) // what was begun at the start is done
		run.Add("resident idle", p.memory("VmRSS"))
		p.stop()
	}
	measureReload(b, run, guide)
}

// measureReload edits an article of a folder that is served, and waits until it is served anew.
func measureReload(b *testing.B, run *budget.Run, guide string) {
	b.Helper()
	const edits = 5
	p := startYingda(b, nil, "-content", guide).ready()
	found, err := filepath.Glob(filepath.Join(guide, "guide", "*", sampleArticle+".md"))
	if err != nil || len(found) != 1 {
		b.Fatal("no article: ", found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		b.Fatal(err)
	}
	for i := range edits {
		mark := fmt.Sprintf("第%d次修改", i)
		if err := os.WriteFile(found[0], append(bytes.TrimRight(text, "\n"), "\n\n"+mark+"。\n"...), 0o600); err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		for !strings.Contains(article(b, p.url), mark) {
			if time.Since(begin) > patience {
				b.Fatal("the edit is not served")
			}
			time.Sleep(time.Millisecond)
		}
		run.Add("reload after an edit", milliseconds(time.Since(begin)))
	}
}

// article is the text of the sample article as it is served.
func article(b *testing.B, url string) string {
	b.Helper()
	body, _ := fetch(b, views(b, url+"/guide/"+sampleArticle, 1)[0][0])
	return body
}

// tryAsk tells whether the server answers a question.
func tryAsk(p *process, question string) bool {
	return doRequest(http.DefaultClient, post(p.tb, p.url+"/api/v1/ask", "", map[string]string{"question": question})) == nil
}

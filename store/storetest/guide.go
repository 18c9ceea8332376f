package storetest

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

func guideKeepsRevisions(t *testing.T, h *house) {
	s := h.node(t)
	for i, step := range []struct {
		edit     kb.Edit
		revision int64
		want     map[string]string
	}{
		{kb.Edit{}, 0, map[string]string{}},
		{kb.Edit{Base: 0, By: "import", Put: kb.Files{"a": []byte("1"), "b": {}}}, 1, map[string]string{"a": "1", "b": ""}},
		{kb.Edit{Base: 1, By: "li", Put: kb.Files{"a": []byte("1"), "b": nil}, Delete: []string{"none"}}, 1, map[string]string{"a": "1", "b": ""}},
		{kb.Edit{Base: 1, By: "li", Put: kb.Files{"a": []byte("2")}, Delete: []string{"b"}}, 2, map[string]string{"a": "2"}},
		{kb.Edit{Base: 2, By: "li", Delete: []string{"a"}}, 3, map[string]string{}},
		{kb.Edit{Base: 3, By: "li", Put: kb.Files{"a": []byte("3\x00\xff")}}, 4, map[string]string{"a": "3\x00\xff"}},
	} {
		revision, err := s.EditGuide(t.Context(), step.edit)
		if err != nil || revision != step.revision {
			t.Fatalf("step %d: revision %d, %v; want %d", i, revision, err, step.revision)
		}
		files, revision, err := s.GuideFiles(t.Context())
		got := map[string]string{}
		for path, data := range files {
			got[path] = string(data)
		}
		if err != nil || revision != step.revision || !maps.Equal(got, step.want) {
			t.Errorf("step %d: files %q at %d, %v; want %q", i, got, revision, err, step.want)
		}
	}
	history, err := s.GuideHistory(t.Context(), "a", 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range history {
		got = append(got, fmt.Sprintf("%d %s %v %q", f.Revision, f.By, f.Data == nil, f.Data))
	}
	if want := []string{`4 li false "3\x00\xff"`, `3 li true ""`, `2 li false "2"`}; !slices.Equal(got, want) {
		t.Errorf("history %q, want %q", got, want)
	}
}

// guideKeepsBundled: what the guide was reconciled with is kept beside it, also where no file changes.
func guideKeepsBundled(t *testing.T, h *house) {
	s := h.node(t)
	for i, step := range []struct {
		edit     kb.Edit
		revision int64
		want     map[string]string
	}{
		{kb.Edit{}, 0, map[string]string{}},
		{kb.Edit{Put: kb.Files{"a": []byte("1")}, Bundled: kb.Files{"a": []byte("1"), "b": []byte("1\x00\xff"), "c": {}}}, 1, map[string]string{"a": "1", "b": "1\x00\xff", "c": ""}},
		{kb.Edit{Base: 1, Put: kb.Files{"a": []byte("2")}}, 2, map[string]string{"a": "1", "b": "1\x00\xff", "c": ""}},
		{kb.Edit{Base: 2, Bundled: kb.Files{"a": []byte("3"), "b": nil, "none": nil}}, 2, map[string]string{"a": "3", "c": ""}},
	} {
		revision, err := s.EditGuide(t.Context(), step.edit)
		if err != nil || revision != step.revision {
			t.Fatalf("step %d: revision %d, %v; want %d", i, revision, err, step.revision)
		}
		files, err := s.BundledFiles(t.Context())
		got := map[string]string{}
		for path, data := range files {
			got[path] = string(data)
		}
		if err != nil || !maps.Equal(got, step.want) {
			t.Errorf("step %d: bundled %q, %v; want %q", i, got, err, step.want)
		}
	}
	_, err := s.EditGuide(t.Context(), kb.Edit{Base: 1, Bundled: kb.Files{"a": []byte("late")}})
	wants(t, err, kb.ErrStaleEdit)
	if files, err := s.BundledFiles(t.Context()); err != nil || string(files["a"]) != "3" {
		t.Errorf("a stale edit left %q, %v", files["a"], err)
	}
}

// editsConflict lets two nodes edit at once: each revision is made by one of them, and both hear of it.
func editsConflict(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	var made atomic.Int64
	crowd(16, 100, func(i int) {
		base, err := nodes[i%2].GuideRevision(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		revision, err := nodes[i%2].EditGuide(t.Context(), kb.Edit{Base: base, Put: kb.Files{"a": []byte(fmt.Sprint(i))}})
		if err != nil {
			wants(t, err, kb.ErrStaleEdit)
			return
		}
		made.Add(1)
		if revision != base+1 {
			t.Errorf("revision %d on base %d", revision, base)
		}
	})
	newest, err := nodes[0].GuideRevision(t.Context())
	if err != nil || newest != made.Load() || newest == 0 {
		t.Errorf("revision %d after %d edits, %v", newest, made.Load(), err)
	}
	moved := make(chan error, 1)
	go func() {
		for {
			if err := nodes[1].WaitGuide(t.Context(), newest); err != nil {
				moved <- err
				return
			}
			if now, err := nodes[1].GuideRevision(t.Context()); err != nil || now > newest {
				moved <- err
				return
			}
		}
	}()
	time.Sleep(20 * time.Millisecond)
	start := time.Now()
	if _, err := nodes[0].EditGuide(t.Context(), kb.Edit{Base: newest, Put: kb.Files{"b": nil}}); err != nil {
		t.Fatal(err)
	}
	if err := <-moved; err != nil || time.Since(start) > time.Second {
		t.Errorf("heard of the edit after %v: %v", time.Since(start), err)
	}
}

func keys(t *testing.T, h *house) {
	s := h.node(t)
	key, err := s.AddKey(t.Context(), "li", desk.RoleEditor)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AddKey(t.Context(), "li", desk.RoleAdmin)
	wants(t, err, chat.ErrConflict)
	if a, err := s.Agent(t.Context(), key); err != nil || a != (desk.Agent{Name: "li", Role: desk.RoleEditor}) {
		t.Errorf("agent %+v, %v", a, err)
	}
	for _, wrong := range []string{"", "yd_", key[:len(key)-1], key + "x"} {
		_, err := s.Agent(t.Context(), wrong)
		wants(t, err, chat.ErrForbidden)
	}
	list, err := s.ListKeys(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "li" || list[0].Role != desk.RoleEditor {
		t.Errorf("keys %+v, %v", list, err)
	}
	if err := s.RevokeKey(t.Context(), "li"); err != nil {
		t.Error(err)
	}
	wants(t, s.RevokeKey(t.Context(), "li"), chat.ErrNotFound)
	_, err = s.Agent(t.Context(), key)
	wants(t, err, chat.ErrForbidden)
}

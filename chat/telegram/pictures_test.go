package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/finding"
)

// shelf is a Telegram that has files: whatever id is asked for, but for those of which it says something else.
type shelf struct{ downloads *int }

func (s shelf) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
	}
	w := httptest.NewRecorder()
	switch {
	case strings.HasPrefix(r.URL.Path, "/file/bot"+token+"/photos/"):
		*s.downloads++
		_, _ = w.WriteString("bytes")
	case strings.Contains(body, "huge"):
		refusal(400, "Bad Request: file is too big", "")(w, r)
	case strings.Contains(body, "away"):
		refusal(500, "Internal Server Error", "")(w, r)
	case strings.HasSuffix(r.URL.Path, "/getFile"):
		_, _ = w.WriteString(`{"ok":true,"result":{"file_id":"a","file_size":5,"file_path":"photos/file 1.jpg"}}`)
	default:
		_, _ = w.WriteString(`{"ok":true,"result":true}`)
	}
	return w.Result(), nil
}

// refuser keeps no pictures.
type refuser struct {
	chat.Pictures
	err error
}

func (r refuser) Save(context.Context, io.Reader) (chat.Attachment, error) {
	return chat.Attachment{}, r.err
}

// worded is an error that is the sender's to mend.
type worded struct{ error }

func (worded) Text() string { return "请压缩一下" }

// photo is an update with a photo of ann's.
func photo(update int, file, more string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1700000000,"chat":{"id":42,"type":"private"},"from":{"id":42},"photo":[{"file_id":%q,"file_size":5}]%s}}`, update, update, file, more)
}

// TestPicturesIn: what becomes of pictures that can be had and kept, and of those that cannot.
func TestPicturesIn(t *testing.T) {
	const words = `,"caption":"报05什么意思"`
	for _, tt := range []struct {
		name   string
		in     string
		keep   error
		status int
		want   string // text, medium and number of pictures of each message
	}{
		{"well", photo(1, "a", ""), nil, 200, "  1"},
		{"with words", photo(1, "a", words), nil, 200, "报05什么意思  1"},
		{"too big for a bot", photo(1, "huge", ""), nil, 200, "[图片未能取回] picture 0"},
		{"too big, with words", photo(1, "huge", words), nil, 200, "[图片未能取回] picture 0|报05什么意思  0"},
		{"no picture at all", photo(1, "a", ""), worded{errBroken}, 200, "[图片未能取回] picture 0"},
		{"the disk is full", photo(1, "a", words), errBroken, 200, "[图片未能取回] picture 0|报05什么意思  0"},
		{"too busy", photo(1, "a", words), fmt.Errorf("%w: full", chat.ErrBusy), 503, ""},
		{"Telegram is ill", photo(1, "away", words), nil, 200, "[图片未能取回] picture 0|报05什么意思  0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			downloads := 0
			h := newHouse(t, hooked, func(h *house) {
				h.config.Client = &http.Client{Transport: shelf{&downloads}}
				if tt.keep != nil {
					h.config.Pictures = refuser{h.inbox, tt.keep}
				}
			})
			for range 2 { // an update may come twice
				if got := h.pushRaw(tt.in); got != tt.status {
					t.Errorf("the status is %d, want %d", got, tt.status)
				}
			}
			var got []string
			for _, m := range h.inbox.Messages() {
				got = append(got, fmt.Sprintf("%s %s %d", m.Text, m.Medium, len(m.Attachments)))
			}
			if strings.Join(got, "|") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.keep == nil && downloads > 1 {
				t.Error("a picture that is kept was brought here again")
			}
		})
	}
}

// TestLostPictureIsTold: that the words could not be kept at first loses neither them nor the word about the picture.
func TestLostPictureIsTold(t *testing.T) {
	downloads, fails := 0, 1
	h := newHouse(t, hooked, func(h *house) {
		h.config.Client = &http.Client{Transport: shelf{&downloads}}
		h.inbox.fail = func(m chat.Message) error {
			if fails--; m.Medium == "" && fails < 0 && fails > -2 {
				return chat.ErrBusy
			}
			return nil
		}
	})
	statuses := ""
	for range 2 {
		statuses += fmt.Sprint(h.pushRaw(photo(1, "huge", `,"caption":"报05"`)), " ")
	}
	if messages := h.heard(2); statuses != "503 200 " || messages[0].Medium != chat.Picture || messages[1].Text != "报05" {
		t.Errorf("%s, %+v", statuses, messages)
	}
}

// TestAlbums: of pictures that were sent together the first is answered, the others go with it.
func TestAlbums(t *testing.T) {
	downloads := 0
	h := newHouse(t, hooked, func(h *house) { h.config.Client = &http.Client{Transport: shelf{&downloads}} })
	for _, body := range []string{
		photo(1, "a", `,"media_group_id":"77","caption":"这三张"`), photo(2, "b", `,"media_group_id":"77"`), photo(2, "b", `,"media_group_id":"77"`),
		photo(3, "c", `,"media_group_id":"77"`), photo(4, "d", `,"media_group_id":"78"`), photo(5, "e", ""),
	} {
		if got := h.pushRaw(body); got != 200 {
			t.Errorf("the status is %d", got)
		}
	}
	got := ""
	for _, m := range h.inbox.Messages() {
		got += fmt.Sprintf("%v ", m.AlbumPart)
	}
	if want := "false true true false false "; got != want {
		t.Errorf("further ones: %s, want %s", got, want)
	}
}

// TestCheck: what yingda channel check says.
func TestCheck(t *testing.T) {
	served := t.TempDir()
	const noPicture = "ok: The bot has no picture of its own to try with; a Bot API server that runs with --local needs files"
	local := func(folder string) func(*house) {
		return func(h *house) {
			h.config.Accounts[0].Files = folder
			h.server.SetPicture(0, jpegOf(t, 9, 9))
			h.server.SetLocal(served)
		}
	}
	forum := func(h *house) { h.config.Accounts[0].Group = agents; inGroup(t, agents, true)(h) }
	for _, tt := range []struct {
		name string
		with []func(*house)
		then func(*house)
		want []string // the beginnings of what is said, in order
	}{
		{"polling", nil, nil, []string{"ok: The token is that of @yingda_bot.", "ok: Updates are polled for; 0 wait.", noPicture, "ok: No agents' group"}},
		{"no such token", []func(*house){func(h *house) { h.config.Accounts[0].Token += "x" }}, nil, []string{"error: Telegram does not answer the bot: telegram: getMe: 401 Unauthorized. Telegram does not know the token"}},
		{"no webhook yet", []func(*house){hooked}, nil, []string{"ok: The token", "warning: No webhook is set yet. yingda serve sets it", noPicture, "ok: No agents' group"}},
		{"a group", []func(*house){forum}, nil, []string{"ok: The token", "ok: Updates", noPicture, "ok: The agents' group has topics, and the bot may manage, pin and delete there."}},
		{"not in the group", []func(*house){func(h *house) { h.config.Accounts[0].Group = agents }}, nil, []string{"ok: The token", "ok: Updates", noPicture, "error: The bot cannot see the agents' group -1009876543210: telegram: getChat: 400 Bad Request: chat not found. add @yingda_bot to the group"}},
		{"a group without topics", []func(*house){func(h *house) { h.config.Accounts[0].Group = club; inGroup(t, club, false)(h) }}, nil, []string{"ok: The token", "ok: Updates", noPicture, "error: The agents' group has no topics. turn on Topics"}},
		{"no administrator", []func(*house){forum}, func(h *house) { _ = h.server.SetBot(agents, 0, standinRights(false, false, false)) }, []string{"ok: The token", "ok: Updates", noPicture, "error: The bot is no administrator"}},
		{"few rights", []func(*house){forum}, func(h *house) { _ = h.server.SetBot(agents, 0, standinRights(true, false, false)) }, []string{"ok: The token", "ok: Updates", noPicture, "error: The bot may not manage topics", "warning: The bot may not pin", "warning: The bot may not delete messages in the agents' group"}},
		{"Threaded Mode", nil, func(h *house) { h.server.SetThreaded(0, true) }, []string{"ok: The token", "ok: Threaded Mode is on", "ok: Updates", noPicture, "ok: No agents' group"}},
		{"its own picture", nil, func(h *house) { h.server.SetPicture(0, jpegOf(t, 9, 9)) }, []string{"ok: The token", "ok: Updates", "ok: Pictures can be fetched", "ok: No agents' group"}},
		{"a local server, unknown", []func(*house){local("")}, nil, []string{"ok: The token", "ok: Updates", "error: The Bot API server runs with --local, and the folder of its files is not set: customers' pictures are lost. set files to the folder", "ok: No agents' group"}},
		{"a local server elsewhere", []func(*house){local(t.TempDir())}, nil, []string{"ok: The token", "ok: Updates", "error: The Bot API server runs with --local, and its files cannot be read", "ok: No agents' group"}},
		{"a local server", []func(*house){local(served)}, nil, []string{"ok: The token", "ok: Updates", "ok: Pictures can be fetched", "ok: No agents' group"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, tt.with...)
			if tt.then != nil {
				tt.then(h)
			}
			got := h.channel.Check(t.Context(), "default")
			for i, f := range got {
				line := strings.TrimSpace(fmt.Sprintf("%s: %s %s", f.Level, f.Text, f.Fix))
				if i >= len(tt.want) || !strings.HasPrefix(line, tt.want[i]) {
					t.Errorf("finding %d: %s", i+1, line)
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("%d findings, want %d", len(got), len(tt.want))
			}
		})
	}
	h := newHouse(t, hooked)
	h.hooks = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) })
	h.run()
	h.say(ann, "费率")
	h.until("a push that fails", func() bool {
		got := h.channel.Check(t.Context(), "default")
		return len(got) == 5 && strings.HasPrefix(got[2].Text, "Telegram's last push failed at ") && strings.Contains(got[2].Text, "401")
	})
	if got := h.channel.Check(t.Context(), "nobody"); len(got) != 1 || got[0].Level != finding.Error {
		t.Errorf("an account that is not there: %+v", got)
	}
	if _, err := h.channel.accounts["default"].Chat(t.Context(), 5); !errors.As(err, new(*Error)) {
		t.Errorf("a chat that is not there: %v", err)
	}
}

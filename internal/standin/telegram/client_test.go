package telegram_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestForeignClient drives the stand-in with a client that is not ours: a long poll, a text with buttons, the
// press of one, an edit, a photo, a topic.
func TestForeignClient(t *testing.T) {
	s := stand(t, off())
	drain(t, s)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := bot.New(token, bot.WithServerURL(web.URL), bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
		react(ctx, t, b, u)
	}), bot.WithErrorsHandler(func(err error) {
		if ctx.Err() == nil {
			t.Error(err)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	polling, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { b.Start(polling); close(done) }()
	defer func() { stop(); <-done }()

	private := telegram.Place{Chat: customer}
	if _, err := s.Start(customer, 0, "SN123"); err != nil {
		t.Fatal(err)
	}
	asked, err := s.WaitMessage(ctx, private, func(m telegram.Message) bool { return m.Buttons != nil })
	if err != nil {
		t.Fatal(err)
	}
	if asked.Text != "收到 SN123" || asked.Entities[0].Type != "bold" {
		t.Errorf("the bot said %+v", asked)
	}
	query, err := s.Press(customer, private, asked.ID, "yes")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitMessage(ctx, private, func(m telegram.Message) bool { return m.Photo != nil && m.Text == "图" }); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(s.Answers(), func(a telegram.Answer) bool { return a.Query == query && a.Text == "好的" }) {
		t.Errorf("the press was answered with %+v", s.Answers())
	}
	if got := s.Messages(private)[2]; got.Text != "选了 yes" || got.Buttons != nil || got.Edited.IsZero() {
		t.Errorf("after the press the message is %+v", got)
	}
	topics := s.Topics(forum)
	if len(topics) != 1 || topics[0].Name != "顾客" {
		t.Errorf("topics are %+v", topics)
	}
}

// react is the foreign client's side.
func react(ctx context.Context, t *testing.T, b *bot.Bot, u *models.Update) {
	var err error
	switch {
	case u.CallbackQuery != nil:
		m := u.CallbackQuery.Message.Message
		_, err = b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "好的"})
		if err == nil {
			_, err = b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: m.Chat.ID, MessageID: m.ID, Text: "选了 " + u.CallbackQuery.Data})
		}
		if err == nil {
			_, err = b.CreateForumTopic(ctx, &bot.CreateForumTopicParams{ChatID: forum, Name: "顾客"})
		}
		if err == nil {
			photo := &models.InputFileUpload{Filename: "a.jpg", Data: bytes.NewReader(picture(t, 400, 300))}
			_, err = b.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: m.Chat.ID, Photo: photo, Caption: "图"})
		}
	case u.Message != nil && strings.HasPrefix(u.Message.Text, "/start"):
		_, err = b.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: u.Message.Chat.ID, ParseMode: models.ParseModeHTML,
			Text: "<b>收到</b> " + strings.TrimPrefix(u.Message.Text, "/start "),
			ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
				{Text: "是", CallbackData: "yes"}, {Text: "否", CallbackData: "no"},
			}}},
		})
	}
	if err != nil && ctx.Err() == nil {
		t.Error(err)
	}
}

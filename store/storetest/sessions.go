package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

// sessionsAreTheSameOnEveryNode: the node that did the last turn has its session still, another one reads it, and both go on
// from the same one.
func sessionsAreTheSameOnEveryNode(t *testing.T, h *house) {
	a, b := h.node(t), h.node(t)
	c := opened(t, a, "w")
	turn(t, a, said(c, "1", "问"), func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		fillSession(t, s)
		return bot.Outcome{Silent: true}, nil
	})
	own, read := sessionOf(t, a, c.ID), sessionOf(t, b, c.ID)
	if !reflect.DeepEqual(own, read) {
		t.Errorf("the node has %+v, another reads %+v", own, read)
	}
	if read.Case == nil || read.Device.Serial != "SN1" {
		t.Errorf("the session is kept as %+v", read)
	}
	turn(t, b, said(c, "2", "问"), func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		s.Topic = "b"
		return bot.Outcome{Silent: true}, nil
	})
	turn(t, a, said(c, "3", "问"), func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		s.Last += s.Topic // on a stale session, and again on the fresh one
		return bot.Outcome{Silent: true}, nil
	})
	if got := sessionOf(t, h.node(t), c.ID).Last; got != read.Last+"b" {
		t.Errorf("the last turn made %q of %q", got, read.Last)
	}
}

// failedStepChangesNoSession: whatever a step does to its session before it fails, the next one does not see it.
func failedStepChangesNoSession(t *testing.T, h *house) {
	s := h.node(t)
	c := opened(t, s, "w")
	turn(t, s, said(c, "1", "问"), func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		fillSession(t, s)
		return bot.Outcome{Silent: true}, nil
	})
	before := sessionOf(t, s, c.ID)
	broken := errors.New("the index is broken")
	_, err := s.Turn(t.Context(), said(c, "2", "问"), func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		s.Offered[0].ID, s.Words[0], s.Tried[0].ID, s.Device.Serial = "x", "x", "x", "x"
		s.Case.Topic, s.Case.Asked[0], s.Case.Done[0], s.Case.Doubted[0] = "x", "x", "x", "x"
		s.Words = slices.Delete(s.Words, 0, 1)
		return bot.Outcome{}, broken
	})
	wants(t, err, broken)
	if after := sessionOf(t, s, c.ID); !reflect.DeepEqual(after, before) {
		t.Errorf("the session is %+v, was %+v", after, before)
	}
}

// sessionOf is a copy of the session that a turn on a node would begin with; its time is in UTC.
func sessionOf(t *testing.T, s *store.Store, conversation string) (session bot.Session) {
	t.Helper()
	seen := errors.New("seen")
	_, err := s.Turn(t.Context(), chat.Message{Conversation: conversation, Channel: "widget", ExternalID: "look"}, func(_ context.Context, s *bot.Session) (bot.Outcome, error) {
		if text := s.At.String(); strings.Contains(text, " m=") {
			t.Errorf("the time %s has a monotonic reading, which is not kept", text)
		}
		session.Holder, session.Device = s.Holder, s.Device
		raw, err := json.Marshal(s)
		return bot.Outcome{}, cmp.Or(err, json.Unmarshal(raw, &session), seen)
	})
	wants(t, err, seen)
	session.At = session.At.UTC()
	return session
}

// fillSession gives everything of a session that is kept with it some value, and fails where another field than those
// that are kept beside it is not.
func fillSession(t *testing.T, s *bot.Session) {
	t.Helper()
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" && name != "" {
			fillValue(v.Field(i))
		} else if !slices.Contains([]string{"Holder", "Device", "Ticket"}, field.Name) {
			t.Errorf("nobody keeps %s of a session", field.Name)
		}
	}
	s.Device.Serial = "SN1"
}

// fillValue makes a value that is not the zero one, two of them in a slice.
func fillValue(v reflect.Value) {
	switch _, isTime := v.Interface().(time.Time); {
	case isTime:
		v.Set(reflect.ValueOf(time.Now()))
	case v.Kind() == reflect.String:
		v.SetString("字 " + v.Type().Name())
	case v.CanInt():
		v.SetInt(7)
	case v.CanFloat():
		v.SetFloat(.5)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fillValue(v.Index(i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i))
		}
	default:
		panic("storetest: a session has a " + v.Type().String())
	}
}

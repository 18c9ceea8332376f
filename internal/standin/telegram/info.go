package telegram

import (
	"slices"
	"strconv"
)

func getMe(s *Server, c *call) (any, *apiError) {
	return wireMe{wireUser: s.wireUser(c.bot.id), CanJoinGroups: true, CanReadAllGroupMessages: c.bot.readsAll, HasTopicsEnabled: c.bot.threaded, AllowsUsersToCreate: c.bot.threaded}, nil
}

// wireFullChat is the answer of getChat.
type wireFullChat struct {
	wireChat
	AccentColorID    int             `json:"accent_color_id"`
	MaxReactionCount int             `json:"max_reaction_count"`
	PinnedMessage    *wireMessage    `json:"pinned_message,omitempty"`
	Permissions      map[string]bool `json:"permissions,omitempty"`
	GiftTypes        map[string]bool `json:"accepted_gift_types"`
}

func getChat(s *Server, c *call) (any, *apiError) {
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toRead)
	if err != nil {
		return nil, err
	}
	full := wireFullChat{wireChat: s.wireChat(in), MaxReactionCount: 11, GiftTypes: map[string]bool{"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false}}
	if m := in.lastPinned(); m != nil {
		full.PinnedMessage = s.wireMessage(c.bot, in, m, true)
	}
	if in.kind != kindPrivate {
		full.Permissions = map[string]bool{
			"can_send_messages": true, "can_send_media_messages": true, "can_send_photos": true, "can_send_documents": true,
			"can_send_voice_notes": true, "can_send_other_messages": true, "can_add_web_page_previews": true,
			"can_change_info": false, "can_invite_users": true, "can_pin_messages": false, "can_manage_topics": false,
		}
	}
	return full, nil
}

func getChatMember(s *Server, c *call) (any, *apiError) {
	id, fault := strconv.ParseInt(c.q.args["user_id"], 10, 64)
	if fault != nil || id <= 0 {
		return nil, bad("invalid user_id specified")
	}
	in, err := s.chatFor(c.bot, c.q.args["chat_id"], toRead)
	if err != nil {
		return nil, err
	}
	if b := s.bot(id); b != nil {
		if in.kind == kindPrivate {
			return wireMember{User: s.wireUser(id), Status: "member"}, nil
		}
		if in.bots[id].status == "" {
			return wireMember{User: s.wireUser(id), Status: "left"}, nil
		}
		return s.wireStanding(b, in.bots[id]), nil
	}
	if s.users[id] == nil {
		return nil, bad("member not found")
	}
	return s.wirePerson(in, id), nil
}

// wirePerson is what a person is in a chat.
func (s *Server) wirePerson(in *chat, id int64) wireMember {
	m := wireMember{User: s.wireUser(id), Status: "left"}
	switch {
	case slices.Index(in.admins, id) == 0:
		m.Status, m.IsAnonymous = "creator", new(bool)
	case slices.Contains(in.admins, id):
		m.Status = "administrator"
		m.wireRights = &wireRights{CanManageChat: true, CanDeleteMessages: true, CanInviteUsers: true, CanPinMessages: true, CanManageTopics: true}
	case in.members[id]:
		m.Status = "member"
	}
	return m
}

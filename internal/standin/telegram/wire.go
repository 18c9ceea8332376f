package telegram

import "encoding/json"

// The objects of the Bot API as bots get them, with the fields that the stand-in knows.

type wireUser struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// wireMe is the answer of getMe.
type wireMe struct {
	wireUser
	CanJoinGroups           bool `json:"can_join_groups"`
	CanReadAllGroupMessages bool `json:"can_read_all_group_messages"`
	SupportsInlineQueries   bool `json:"supports_inline_queries"`
	SupportsGuestQueries    bool `json:"supports_guest_queries"`
	CanConnectToBusiness    bool `json:"can_connect_to_business"`
	HasMainWebApp           bool `json:"has_main_web_app"`
	HasTopicsEnabled        bool `json:"has_topics_enabled"`
	AllowsUsersToCreate     bool `json:"allows_users_to_create_topics"`
	CanManageBots           bool `json:"can_manage_bots"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Title     string `json:"title,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Type      string `json:"type"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// Entity is a part of a text that means more than its letters. Offset and Length count UTF-16 units.
type Entity struct {
	Type     string    `json:"type"`
	Offset   int       `json:"offset"`
	Length   int       `json:"length"`
	URL      string    `json:"url,omitempty"`
	Language string    `json:"language,omitempty"`
	User     *wireUser `json:"user,omitempty"`
	EmojiID  string    `json:"custom_emoji_id,omitempty"`
}

type wireFile struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int    `json:"file_size,omitempty"`
	FileName     string `json:"file_name,omitempty"`
	MIMEType     string `json:"mime_type,omitempty"`
	FilePath     string `json:"file_path,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Duration     *int   `json:"duration,omitempty"`
	Emoji        string `json:"emoji,omitempty"`
	Type         string `json:"type,omitempty"`
	IsAnimated   *bool  `json:"is_animated,omitempty"`
	IsVideo      *bool  `json:"is_video,omitempty"`
}

type wireTopic struct {
	ThreadID  int    `json:"message_thread_id,omitempty"`
	Name      string `json:"name,omitempty"`
	IconColor int    `json:"icon_color,omitempty"`
}

type wireMessage struct {
	MessageID          int             `json:"message_id"`
	From               *wireUser       `json:"from,omitempty"`
	Chat               wireChat        `json:"chat"`
	Date               int64           `json:"date"`
	EditDate           int64           `json:"edit_date,omitempty"`
	ThreadID           int             `json:"message_thread_id,omitempty"`
	ReplyTo            *wireMessage    `json:"reply_to_message,omitempty"`
	Album              string          `json:"media_group_id,omitempty"`
	Text               string          `json:"text,omitempty"`
	Entities           []Entity        `json:"entities,omitempty"`
	LinkPreview        json.RawMessage `json:"link_preview_options,omitempty"`
	Photo              []wireFile      `json:"photo,omitempty"`
	Document           *wireFile       `json:"document,omitempty"`
	Voice              *wireFile       `json:"voice,omitempty"`
	Sticker            *wireFile       `json:"sticker,omitempty"`
	Location           *Location       `json:"location,omitempty"`
	Caption            string          `json:"caption,omitempty"`
	CaptionEntities    []Entity        `json:"caption_entities,omitempty"`
	NewChatMembers     []wireUser      `json:"new_chat_members,omitempty"`
	LeftChatMember     *wireUser       `json:"left_chat_member,omitempty"`
	MigrateToChatID    int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID  int64           `json:"migrate_from_chat_id,omitempty"`
	PinnedMessage      *wireMessage    `json:"pinned_message,omitempty"`
	ForumTopicCreated  *wireTopic      `json:"forum_topic_created,omitempty"`
	ForumTopicEdited   *wireTopic      `json:"forum_topic_edited,omitempty"`
	ForumTopicClosed   *struct{}       `json:"forum_topic_closed,omitempty"`
	ForumTopicReopened *struct{}       `json:"forum_topic_reopened,omitempty"`
	ReplyMarkup        *keyboard       `json:"reply_markup,omitempty"`
	Protected          bool            `json:"has_protected_content,omitempty"`
	IsTopicMessage     bool            `json:"is_topic_message,omitempty"`

	kind *Kind // whose fields are added
}

// keyboard is an inline keyboard.
type keyboard struct {
	Rows [][]Button `json:"inline_keyboard"`
}

// Button is one of an inline keyboard: either Data or URL is set.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Location is a point on the earth, in degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type wireCallback struct {
	ID           string       `json:"id"`
	From         wireUser     `json:"from"`
	Message      *wireMessage `json:"message"`
	ChatInstance string       `json:"chat_instance"`
	Data         string       `json:"data"`
}

type wireMember struct {
	User        wireUser `json:"user"`
	Status      string   `json:"status"`
	IsAnonymous *bool    `json:"is_anonymous,omitempty"`
	UntilDate   *int64   `json:"until_date,omitempty"`
	IsMember    *bool    `json:"is_member,omitempty"`         // of a restricted one
	CanSend     *bool    `json:"can_send_messages,omitempty"` // of a restricted one
	*wireRights
}

// wireRights are those of an administrator.
type wireRights struct {
	CanBeEdited         bool `json:"can_be_edited"`
	CanManageChat       bool `json:"can_manage_chat"`
	CanChangeInfo       bool `json:"can_change_info"`
	CanDeleteMessages   bool `json:"can_delete_messages"`
	CanInviteUsers      bool `json:"can_invite_users"`
	CanRestrictMembers  bool `json:"can_restrict_members"`
	CanPinMessages      bool `json:"can_pin_messages"`
	CanManageTopics     bool `json:"can_manage_topics"`
	CanPromoteMembers   bool `json:"can_promote_members"`
	CanManageVideoChats bool `json:"can_manage_video_chats"`
	CanPostStories      bool `json:"can_post_stories"`
	CanEditStories      bool `json:"can_edit_stories"`
	CanDeleteStories    bool `json:"can_delete_stories"`
	IsAnonymous         bool `json:"is_anonymous"`
	CanManageVoiceChats bool `json:"can_manage_voice_chats"`
}

type wireMemberUpdate struct {
	Chat wireChat   `json:"chat"`
	From wireUser   `json:"from"`
	Date int64      `json:"date"`
	Old  wireMember `json:"old_chat_member"`
	New  wireMember `json:"new_chat_member"`
}

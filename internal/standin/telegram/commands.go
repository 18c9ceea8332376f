package telegram

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Longest menu and its entries, in characters.
const (
	maxCommands    = 100
	maxCommand     = 32
	maxDescription = 256
)

// Command is one of a bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// Commands returns a bot's menu (0 is the first bot) for a scope, such as default or all_private_chats, or
// "chat -100…", and a language code, which may be empty.
func (s *Server) Commands(bot int64, scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bot(bot)
	if b == nil {
		return nil
	}
	return append([]Command(nil), b.commands[scope+" "+language]...)
}

func setMyCommands(s *Server, c *call) (any, *apiError) {
	list, err := commandsOf(c.q.args["commands"])
	if err != nil {
		return nil, err
	}
	key, err := s.menuFor(c)
	if err != nil {
		return nil, err
	}
	if len(list) > maxCommands {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	for i, one := range list {
		if list[i], err = one.checked(); err != nil {
			return nil, err
		}
	}
	c.bot.commands[key] = list
	s.notify()
	return true, nil
}

func getMyCommands(s *Server, c *call) (any, *apiError) {
	key, err := s.menuFor(c)
	if err != nil {
		return nil, err
	}
	return append([]Command{}, c.bot.commands[key]...), nil
}

func deleteMyCommands(s *Server, c *call) (any, *apiError) {
	key, err := s.menuFor(c)
	if err != nil {
		return nil, err
	}
	delete(c.bot.commands, key)
	s.notify()
	return true, nil
}

func commandsOf(text string) ([]Command, *apiError) {
	if text == "" {
		return nil, nil
	}
	if !json.Valid([]byte(text)) {
		return nil, bad("can't parse commands JSON object")
	}
	var items []json.RawMessage
	if json.Unmarshal([]byte(text), &items) != nil {
		return nil, bad("expected an Array of BotCommand")
	}
	list := make([]Command, len(items))
	for i, item := range items {
		var fields map[string]json.RawMessage
		if json.Unmarshal(item, &fields) != nil || fields == nil {
			return nil, bad("can't parse BotCommand: expected an Object")
		}
		for _, f := range []struct {
			name string
			to   *string
		}{{"command", &list[i].Command}, {"description", &list[i].Description}} {
			value, ok := fields[f.name]
			if !ok {
				return nil, bad("can't parse BotCommand: Can't find field %q", f.name)
			}
			if json.Unmarshal(value, f.to) != nil {
				return nil, bad("can't parse BotCommand: Field %q must be of type String", f.name)
			}
		}
	}
	return list, nil
}

// checked returns a command without its slash.
func (c Command) checked() (Command, *apiError) {
	c.Command = strings.TrimPrefix(strings.TrimSpace(c.Command), "/")
	c.Description = strings.TrimSpace(c.Description)
	switch {
	case c.Command == "":
		return c, bad("command must be non-empty")
	case utf8.RuneCountInString(c.Command) > maxCommand:
		return c, bad("command length must not exceed %d", maxCommand)
	case c.Description == "":
		return c, bad("command description must be non-empty")
	case utf8.RuneCountInString(c.Description) > maxDescription:
		return c, bad("command description length must not exceed %d", maxDescription)
	case strings.Trim(c.Command, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return c, bad("BOT_COMMAND_INVALID")
	}
	return c, nil
}

// menuFor names the menu that scope and language_code mean.
func (s *Server) menuFor(c *call) (string, *apiError) {
	language := c.q.args["language_code"]
	if language != "" && (len(language) != 2 || strings.Trim(language, "abcdefghijklmnopqrstuvwxyz") != "") {
		return "", bad("invalid language code specified")
	}
	text := c.q.args["scope"]
	if text == "" {
		return "default " + language, nil
	}
	if !json.Valid([]byte(text)) {
		return "", bad("can't parse BotCommandScope JSON object")
	}
	var scope struct {
		Type string `json:"type"`
		Chat any    `json:"chat_id"`
		User int64  `json:"user_id"`
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&scope); err != nil {
		return "", bad("can't parse BotCommandScope: BotCommandScope must be an Object")
	}
	switch scope.Type {
	case "":
		return "", bad("can't parse BotCommandScope: Can't find field \"type\"")
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type + " " + language, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return "", bad("can't parse BotCommandScope: Unsupported type specified")
	}
	id := ""
	switch chat := scope.Chat.(type) {
	case string:
		id = chat
	case json.Number:
		id = chat.String()
	}
	if id == "" {
		return "", bad("can't parse BotCommandScope: Empty chat_id specified")
	}
	if scope.Type == "chat_member" && scope.User <= 0 {
		return "", bad("can't parse BotCommandScope: Invalid user_id specified")
	}
	if _, err := s.chatFor(c.bot, id, toRead); err != nil {
		return "", err
	}
	key := scope.Type + " " + id
	if scope.Type == "chat_member" {
		key += " " + strconv.FormatInt(scope.User, 10)
	}
	return key + " " + language, nil
}

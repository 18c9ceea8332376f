package telegram_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestRefusals checks each method's errors, word for word. Names in capitals stand for ids of the world below.
func TestRefusals(t *testing.T) {
	s := stand(t, off())
	old := got(s.Say(customer, telegram.Place{Chat: customer}, "你好")).must(t)
	mine := sent(t, s, "sendMessage", "chat_id=1001&text=hi")
	open := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=open")
	closed := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=closed")
	sent(t, s, "sendMessage", "chat_id=-1000000000500&text=general")
	ask(t, s, "closeForumTopic", "chat_id=-1000000000500&message_thread_id="+strconv.Itoa(closed))
	gone := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=gone")
	must(t, s.DeleteTopic(agent, telegram.Place{Chat: forum, Thread: gone}))
	names := strings.NewReplacer("FORUM", "-1000000000500", "GROUP", "-700", "ELSEWHERE", "-1000000000600", "OLD", strconv.Itoa(old),
		"MINE", strconv.Itoa(mine), "OPEN", strconv.Itoa(open), "CLOSED", strconv.Itoa(closed), "GONE", strconv.Itoa(gone))
	long, wide := strings.Repeat("字", 4097), strings.Repeat("😀", 2049)

	for _, tt := range []struct{ method, form, want string }{
		{"sendMessage", "text=hi", "Bad Request: chat_id is empty"},
		{"sendMessage", "chat_id=1001", "Bad Request: message text is empty"},
		{"sendMessage", "chat_id=1001&text=%20%0A", "Bad Request: text must be non-empty"},
		{"sendMessage", "chat_id=1001&text=%ff", "Bad Request: strings must be encoded in UTF-8"},
		{"sendMessage", "chat_id=1003&text=hi", "Bad Request: chat not found"},
		{"sendMessage", "chat_id=77&text=hi", "Bad Request: chat not found"},
		{"sendMessage", "chat_id=@somebody&text=hi", "Bad Request: chat not found"},
		{"sendMessage", "chat_id=-42&text=hi", "Bad Request: chat not found"},
		{"sendMessage", "chat_id=1002&text=hi", "Forbidden: bot was blocked by the user"},
		{"sendMessage", "chat_id=ELSEWHERE&text=hi", "Forbidden: bot was kicked from the supergroup chat"},
		{"sendMessage", "chat_id=1001&text=" + long, "Bad Request: message is too long"},
		{"sendMessage", "chat_id=1001&text=" + wide, "Bad Request: message is too long"},
		{"sendMessage", "chat_id=1001&text=" + strings.Repeat("x", 32769), "Bad Request: text is too long"},
		{"sendMessage", "chat_id=1001&text=hi&parse_mode=LaTeX", "Bad Request: unsupported parse_mode"},
		{"sendMessage", "chat_id=1001&text=<b>hi&parse_mode=HTML", `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"sendMessage", "chat_id=1001&text=hi&message_thread_id=5", "Bad Request: message thread not found"},
		{"sendMessage", "chat_id=FORUM&text=hi&message_thread_id=1", "Bad Request: message thread not found"},
		{"sendMessage", "chat_id=FORUM&text=hi&message_thread_id=999", "Bad Request: message thread not found"},
		{"sendMessage", "chat_id=FORUM&text=hi&message_thread_id=CLOSED", "Bad Request: TOPIC_CLOSED"},
		{"sendMessage", "chat_id=FORUM&text=hi&message_thread_id=GONE", "Bad Request: TOPIC_DELETED"},
		{"sendMessage", "chat_id=1001&text=hi&reply_to_message_id=9999", "Bad Request: message to be replied not found"},
		{"sendMessage", `chat_id=1001&text=hi&reply_parameters={"message_id":9999}`, "Bad Request: message to be replied not found"},
		{"sendMessage", `chat_id=1001&text=hi&reply_parameters={`, "Bad Request: can't parse reply parameters JSON object"},
		{"sendMessage", `chat_id=1001&text=hi&reply_parameters=[]`, "Bad Request: object expected as reply parameters"},
		{"sendMessage", `chat_id=1001&text=hi&reply_parameters={"chat_id":3}`, `Bad Request: can't find field "message_id"`},
		{"sendMessage", "chat_id=1001&text=hi&reply_markup={", "Bad Request: can't parse reply keyboard markup JSON object"},
		{"sendMessage", "chat_id=1001&text=hi&reply_markup=[]", "Bad Request: object expected as reply markup"},
		{"sendMessage", `chat_id=1001&text=hi&reply_markup={"inline_keyboard":[{}]}`, `Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays`},
		{"sendMessage", `chat_id=1001&text=hi&reply_markup={"inline_keyboard":[[{"text":"a"}]]}`, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"sendMessage", `chat_id=1001&text=hi&reply_markup={"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("d", 65) + `"}]]}`, "Bad Request: BUTTON_DATA_INVALID"},
		{"sendMessage", `chat_id=1001&text=hi&reply_markup={"inline_keyboard":[[{"text":"","callback_data":"d"}]]}`, "Bad Request: inline keyboard button text must be non-empty"},
		{"sendPhoto", "chat_id=1001", "Bad Request: there is no photo in the request"},
		{"sendPhoto", "chat_id=1001&photo=AgACnonsense", "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol"},
		{"sendPhoto", "chat_id=1001&photo=x&caption=" + strings.Repeat("字", 1025), "Bad Request: message caption is too long"},
		{"sendDocument", "chat_id=1001", "Bad Request: there is no document in the request"},
		{"copyMessage", "chat_id=1001&message_id=OLD", `Bad Request: parameter "from_chat_id" is required`},
		{"copyMessage", "chat_id=FORUM&from_chat_id=1001&message_id=9999", "Bad Request: message to copy not found"},
		{"copyMessage", "chat_id=1001&from_chat_id=FORUM&message_id=OPEN", "Bad Request: message can't be copied"},
		{"copyMessage", "chat_id=FORUM&from_chat_id=1001&message_id=OLD&message_thread_id=CLOSED", "Bad Request: TOPIC_CLOSED"},
		{"editMessageText", "chat_id=1001&message_id=MINE&text=hi", "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"},
		{"editMessageText", "chat_id=1001&message_id=9999&text=hi", "Bad Request: message to edit not found"},
		{"editMessageText", "chat_id=1001&message_id=OLD&text=hi", "Bad Request: message can't be edited"},
		{"editMessageText", "chat_id=1001&message_id=MINE", "Bad Request: message text is empty"},
		{"editMessageCaption", "chat_id=1001&message_id=MINE&caption=x", "Bad Request: there is no caption in the message to edit"},
		{"editMessageReplyMarkup", `chat_id=1001&message_id=MINE&reply_markup={"force_reply":true}`, "Bad Request: inline keyboard expected"},
		{"deleteMessage", "message_id=MINE", "Bad Request: chat identifier is not specified"},
		{"deleteMessage", "chat_id=1001", "Bad Request: message identifier is not specified"},
		{"deleteMessage", "chat_id=1001&message_id=9999", "Bad Request: message to delete not found"},
		{"deleteMessage", "chat_id=FORUM&message_id=OPEN", "Bad Request: message can't be deleted"},
		{"answerCallbackQuery", "callback_query_id=1", "Bad Request: query is too old and response timeout expired or query ID is invalid"},
		{"sendChatAction", "chat_id=1001&action=dancing", "Bad Request: wrong parameter action in request"},
		{"sendChatAction", "chat_id=1002&action=typing", "Forbidden: bot was blocked by the user"},
		{"getFile", "", "Bad Request: file_id not specified"},
		{"getFile", "file_id=nonsense", "Bad Request: invalid file_id"},
		{"setMyCommands", "commands={}", "Bad Request: expected an Array of BotCommand"},
		{"setMyCommands", "commands=[1]", "Bad Request: can't parse BotCommand: expected an Object"},
		{"setMyCommands", `commands=[{"command":"Help","description":"帮助"}]`, "Bad Request: BOT_COMMAND_INVALID"},
		{"setMyCommands", `commands=[{"command":"help","description":""}]`, "Bad Request: command description must be non-empty"},
		{"setMyCommands", `commands=[]&scope={"type":"moon"}`, "Bad Request: can't parse BotCommandScope: Unsupported type specified"},
		{"setMyCommands", `commands=[]&scope={"type":"chat","chat_id":1003}`, "Bad Request: chat not found"},
		{"setMyCommands", `commands=[]&language_code=zh-hans`, "Bad Request: invalid language code specified"},
		{"getChat", "chat_id=1003", "Bad Request: chat not found"},
		{"getChat", "chat_id=ELSEWHERE", "Forbidden: bot was kicked from the supergroup chat"},
		{"getChatMember", "chat_id=FORUM", "Bad Request: invalid user_id specified"},
		{"getChatMember", "chat_id=FORUM&user_id=5", "Bad Request: member not found"},
		{"createForumTopic", "chat_id=FORUM", "Bad Request: name must be non-empty"},
		{"createForumTopic", "chat_id=GROUP&name=x", "Bad Request: the chat is not a forum"},
		{"createForumTopic", "chat_id=1001&name=x", "Bad Request: the chat is not a forum"},
		{"editForumTopic", "chat_id=FORUM&name=x", "Bad Request: invalid forum topic identifier specified"},
		{"editForumTopic", "chat_id=FORUM&name=open&message_thread_id=OPEN", "Bad Request: TOPIC_NOT_MODIFIED"},
		{"closeForumTopic", "chat_id=FORUM&message_thread_id=CLOSED", "Bad Request: TOPIC_NOT_MODIFIED"},
		{"reopenForumTopic", "chat_id=FORUM&message_thread_id=OPEN", "Bad Request: TOPIC_NOT_MODIFIED"},
		{"deleteForumTopic", "chat_id=FORUM&message_thread_id=GONE", "Bad Request: TOPIC_ID_INVALID"},
		{"pinChatMessage", "chat_id=1001&message_id=9999", "Bad Request: message to pin not found"},
		{"pinChatMessage", "chat_id=FORUM&message_id=OPEN", "Bad Request: service messages can't be pinned"},
		{"unpinChatMessage", "chat_id=1001", "Bad Request: message to unpin not found"},
		{"setWebhook", "url=http://example.org/x", "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{"setWebhook", "url=https://example.org:8080/x", "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{"setWebhook", "url=https://10.0.0.7/x", "Bad Request: bad webhook: IP address 10.0.0.7 is reserved"},
		{"setWebhook", "url=ftp://example.org/x", "Bad Request: invalid webhook URL specified"},
		{"setWebhook", "url=https://127.0.0.1/x&secret_token=a b", "Bad Request: secret token contains unallowed characters"},
		{"setWebhook", "url=https://127.0.0.1/x&secret_token=" + strings.Repeat("a", 257), "Bad Request: secret token is too long"},
		{"sendDance", "", "Not Found: method not found"},
	} {
		form := names.Replace(tt.form)
		if a := ask(t, s, tt.method, form); a.OK || a.Description != tt.want {
			t.Errorf("%s %.80s: %q, want %q", tt.method, tt.form, a.Description, tt.want)
		}
	}
}

// TestMuted checks what a bot is told that may not send.
func TestMuted(t *testing.T) {
	s := stand(t, off())
	must(t, s.SetBot(group, 0, telegram.Rights{Muted: true}))
	if a := ask(t, s, "sendMessage", "chat_id=-700&text=x"); a.Description != "Bad Request: not enough rights to send text messages to the chat" {
		t.Errorf("a text: %q", a.Description)
	}
	if a := upload(t, s, "sendPhoto", "photo", "a.jpg", picture(t, 9, 9), "chat_id", "-700"); a.Description != "Bad Request: not enough rights to send photos to the chat" {
		t.Errorf("a photo: %q", a.Description)
	}
	if a := ask(t, s, "getChatMember", "chat_id=-700&user_id=4242"); !strings.Contains(string(a.Result), `"status":"restricted"`) {
		t.Errorf("it is %s", a.Result)
	}
}

// TestRights checks what a bot may not do as a simple member of a forum.
func TestRights(t *testing.T) {
	s := stand(t, off())
	topic := strconv.Itoa(got(s.CreateTopic(agent, forum, "顾客")).must(t))
	said := strconv.Itoa(got(s.Say(agent, telegram.Place{Chat: forum}, "你好")).must(t))
	must(t, s.SetBot(forum, 0, telegram.Rights{}))
	for _, tt := range []struct{ method, form, want string }{
		{"createForumTopic", "name=x", "Bad Request: not enough rights to create a topic"},
		{"editForumTopic", "name=x&message_thread_id=" + topic, "Bad Request: not enough rights to edit the topic"},
		{"closeForumTopic", "message_thread_id=" + topic, "Bad Request: not enough rights to close or open the topic"},
		{"reopenForumTopic", "message_thread_id=" + topic, "Bad Request: not enough rights to close or open the topic"},
		{"deleteForumTopic", "message_thread_id=" + topic, "Bad Request: not enough rights to delete the topic"},
		{"pinChatMessage", "message_id=" + said, "Bad Request: not enough rights to manage pinned messages in the chat"},
		{"unpinAllChatMessages", "", "Bad Request: not enough rights to manage pinned messages in the chat"},
		{"deleteMessage", "message_id=" + said, "Bad Request: message can't be deleted"},
	} {
		if a := ask(t, s, tt.method, "chat_id=-1000000000500&"+tt.form); a.Description != tt.want {
			t.Errorf("%s: %q, want %q", tt.method, a.Description, tt.want)
		}
	}
}

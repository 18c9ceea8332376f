package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/finding"
)

// Check calls Telegram for an account and says in words what is wrong. It changes nothing.
func (c *Channel) Check(ctx context.Context, accountName string) finding.List {
	var f finding.List
	a, ok := c.accounts.Check(accountName, &f)
	if !ok {
		return f
	}
	me, err := a.Me(ctx)
	if err != nil {
		f.Add(finding.Error, diagnose(err), "Telegram does not answer the bot: %s.", err)
		return f
	}
	f.Add(finding.OK, "", "The token is that of @%s.", me.UserName)
	if me.HasTopics {
		f.Add(finding.OK, "", "Threaded Mode is on: customers are answered in the thread in which they wrote last, and have one conversation in all threads.")
	}
	a.checkWebhook(ctx, &f, c.Now())
	a.checkFiles(ctx, &f, me)
	a.checkGroup(ctx, &f, me.User)
	return f
}

func (a *account) checkWebhook(ctx context.Context, f *finding.List, now time.Time) {
	w, err := a.WebhookInfo(ctx)
	if err != nil {
		f.Add(finding.Error, diagnose(err), "The webhook cannot be looked at: %s.", err)
		return
	}
	want := ""
	if a.Webhook != "" {
		want = strings.TrimSuffix(a.Webhook, "/") + HookPath(a.Name)
	}
	switch {
	case w.URL == want && want == "":
		f.Add(finding.OK, "", "Updates are polled for; %d wait.", w.Pending)
	case w.URL == want:
		f.Add(finding.OK, "", "Updates are pushed to %s; %d wait. A secret is set here, and each push must bring it.", want, w.Pending)
	case want == "":
		f.Add(finding.Warning, "yingda serve removes it when it starts; if it comes back, another program uses the same token",
			"A webhook is set, so nobody may poll.")
	case w.URL == "":
		f.Add(finding.Warning, "yingda serve sets it when it starts", "No webhook is set yet.")
	default:
		f.Add(finding.Warning, "yingda serve sets it when it starts; if it changes again, another program uses the same token",
			"The webhook is another address.")
	}
	if at := time.Unix(w.LastErrorDate, 0); w.URL != "" && w.LastErrorDate != 0 && now.Sub(at) < 24*time.Hour {
		f.Add(finding.Error, "the address must be reached from outside by https with a valid certificate, and lead to this program; 401 means another secret",
			"Telegram's last push failed at %s: %s.", at.UTC().Format(time.DateTime+" UTC"), shortDescription(a.redact(w.LastError)))
	}
	for _, kind := range AllowedUpdates() {
		if w.URL == want && want != "" && len(w.AllowedUpdates) > 0 && !slices.Contains(w.AllowedUpdates, kind) {
			f.Add(finding.Warning, "restart yingda serve, which asks for it", "Updates of the kind %s are not asked for.", kind)
		}
	}
}

// checkFiles tells whether customers' pictures can be had from a Bot API server of our own: one that runs with --local
// only tells where it has them on its disk. It is tried with the bot's own picture.
func (a *account) checkFiles(ctx context.Context, f *finding.List, me Bot) {
	const mend = "set files to the folder that the server has as --dir, by its absolute path, where this program can read it"
	if a.baseURL() == DefaultAPI {
		return
	}
	id, err := a.OwnPicture(ctx, me.ID)
	if err == nil && id != "" {
		_, err = a.Download(ctx, id)
	}
	switch {
	case errors.Is(err, errNoFolder):
		f.Add(finding.Error, mend, "The Bot API server runs with --local, and the folder of its files is not set: customers' pictures are lost.")
	case errors.Is(err, errUnread):
		f.Add(finding.Error, mend, "The Bot API server runs with --local, and its files cannot be read in %s: customers' pictures are lost.", a.Files)
	case err != nil:
		f.Add(finding.Warning, diagnose(err), "The bot's own picture cannot be fetched from the Bot API server, nor may customers' pictures: %s.", err)
	case id == "" && a.Files == "":
		f.Add(finding.OK, "", "The bot has no picture of its own to try with; a Bot API server that runs with --local needs files, the folder of its files.")
	default:
		f.Add(finding.OK, "", "Pictures can be fetched from the Bot API server.")
	}
}

func (a *account) checkGroup(ctx context.Context, f *finding.List, me User) {
	if a.Group == 0 {
		f.Add(finding.OK, "", "No agents' group is set: agents answer at the desk.")
		return
	}
	group, err := a.Chat(ctx, a.Group)
	if err != nil {
		mend := diagnose(err)
		if refused, ok := errors.AsType[*Error](err); ok && (refused.Code == 400 || refused.Code == 403) {
			mend = fmt.Sprintf("add @%s to the group, and set the group's id, which begins with -100", me.UserName)
		}
		f.Add(finding.Error, mend, "The bot cannot see the agents' group %d: %s.", a.Group, err)
		return
	}
	if !group.IsForum {
		f.Add(finding.Error, "turn on Topics in the group's settings; that makes it a supergroup, whose id is another one", "The agents' group has no topics.")
	}
	m, err := a.Member(ctx, a.Group, me.ID)
	switch {
	case err != nil:
		f.Add(finding.Error, diagnose(err), "The bot's rights in the agents' group cannot be looked at: %s.", err)
		return
	case !m.IsAdmin():
		f.Add(finding.Error, "make it an administrator with the rights Manage Topics, Pin Messages and Delete Messages", "The bot is no administrator of the agents' group.")
		return
	}
	before := len(*f)
	if m.Status != "creator" && !m.CanManageTopics {
		f.Add(finding.Error, "give it that right in the list of administrators", "The bot may not manage topics in the agents' group.")
	}
	if m.Status != "creator" && !m.CanPinMessages {
		f.Add(finding.Warning, "give it that right in the list of administrators", "The bot may not pin messages in the agents' group: the customer's card is not pinned.")
	}
	if m.Status != "creator" && !m.CanDelete {
		f.Add(finding.Warning, "give it that right in the list of administrators",
			"The bot may not delete messages in the agents' group: a customer whose topic is there cannot be erased.")
	}
	if group.IsForum && len(*f) == before {
		f.Add(finding.OK, "", "The agents' group has topics, and the bot may manage, pin and delete there.")
	}
}

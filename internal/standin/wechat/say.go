package wechat

import (
	"context"
	"strconv"
	"sync"
)

// Say sends a text.
func (f *Follower) Say(ctx context.Context, text string) Delivery {
	return f.tell(ctx, Bubble{Type: "text", Text: text}, "text", cdata("Content", text))
}

// Choose taps an item of a menu message (msgmenu): its text is said, with its id. The platform counts this as a tap
// and not as a message, so it grants 3 sends for a minute.
func (f *Follower) Choose(ctx context.Context, id, text string) Delivery {
	if !f.Following() {
		return Delivery{Fault: stranger}
	}
	f.act()
	return f.say(ctx, f.id(), Bubble{Type: "text", Text: text}, "text",
		cdata("Content", text)+"<bizmsgmenuid>"+id+"</bizmsgmenuid>", true)
}

// SendImage sends a picture: it can be fetched by its MediaId for three days, and from its PicUrl on the stand-in.
func (f *Follower) SendImage(ctx context.Context, picture []byte) Delivery {
	m := f.server.store(f.account, "image", "", picture)
	return f.tell(ctx, Bubble{Type: "image", Text: "[图片]", MediaID: m.id}, "image",
		cdata("PicUrl", m.url)+cdata("MediaId", m.id))
}

// SendVoice sends a voice message of the format amr. What the platform recognises of it is often empty.
func (f *Follower) SendVoice(ctx context.Context, sound []byte, recognised string) Delivery {
	m := f.server.store(f.account, "voice", "voice.amr", sound)
	return f.tell(ctx, Bubble{Type: "voice", Text: recognised, MediaID: m.id}, "voice",
		cdata("MediaId", m.id)+cdata("Format", "amr")+cdata("Recognition", recognised))
}

// SendVideo sends a video with its thumbnail.
func (f *Follower) SendVideo(ctx context.Context, video, thumb []byte) Delivery {
	m, t := f.server.store(f.account, "video", "video.mp4", video), f.server.store(f.account, "image", "", thumb)
	return f.tell(ctx, Bubble{Type: "video", Text: "[视频]", MediaID: m.id}, "video",
		cdata("MediaId", m.id)+cdata("ThumbMediaId", t.id))
}

// SendFile sends a file, of which the platform tells the name and the size.
func (f *Follower) SendFile(ctx context.Context, name string, data []byte) Delivery {
	return f.tell(ctx, Bubble{Type: "file", Text: name}, "file",
		cdata("Title", name)+cdata("Description", "")+cdata("FileKey", "key")+cdata("FileMd5", "md5")+"<FileTotalLen>"+strconv.Itoa(len(data))+"</FileTotalLen>")
}

// SendLocation sends a place on the map, which is a message and not the LOCATION event.
func (f *Follower) SendLocation(ctx context.Context, latitude, longitude float64, label string) Delivery {
	return f.tell(ctx, Bubble{Type: "location", Text: label}, "location",
		number("Location_X", latitude)+number("Location_Y", longitude)+"<Scale>16</Scale>"+cdata("Label", label))
}

// SendLink shares a link.
func (f *Follower) SendLink(ctx context.Context, title, description, url string) Delivery {
	return f.tell(ctx, Bubble{Type: "link", Text: title}, "link",
		cdata("Title", title)+cdata("Description", description)+cdata("Url", url))
}

// Storm says all the texts, each n times, all at once and in any order. The deliveries come in the order of the texts.
func (f *Follower) Storm(ctx context.Context, n int, texts ...string) []Delivery {
	pushes, deliveries := make([]push, len(texts)), make([]Delivery, len(texts))
	for i, text := range texts {
		pushes[i], deliveries[i] = f.prepare(text)
	}
	var all sync.WaitGroup
	for _, i := range f.server.shuffled(len(texts)) {
		if deliveries[i].OK() {
			all.Go(func() { deliveries[i] = f.settle(ctx, deliveries[i].ID, pushes[i], n, true) })
		}
	}
	all.Wait()
	return deliveries
}

// prepare says a text that is pushed later.
func (f *Follower) prepare(text string) (push, Delivery) {
	if !f.Following() {
		return push{}, Delivery{Fault: stranger}
	}
	f.grant()
	d := Delivery{ID: f.id()}
	f.server.mu.Lock()
	f.show(Bubble{ID: d.ID, Via: Own, Type: "text", Text: text})
	f.server.mu.Unlock()
	p, err := f.account.push(f.openID, f.message(d.ID, "text", cdata("Content", text)))
	if err != nil {
		d.Fault = err.Error()
	}
	return p, d
}

// tell pushes a message, which grants 5 sends for 48 hours.
func (f *Follower) tell(ctx context.Context, own Bubble, kind, fields string) Delivery {
	if !f.Following() {
		return Delivery{Fault: stranger}
	}
	f.grant()
	return f.say(ctx, f.id(), own, kind, fields, true)
}

// grant grants what a message grants.
func (f *Follower) grant() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.quota.spoke(f.server.cfg.Now())
}

// id returns a new MsgId: 64 bits, as the platform's.
func (f *Follower) id() string {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	return strconv.FormatInt(24_000_000_000_000_000+f.server.number(), 10)
}

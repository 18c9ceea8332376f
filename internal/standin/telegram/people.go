package telegram

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// User is a person.
type User struct {
	ID        int64
	FirstName string
	LastName  string
	Username  string
	Language  string // such as zh-hans
}

// Group is a group of people, to be told to AddGroup.
type Group struct {
	ID         int64 // -100… for a supergroup; AddGroup fails for an id that does not fit
	Title      string
	Supergroup bool
	Forum      bool // has topics; a supergroup only
	Members    []int64
	Admins     []int64 // of the members; the first is the owner
}

// Rights are what a bot may do in a group.
type Rights struct {
	Admin          bool // without it the others mean nothing
	ManageTopics   bool
	PinMessages    bool
	DeleteMessages bool
	Muted          bool // may not send; not for an administrator
}

// AllRights are those of an administrator that may do everything the stand-in knows of.
func AllRights() Rights {
	return Rights{Admin: true, ManageTopics: true, PinMessages: true, DeleteMessages: true}
}

// standing is what a bot is in a group.
type standing struct {
	status string // member, administrator, restricted, left, kicked
	rights Rights
	since  time.Time
}

// present tells whether the bot is in the group.
func (st standing) present() bool {
	return st.status == "member" || st.status == "administrator" || st.status == "restricted"
}

// AddUser lets a person in, or changes what is known of one.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
	s.notify()
}

// AddGroup founds a group.
func (s *Server) AddGroup(g Group) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	isSuper := g.ID < -1_000_000_000_000
	if g.ID >= 0 || isSuper != g.Supergroup || g.Forum && !g.Supergroup {
		return fmt.Errorf("group %d: ids of supergroups lie below -1000000000000, those of other groups between that and 0; only a supergroup has topics", g.ID)
	}
	for _, id := range slices.Concat(g.Members, g.Admins) {
		if s.users[id] == nil {
			return fmt.Errorf("group %d: no user %d: add the people first", g.ID, id)
		}
	}
	c := newChat(g.ID, kindGroup)
	c.title, c.forum = g.Title, g.Forum
	if g.Supergroup {
		c.kind = kindSupergroup
	}
	for _, id := range slices.Concat(g.Members, g.Admins) {
		c.members[id] = true
	}
	c.admins = slices.Clone(g.Admins)
	s.groups[g.ID] = c
	s.notify()
	return nil
}

// AddMember lets a person join a group; the bots see it.
func (s *Server) AddMember(group, user int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.groups[group], s.users[user]
	if c == nil || u == nil {
		return fmt.Errorf("no group %d or no user %d", group, user)
	}
	if !c.members[user] {
		c.members[user] = true
		s.tellMember(c, user, "left", "member")
		s.post(c, &message{from: user, joined: []int64{user}})
	}
	return nil
}

// SetBot takes a bot (0 is the first) into a group, or changes what it may do there. The bot is told.
func (s *Server) SetBot(group, bot int64, rights Rights) error {
	status := "member"
	switch {
	case rights.Admin:
		status, rights.Muted = "administrator", false
	case rights.Muted:
		status, rights = "restricted", Rights{Muted: true}
	default:
		rights = Rights{}
	}
	return s.setStanding(group, bot, standing{status: status, rights: rights})
}

// RemoveBot throws a bot (0 is the first) out of a group. The bot is told.
func (s *Server) RemoveBot(group, bot int64) error {
	return s.setStanding(group, bot, standing{status: "kicked"})
}

func (s *Server) setStanding(group, bot int64, now standing) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, b := s.groups[group], s.bot(bot)
	if c == nil || b == nil {
		return fmt.Errorf("no group %d or no bot %d", group, bot)
	}
	before := c.bots[b.id]
	if before.status == "" {
		before.status = "left"
	}
	now.since = s.now()
	c.bots[b.id] = now
	by := s.owner(c)
	s.push(b, "my_chat_member", c.id+5<<33, day, wireMemberUpdate{
		Chat: s.wireChat(c), From: s.wireUser(by), Date: s.now().Unix(),
		Old: s.wireStanding(b, before), New: s.wireStanding(b, now),
	})
	switch was, is := before.present(), now.present(); {
	case is && !was:
		s.post(c, &message{from: by, joined: []int64{b.id}})
	case was && !is:
		s.post(c, &message{from: by, left: b.id})
	}
	s.notify()
	return nil
}

// RemoveMember lets a person leave a group; the bots see it.
func (s *Server) RemoveMember(group, user int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.groups[group]
	if c == nil || !c.members[user] {
		return fmt.Errorf("no group %d or no user %d in it", group, user)
	}
	delete(c.members, user)
	c.admins = slices.DeleteFunc(c.admins, func(id int64) bool { return id == user })
	s.tellMember(c, user, "member", "left")
	s.post(c, &message{from: user, left: user})
	return nil
}

// tellMember tells the bots that are administrators, and want to know, what became of a person.
func (s *Server) tellMember(c *chat, user int64, before, after string) {
	for _, b := range s.bots {
		if c.bots[b.id].status == "administrator" {
			s.push(b, "chat_member", user+6<<33, day, wireMemberUpdate{
				Chat: s.wireChat(c), From: s.wireUser(user), Date: s.now().Unix(),
				Old: wireMember{User: s.wireUser(user), Status: before}, New: wireMember{User: s.wireUser(user), Status: after},
			})
		}
	}
}

// owner is who acts for a group: the first administrator, else the member of the lowest id.
func (s *Server) owner(c *chat) int64 {
	if len(c.admins) > 0 {
		return c.admins[0]
	}
	var lowest int64
	for id := range c.members {
		if lowest == 0 || id < lowest {
			lowest = id
		}
	}
	return lowest
}

// Users returns the people, by their id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := make([]User, 0, len(s.users))
	for _, u := range s.users {
		users = append(users, *u)
	}
	slices.SortFunc(users, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return users
}

func (s *Server) wireUser(id int64) wireUser {
	if u := s.users[id]; u != nil {
		return wireUser{ID: id, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username, LanguageCode: u.Language}
	}
	if b := s.bot(id); b != nil && id != 0 {
		return wireUser{ID: id, IsBot: true, FirstName: b.name, Username: b.username}
	}
	return wireUser{ID: id}
}

func (s *Server) wireStanding(b *bot, st standing) wireMember {
	m := wireMember{User: s.wireUser(b.id), Status: st.status}
	switch st.status {
	case "administrator":
		m.wireRights = &wireRights{
			CanManageChat: true, CanDeleteMessages: st.rights.DeleteMessages, CanInviteUsers: true,
			CanPinMessages: st.rights.PinMessages, CanManageTopics: st.rights.ManageTopics,
		}
	case "restricted":
		m.UntilDate, m.IsMember, m.CanSend = new(int64), new(true), new(bool)
	case "kicked":
		m.UntilDate = new(int64)
	}
	return m
}

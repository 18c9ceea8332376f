package telegram

import "fmt"

// Demo is a small world to practise in: one bot, some customers, and a forum group of agents in which the bot is an
// administrator with all rights. What is left zero is filled in.
type Demo struct {
	Token     string // of the bot
	Username  string // of the bot
	Name      string // of the bot
	Group     int64  // the forum's id
	Title     string // of the forum
	Customers []User
	Agents    []User // the first owns the forum
}

// orUsual fills in what is zero.
func (d Demo) orUsual() Demo {
	if d.Token == "" {
		d.Token = "7000000001:practice-only-not-a-real-token"
	}
	if d.Username == "" {
		d.Username = "yingda_practice_bot"
	}
	if d.Name == "" {
		d.Name = "应答"
	}
	if d.Group == 0 {
		d.Group = -1_001_000_000_001
	}
	if d.Title == "" {
		d.Title = "客服群"
	}
	if len(d.Customers) == 0 {
		d.Customers = []User{{ID: 1001, FirstName: "顾客", Language: "zh-hans"}}
	}
	if len(d.Agents) == 0 {
		d.Agents = []User{{ID: 2001, FirstName: "客服甲", Language: "zh-hans"}, {ID: 2002, FirstName: "客服乙", Language: "zh-hans"}}
	}
	return d
}

// Populate adds the world of a Demo to the server, and returns it with everything filled in.
func (s *Server) Populate(d Demo) (Demo, error) {
	d = d.orUsual()
	if _, err := tokenID(d.Token); err != nil {
		return d, fmt.Errorf("the practice bot's token: %w", err)
	}
	bot := s.AddBot(d.Token, d.Username, d.Name)
	for _, u := range d.Customers {
		s.AddUser(u)
	}
	var agents []int64
	for _, u := range d.Agents {
		s.AddUser(u)
		agents = append(agents, u.ID)
	}
	if err := s.AddGroup(Group{ID: d.Group, Title: d.Title, Supergroup: true, Forum: true, Admins: agents}); err != nil {
		return d, err
	}
	return d, s.SetBot(d.Group, bot, AllRights())
}

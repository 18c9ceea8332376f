package wechat

// Practice names one of everything, for practice on one's own machine: an account with a follower, a corp with a desk
// of 微信客服 and a customer, and a robot in a group.
type Practice struct {
	URL      string // our own address, for pictures
	Account  Account
	OpenID   string // of the follower
	Corp     Corp
	OpenKfID string // of the desk
	Customer string // the external_userid
	RobotKey string
}

// DefaultPractice returns names and secrets that are good for practice and for nothing else. The hooks are ours.
func DefaultPractice(url, accountHook, corpHook string) Practice {
	return Practice{
		URL: url,
		Account: Account{
			AppID: "wx0000practice0000", Secret: "practice-app-secret", Token: "practiceToken",
			AESKey: "cHJhY3RpY2UgcHJhY3RpY2UgcHJhY3RpY2UgMDAwMDA", Mode: Safe, Certified: true,
			Hook: accountHook, OriginalID: "gh_practice00000", Name: "应答服务号",
		},
		OpenID: "oPractice0000000000000000001",
		Corp: Corp{
			ID: "ww0000practice0000", Secret: "practice-kf-secret", Token: "practiceKfToken",
			AESKey: "cHJhY3RpY2Uga2YgcHJhY3RpY2Uga2YgMDAwMDAwMDA", Hook: corpHook, Name: "应答公司",
		},
		OpenKfID: "wkPractice0000000000000000000001",
		Customer: "wmPractice0000000000000000000001",
		RobotKey: "00000000-0000-4000-8000-000000000000",
	}
}

// People are those of a Practice, and what they look at. What was left out is nil.
type People struct {
	Follower *Follower
	Customer *Customer
	Robot    *Robot
}

// Practise sets everything of p up. A part without an id is left out: Account.AppID, Corp.ID, RobotKey.
func (s *Server) Practise(p Practice) (who People, err error) {
	if p.URL != "" {
		s.SetURL(p.URL)
	}
	if p.Account.AppID != "" {
		a, err := s.AddAccount(p.Account)
		if err != nil {
			return who, err
		}
		who.Follower = a.Follower(p.OpenID)
	}
	if p.Corp.ID != "" {
		e, err := s.AddCorp(p.Corp)
		if err != nil {
			return who, err
		}
		who.Customer = e.AddDesk(p.OpenKfID, "在线客服", "kefu01").Customer(p.Customer, "张先生")
	}
	if p.RobotKey != "" {
		who.Robot, err = s.AddRobot(p.RobotKey, "客服值班群")
	}
	return who, err
}

package wechat

// menuButton is an item of an account's own menu, which stands below the chat.
type menuButton struct {
	Type string       `json:"type,omitempty"`
	Name string       `json:"name"`
	Key  string       `json:"key,omitempty"`
	URL  string       `json:"url,omitempty"`
	Sub  []menuButton `json:"sub_button,omitempty"`
}

// createMenu is POST /cgi-bin/menu/create.
func (s *Server) createMenu(q *query) (any, error) {
	if !q.account.cfg.Certified {
		return nil, refuse(48001, "the account is not certified")
	}
	if _, escaped := literal(q.body); escaped {
		return nil, refuse(40033, "")
	}
	var in struct {
		Button []menuButton `json:"button"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	if len(in.Button) < 1 || len(in.Button) > 3 {
		return nil, refuse(40016, "%d", len(in.Button))
	}
	for _, b := range in.Button {
		if err := b.check(16, true); err != nil {
			return nil, err
		}
	}
	q.account.menu = in.Button
	s.change()
	return ok()
}

// check checks a button: its name has at most so many bytes, and only one at the top may hold others.
func (b menuButton) check(name int, top bool) error {
	if b.Name == "" || len(b.Name) > name {
		return refuse(40018, "%q", b.Name)
	}
	if len(b.Sub) > 0 {
		if !top || len(b.Sub) > 5 {
			return refuse(40023, "%d", len(b.Sub))
		}
		for _, sub := range b.Sub {
			if err := sub.check(60, false); err != nil {
				return err
			}
		}
		return nil
	}
	switch b.Type {
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		if b.Key == "" || len(b.Key) > 128 {
			return refuse(40019, "%q", b.Key)
		}
	case "view":
		if b.URL == "" || len(b.URL) > 1024 {
			return refuse(40020, "%q", b.URL)
		}
	default:
		return refuse(40017, "%q", b.Type)
	}
	return nil
}

// deleteMenu is GET /cgi-bin/menu/delete.
func (s *Server) deleteMenu(q *query) (any, error) {
	q.account.menu = nil
	s.change()
	return ok()
}

// getUser is GET /cgi-bin/user/info.
func (s *Server) getUser(q *query) (any, error) {
	f := q.account.followers[q.r.URL.Query().Get("openid")]
	switch {
	case f == nil:
		return nil, refuse(40003, "")
	case !f.following:
		return map[string]any{"subscribe": 0, "openid": f.openID}, nil
	}
	return map[string]any{"subscribe": 1, "openid": f.openID, "language": "zh_CN", "subscribe_time": f.since.Unix(), "remark": "", "groupid": 0, "tagid_list": []int{}}, nil
}

// getIPs is GET /cgi-bin/get_api_domain_ip and getcallbackip: a call that asks for nothing but a good token.
func (s *Server) getIPs(*query) (any, error) {
	return map[string]any{"ip_list": []string{"127.0.0.1"}}, nil
}

// clearQuota is POST /cgi-bin/clear_quota. The stand-in counts no daily calls, so there is nothing to clear.
func (s *Server) clearQuota(q *query) (any, error) {
	var in struct {
		AppID string `json:"appid"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	if in.AppID != q.account.cfg.AppID {
		return nil, refuse(40013, "")
	}
	return ok()
}

package wechat

import (
	"slices"
	"time"
)

// session is the body of kf/service_state/get and trans.
type session struct {
	OpenKfID     string `json:"open_kfid"`
	ExternalUser string `json:"external_userid"`
	State        *State `json:"service_state"`
	Servicer     string `json:"servicer_userid"`
}

// find returns whose session it is.
func (in session) find(e *Enterprise) (*Customer, error) {
	d := e.desk(in.OpenKfID)
	if d == nil {
		return nil, refuse(95000, "")
	}
	c := d.customer(in.ExternalUser)
	if c == nil {
		return nil, refuse(40096, "")
	}
	return c, nil
}

// getState is POST /cgi-bin/kf/service_state/get.
func (s *Server) getState(q *query) (any, error) {
	var in session
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	c, err := in.find(q.corp)
	if err != nil {
		return nil, err
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "service_state": c.state, "servicer_userid": c.servicer}, nil
}

// transState is POST /cgi-bin/kf/service_state/trans.
func (s *Server) transState(q *query) (any, error) {
	var in session
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	c, err := in.find(q.corp)
	switch {
	case err != nil:
		return nil, err
	case in.State == nil:
		return nil, refuse(40058, "service_state is missing")
	case c.state == Closed:
		return nil, refuse(95013, "")
	case !slices.Contains(next(c.state), *in.State):
		return nil, refuse(95016, "from %d to %d", c.state, *in.State)
	case *in.State == Human && !slices.Contains(c.desk.servicers, in.Servicer):
		return nil, refuse(95014, "")
	}
	was := c.state
	c.state, c.servicer = *in.State, ""
	if c.state == Human {
		c.servicer = in.Servicer
	}
	out := map[string]any{"errcode": 0, "errmsg": "ok"}
	if lasts, event := codeOf(c.state); event != "" && was != c.state {
		out["msg_code"] = q.corp.code(c, event, lasts, c.state)
	}
	s.change()
	return out, nil
}

// next returns the states that a session may be moved to by the API.
func next(from State) []State {
	switch from {
	case Fresh, Bot:
		return []State{Bot, Pool, Human, Closed}
	case Pool:
		return []State{Pool, Human, Closed}
	case Human:
		return []State{Human, Closed}
	case Closed:
	}
	return nil
}

// codeOf tells which code for send_msg_on_event comes with moving a session into the state.
func codeOf(to State) (lasts time.Duration, event string) {
	switch to {
	case Pool:
		return codeLasts, "pool"
	case Human:
		return codeLasts, "pool"
	case Closed:
		return welcomeLasts, "closed"
	case Fresh, Bot:
	}
	return 0, ""
}

// listDesks is /cgi-bin/kf/account/list, by POST or without a body by GET.
func (s *Server) listDesks(q *query) (any, error) {
	var in struct {
		Offset uint `json:"offset"`
		Limit  uint `json:"limit"`
	}
	if len(q.body) > 0 {
		if err := decode(q.body, &in); err != nil {
			return nil, err
		}
	}
	if in.Limit > 100 {
		return nil, refuse(40058, "limit is at most 100")
	}
	if in.Limit == 0 {
		in.Limit = 100
	}
	list := []map[string]any{}
	for i, d := range q.corp.desks {
		if uint(i) >= in.Offset && uint(len(list)) < in.Limit {
			list = append(list, map[string]any{"open_kfid": d.id, "name": d.name, "avatar": "", "manage_privilege": true})
		}
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "account_list": list}, nil
}

// getCustomers is POST /cgi-bin/kf/customer/batchget.
func (s *Server) getCustomers(q *query) (any, error) {
	var in struct {
		IDs     []string `json:"external_userid_list"`
		Context int      `json:"need_enter_session_context"`
	}
	if err := decode(q.body, &in); err != nil {
		return nil, err
	}
	if len(in.IDs) == 0 || len(in.IDs) > 100 {
		return nil, refuse(40058, "external_userid_list has 1 to 100 ids")
	}
	list, invalid := []map[string]any{}, []string{}
	for _, id := range in.IDs {
		p := q.corp.people[id]
		if p == nil {
			invalid = append(invalid, id)
			continue
		}
		list = append(list, map[string]any{"external_userid": id, "nickname": p.name, "avatar": "", "gender": 0})
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "customer_list": list, "invalid_external_userid": invalid}, nil
}

package wechat

import "net/http"

// routes returns everything that is served.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	add := func(method, path string, who caller, do func(*query) (any, error)) {
		mux.HandleFunc("/cgi-bin/"+path, s.endpoint(method, who, do))
	}
	const get, post = http.MethodGet, http.MethodPost
	// api.weixin.qq.com
	add(post, "stable_token", anyone, s.stableToken)
	add(get, "token", anyone, s.basicToken)
	add(post, "message/custom/send", official, s.sendCustom)
	add(post, "message/custom/typing", official, s.setTyping)
	add(post, "menu/create", official, s.createMenu)
	add(get, "menu/delete", official, s.deleteMenu)
	add(get, "user/info", official, s.getUser)
	add(get, "getcallbackip", official, s.getIPs)
	add(post, "clear_quota", official, s.clearQuota)
	// both hosts
	add(get, "get_api_domain_ip", either, s.getIPs)
	add(get, "media/get", either, s.getMedia)
	add(post, "media/upload", either, s.uploadMedia)
	// qyapi.weixin.qq.com
	add(get, "gettoken", anyone, s.corpToken)
	add(post, "kf/sync_msg", work, s.sync)
	add(post, "kf/send_msg", work, s.sendKf)
	add(post, "kf/send_msg_on_event", work, s.sendOnEvent)
	add(post, "kf/service_state/get", work, s.getState)
	add(post, "kf/service_state/trans", work, s.transState)
	add("", "kf/account/list", work, s.listDesks) // GET is the older way
	add(post, "kf/customer/batchget", work, s.getCustomers)
	add(post, "webhook/send", anyone, s.sendRobot)

	add("", "", anyone, func(*query) (any, error) { return nil, refuse(40066, "") }) // every other path
	mux.HandleFunc("GET /mmbiz/{id}", s.picture)
	s.playing(mux)
	return mux
}

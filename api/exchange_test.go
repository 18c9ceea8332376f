package api_test

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// strangers are GET requests of every route that the description has, each with a parameter that it does not have.
func (d document) strangers() (out []exchange) {
	for path, operations := range d.at(d.root, "paths") {
		if operations.(object)["get"] != nil && !strings.HasPrefix(path, "/hooks/") {
			out = append(out, exchange{"", "GET " + strings.NewReplacer("{id}", "{n}", "{attachment}", "{shot}").Replace(path) + "?stat=closed", "", "", 400})
		}
	}
	return out
}

// exchange is one request, "METHOD path", and the status of its answer. In the path and the body {c}
// is a conversation with ticket {n} and picture {shot}, {fresh} one without, whose bot said {entry},
// {closed} a ticket that is closed first, {pushed} one of a channel that pushes, and {signature} that of u-17.
type exchange struct {
	as, call, kind, body string
	want                 int
}

func exchanges() []exchange {
	return slices.Concat(withoutConversation(), ofConversations(), ofTheDesk())
}

const asJSON = echo.MIMEApplicationJSON

func withoutConversation() []exchange {
	return []exchange{
		{"", "POST /api/v1/ask", asJSON, `{"question":"sure 0.9"}`, 200},
		{"", "POST /api/v1/ask", asJSON, `{"question":"sure 0.5"}`, 200},
		{"", "POST /api/v1/ask", asJSON, `{"question":"sure 0.2"}`, 200},
		{"", "POST /api/v1/ask", asJSON, `{"question":"nothing"}`, 200},
		{"", "POST /api/v1/ask", asJSON, `{"question":"转人工"}`, 200},
		{"", "POST /api/v1/ask", asJSON, `{"question":" "}`, 400},
		{"", "POST /api/v1/ask", asJSON, `{"question":"` + strings.Repeat("长", 1<<15) + `"}`, 413},
		{"", "POST /api/v1/ask", "text/plain", `{"question":"手续费"}`, 415},
		{"", "POST /api/v1/ask", asJSON, `{"question":"fail"}`, 500},
		{"", "POST /api/v1/feedback", asJSON, `{"article":"fee-rate","helpful":true}`, 204},
		{"", "POST /api/v1/feedback", asJSON, `{"article":"fee-rate"}`, 400},
		{"", "POST /api/v1/feedback", asJSON, `{"article":"none","helpful":true}`, 404},
		{"", "POST /api/v1/feedback", asJSON, large(), 413},
		{"", "POST /api/v1/feedback", "", `{}`, 415},
		{"", "GET /api/v1/articles", "", "", 200},
		{"", "GET /api/v1/articles/fee-rate", "", "", 200},
		{"", "GET /api/v1/articles/fee-late", "", "", 200},
		{"", "GET /api/v1/articles/none", "", "", 404},
		{"", "GET /api/v1/search", "", "", 200},
		{"", "GET /api/v1/search?q=51", "", "", 200},
		{"", "GET /api/v1/search?q=nothing&limit=50", "", "", 200},
		{"", "GET /api/v1/search?q=51&limit=51", "", "", 400},
		{"", "GET /api/v1/search?q=fail", "", "", 500},
		{"", "GET /healthz", "", "", 200},
		{"", "GET /hooks/telegram/shop", "", "", 200},
		{"", "GET /hooks/telegram/none", "", "", 404},
		{"", "POST /hooks/telegram/shop", "", "{}", 200},
		{"", "POST /hooks/smoke/shop", "", "{}", 404},
		{"", "GET /readyz", "", "", 200},
		{"", "GET /metrics", "", "", 200},
		{"", "GET /openapi.json", "", "", 200},
	}
}

func ofConversations() []exchange {
	const at = "/api/v1/conversations"
	out := []exchange{
		{"", "POST " + at, asJSON, `{"channel":"api"}`, 201},
		{"", "POST " + at, asJSON, `{"holder":"agent"}`, 400},
		{"", "POST " + at, asJSON, `{"customer":{"id":"u-17"}}`, 403},
		{"", "POST " + at, asJSON, large(), 413},
		{"", "POST " + at, "", `{}`, 415},
		{"", "POST " + at, asJSON, `{"customer":{"id":"u-17","signature":"{signature}"}}`, 201},
		{"", "POST " + at, asJSON, `{"customer":{"id":"u-17","signature":"{signature}"}}`, 200},
		{"", "POST " + at + "/resume", asJSON, `{"ticket":"{n}","proof":"5678"}`, 200},
		{"", "POST " + at + "/resume", asJSON, `{"ticket":"{n}"}`, 400},
		{"", "POST " + at + "/resume", asJSON, `{"ticket":"{n}","proof":"5679"}`, 404},
		{"", "POST " + at + "/resume", asJSON, `{"ticket":"{pushed}","proof":"A123"}`, 409},
		{"", "POST " + at + "/resume", asJSON, large(), 413},
		{"", "POST " + at + "/resume", "", `{}`, 415},
		{"fresh", "POST " + at + "/{fresh}/leave", "", "", 204},
		{"c", "GET " + at + "/{c}", "", "", 200},
		{"fresh", "POST " + at + "/{fresh}/messages", asJSON, `{"client_id":"2","text":"没到账"}`, 201},
		{"fresh", "POST " + at + "/{fresh}/messages", asJSON, `{"client_id":"2","text":"没到账"}`, 200},
		{"fresh", "POST " + at + "/{fresh}/messages", asJSON, `{"client_id":"3"}`, 400},
		{"c", "GET " + at + "/{c}/messages", "", "", 200},
		{"c", "GET " + at + "/{c}/messages?after=-1", "", "", 400},
		{"c", "GET " + at + "/{c}/messages?wait=31", "", "", 400},
		{"c", "GET " + at + "/{c}/events?after=1", "", "", 200},
		{"c", "GET " + at + "/{c}/events?after=x", "", "", 400},
		{"c", "POST " + at + "/{c}/attachments", "multipart/form-data; boundary=b", "--b--\r\n", 400},
		{"c", "POST " + at + "/{c}/attachments", "multipart/form-data; boundary=b", oversized(), 413},
		{"c", "POST " + at + "/{c}/attachments", asJSON, `{}`, 415},
		{"c", "GET " + at + "/{c}/attachments/{shot}", "", "", 200},
		{"fresh", "POST " + at + "/{fresh}/feedback", asJSON, `{"message":"{entry}","helpful":true}`, 204},
		{"fresh", "POST " + at + "/{fresh}/feedback", asJSON, `{"message":"{entry}"}`, 400},
		{"fresh", "POST " + at + "/{fresh}/handoff", "", "", 201},
		{"fresh", "POST " + at + "/{fresh}/handoff", "", "", 200},
		{"fresh", "GET " + at + "/{fresh}", "", "", 200},
	}
	for _, call := range []string{
		"GET " + at + "/{c}", "POST " + at + "/{c}/messages", "GET " + at + "/{c}/messages", "GET " + at + "/{c}/events",
		"POST " + at + "/{c}/attachments", "GET " + at + "/{c}/attachments/{shot}", "POST " + at + "/{c}/feedback", "POST " + at + "/{c}/handoff",
		"POST " + at + "/{c}/leave",
	} {
		out = append(out, exchange{"", call, "", "", 401}, exchange{"fresh", call, "", "", 404})
	}
	for _, path := range []string{"/{c}/messages", "/{c}/feedback"} {
		out = append(out, exchange{"c", "POST " + at + path, asJSON, large(), 413}, exchange{"c", "POST " + at + path, "text/plain", `{}`, 415})
	}
	return out
}

func ofTheDesk() []exchange {
	const at = "/api/v1/desk/tickets"
	out := []exchange{
		{"viewer", "GET " + at, "", "", 200},
		{"viewer", "GET " + at + "?state=waiting,held&holder=x&limit=500", "", "", 200},
		{"viewer", "GET " + at + "?state=closed&limit=1", "", "", 200},
		{"viewer", "GET " + at + "?state=closed&before={n}", "", "", 200},
		{"viewer", "GET " + at + "?state=closed&before=none", "", "", 404},
		{"viewer", "GET " + at + "?before={n}", "", "", 400},
		{"viewer", "GET " + at + "?state=lost", "", "", 400},
		{"wrong", "GET " + at, "", "", 401},
		{"viewer", "GET " + at + "/{n}", "", "", 200},
		{"viewer", "GET " + at + "/{n}/attachments/{shot}", "", "", 200},
		{"viewer", "GET " + at + "/{n}/attachments/none", "", "", 404},
		{"worker", "GET " + at + "/{n}/contact", "", "", 200},
		{"viewer", "GET " + at + "/{n}/contact", "", "", 403},
		{"worker", "POST " + at + "/{closed}/claim", "", "", 200},
		{"worker", "POST " + at + "/{closed}/close", asJSON, `{"text":"好了"}`, 200},
		{"worker", "POST " + at + "/{n}/claim", "", "", 200},
		{"worker", "POST " + at + "/{n}/reply", asJSON, `{"text":"您好"}`, 200},
		{"worker", "POST " + at + "/{n}/note", asJSON, `{"text":"等银行回复"}`, 200},
		{"worker", "POST " + at + "/{n}/transfer", asJSON, `{"to":""}`, 200},
		{"admin", "POST " + at + "/{n}/close", "", "", 200},
	}
	for _, path := range []string{"/{n}", "/{n}/contact", "/{n}/attachments/{shot}"} {
		out = append(out, exchange{"", "GET " + at + path, "", "", 401}, exchange{"worker", "GET " + at + strings.Replace(path, "{n}", "none", 1), "", "", 404})
	}
	for act, body := range map[string]string{"claim": `{"take_over":true}`, "reply": `{"text":"您好"}`, "note": `{"text":"您好"}`, "transfer": `{"to":""}`, "close": `{}`} {
		out = append(out,
			exchange{"", "POST " + at + "/{n}/" + act, asJSON, body, 401},
			exchange{"viewer", "POST " + at + "/{n}/" + act, asJSON, body, 403},
			exchange{"worker", "POST " + at + "/none/" + act, asJSON, body, 404},
			exchange{"worker", "POST " + at + "/{closed}/" + act, asJSON, body, 409})
		out = append(out,
			exchange{"worker", "POST " + at + "/{n}/" + act, asJSON, `{"by":"x"}`, 400},
			exchange{"worker", "POST " + at + "/{n}/" + act, asJSON, large(), 413},
			exchange{"worker", "POST " + at + "/{n}/" + act, "text/plain", body, 415})
	}
	return out
}

// large is a body that is too large for any route that takes JSON.
func large() string { return `{"text":"` + strings.Repeat("长", 1<<15) + `"}` }

// oversized is a form with boundary b and a picture of more than 5 MB.
func oversized() string {
	return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.png\"\r\n\r\n" + strings.Repeat("x", 5<<20+1) + "\r\n--b--\r\n"
}

package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// queryParameters are the names of the query parameters of every GET route, by its path as Echo writes it, as the
// description of the API has them. What a channel's host asks of its hook is the channel's.
func queryParameters() map[string][]string {
	var description struct {
		Paths map[string]struct {
			Get *struct {
				Parameters []struct{ Name, In string }
			}
		}
	}
	if err := json.Unmarshal(openAPI, &description); err != nil {
		panic(fmt.Errorf("read the description of the API: %w", err)) // it is compiled in
	}
	known := map[string][]string{}
	for path, operations := range description.Paths {
		if operations.Get == nil || strings.HasPrefix(path, "/hooks/") {
			continue
		}
		names := []string{}
		for _, p := range operations.Get.Parameters {
			if p.In == "query" {
				names = append(names, p.Name)
			}
		}
		known[strings.NewReplacer("{", ":", "}", "").Replace(path)] = names
	}
	return known
}

// refuseUnknownParameters refuses a GET with a query parameter that its route does not have, that is there twice, or
// that cannot be read: what is dropped in silence would mean all.
func refuseUnknownParameters(known map[string][]string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			names, described := known[c.Path()]
			if !described || c.Request().Method != http.MethodGet || c.Request().URL.RawQuery == "" {
				return next(c)
			}
			given, err := url.ParseQuery(c.Request().URL.RawQuery)
			if err != nil { // c.QueryParams leaves out what it cannot read
				return fail(http.StatusBadRequest, "地址里 ? 后面的参数写法不对：参数之间用 & 分开，特殊字符按百分号编码。")
			}
			for name, values := range given {
				switch has := slices.Contains(names, name); {
				case has && len(values) > 1:
					return fail(http.StatusBadRequest, "参数 "+quoted(name)+" 只能写一次。")
				case has:
				case len(names) == 0:
					return fail(http.StatusBadRequest, "这个地址没有参数 "+quoted(name)+"，它不带参数。")
				default:
					return fail(http.StatusBadRequest, "这个地址没有参数 "+quoted(name)+"，可用的有 "+strings.Join(names, "、")+"。")
				}
			}
			return next(c)
		}
	}
}

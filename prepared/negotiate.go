package prepared

import (
	"strconv"
	"strings"
)

// acceptsGzip tells whether an Accept-Encoding header allows gzip: named, or by "*", with q above 0.
func acceptsGzip(header string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		ok := true
		if q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); found {
			f, err := strconv.ParseFloat(q, 64)
			ok = err == nil && f > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return ok
		case "*":
			star = ok
		}
	}
	return star
}

// matchesETag tells whether an If-None-Match header names the tag (weak comparison, as for GET).
func matchesETag(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

package prepared

import "testing"

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip; q=0": false, "gzip;q=0.000": false,
		"*": true, "*;q=0": false, "*, gzip;q=0": false, "identity": false, "x-gzip-not": false, "gzip;q=bad": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q) = %t", header, got)
		}
	}
}

func TestMatchesETag(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b", "a"`: true, `*`: true, `"b"`: false, `a`: false,
	} {
		if got := matchesETag(header, `"a"`); got != want {
			t.Errorf("matchesETag(%q) = %t", header, got)
		}
	}
}

package envelope

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// DecodeXML decodes a body. WeChat writes into it whatever customers type: what XML cannot hold is left out (control
// characters, broken UTF-8, references to such), a raw "]]>" or "&" stands for itself, and of several elements of one
// name the first counts: what follows a text may be the customer's own forgery. ErrXML, without what a customer wrote.
func DecodeXML[T any](body []byte) (decoded T, err error) {
	first, err := firstOfEachName(repairXML(string(body)))
	if err == nil {
		err = xml.Unmarshal([]byte(first), &decoded)
	}
	if err != nil {
		return *new(T), ErrXML
	}
	return decoded, nil
}

// firstOfEachName is a document without those elements within its root that have the name of an earlier one.
func firstOfEachName(document string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(document))
	known := map[string]bool{}
	var kept strings.Builder
	begin := int64(0) // of what is not in kept
	for depth := 0; ; {
		at := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return kept.String() + document[begin:], nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 1 && known[token.Name.Local] {
				if err := d.Skip(); err != nil {
					return "", err
				}
				kept.WriteString(document[begin:at])
				begin = d.InputOffset()
				continue
			}
			if depth == 1 {
				known[token.Name.Local] = true
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

// isXML tells whether XML may hold a character.
func isXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000
}

const (
	cdataBegin = "<![CDATA["
	cdataEnd   = "]]>"
)

func repairXML(text string) string {
	text = strings.Map(func(r rune) rune {
		if isXML(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	var out strings.Builder
	for {
		markup, rest, found := strings.Cut(text, cdataBegin)
		out.WriteString(repairMarkup(markup))
		if !found {
			return out.String()
		}
		end := endOfCDATA(markup, rest)
		if end < 0 { // cut off
			return out.String()
		}
		// What is split already, as it should be, stays so.
		for piece := range strings.SplitSeq(rest[:end], cdataEnd+cdataBegin) {
			out.WriteString(cdataBegin + strings.ReplaceAll(piece, cdataEnd, "]]"+cdataEnd+cdataBegin+">") + cdataEnd)
		}
		text = rest[end+len(cdataEnd):]
	}
}

// endOfCDATA is where the section that begins behind markup ends, -1 for nowhere: at the end of the element that it is
// the text of, for what is within may hold anything else. What customers type, behind which nothing else of theirs
// comes, may hold such an end too: the last one counts.
func endOfCDATA(markup, rest string) int {
	if tag := openTag().FindStringSubmatch(markup); tag != nil {
		index := strings.Index
		if tag[1] == "Content" {
			index = strings.LastIndex
		}
		if end := index(rest, cdataEnd+"</"+tag[1]+">"); end >= 0 {
			return end
		}
	}
	return strings.Index(rest, cdataEnd)
}

func openTag() *regexp.Regexp { return regexp.MustCompile(`<([A-Za-z_][A-Za-z0-9_]*)>$`) }

// repairMarkup mends what stands outside of sections.
func repairMarkup(text string) string {
	text = strings.ReplaceAll(text, cdataEnd, "]]&gt;")
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		text = strings.TrimLeftFunc(strings.TrimPrefix(rest, "#"), func(r rune) bool {
			return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		})
		text = strings.TrimPrefix(text, ";")
		out.WriteString(repairReference("&" + rest[:len(rest)-len(text)]))
	}
}

// repairReference mends what begins with & and reads like a reference: as it is, as its characters, or without one that
// XML cannot hold.
func repairReference(ref string) string {
	switch ref {
	case "&lt;", "&gt;", "&amp;", "&apos;", "&quot;":
		return ref
	}
	digits, numeric := strings.CutPrefix(ref, "&#")
	digits, ended := strings.CutSuffix(digits, ";")
	if !numeric || !ended {
		return "&amp;" + ref[1:]
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		base, digits = 16, hex
	}
	n, err := strconv.ParseInt(digits, base, 32)
	switch {
	case err != nil:
		return "&amp;" + ref[1:]
	case !isXML(rune(n)) || n > 0x10ffff:
		return ""
	}
	return ref
}

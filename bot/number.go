package bot

import (
	"encoding/binary"
	"io"
	"strings"
	"time"

	"github.com/yingda/yingda/zh"
)

// crockford is the alphabet of ticket numbers: no letter that reads like a digit.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Numbers makes numbers for tickets: the day and four random characters, such as 1124-7K3F. random
// must be safe for concurrent use; crypto/rand.Reader is. The day is that of now's zone.
func Numbers(now func() time.Time, random io.Reader) func() string {
	return func() string {
		var raw [4]byte
		if _, err := io.ReadFull(random, raw[:]); err != nil { // a weak number is better than no ticket: a taken one repeats the turn
			binary.BigEndian.PutUint32(raw[:], uint32(now().UnixNano()))
		}
		for i, x := range raw {
			raw[i] = crockford[int(x)%len(crockford)]
		}
		return now().Format("0102") + "-" + string(raw[:])
	}
}

// TicketNumber is the ticket's number that a text names, as it is kept, and the text without it; "" for none. Letters
// that read like digits count as these. Where it could be something else as well, such as two days or a terminal's
// number, one of words must stand in the text.
func TicketNumber(text string, words []string) (number, rest string) {
	folded := zh.FoldLight(text)
	if countDigits(folded) < dayDigits {
		return "", text
	}
	runs := alnumRuns.FindAllStringIndex(folded, -1)
	for i, r := range runs {
		day, end, to, joint := folded[r[0]:r[1]], "", r[1], ""
		switch {
		case len(day) == 8:
			day, end = day[:4], day[4:]
		case i+1 < len(runs):
			joint, end, to = folded[r[1]:runs[i+1][0]], folded[runs[i+1][0]:runs[i+1][1]], runs[i+1][1]
		}
		if !isMonthAndDay(day) || len(end) != 4 || strings.Trim(joint, " -") != "" {
			continue
		}
		end = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(end))
		if strings.Trim(end, crockford) != "" {
			continue
		}
		rest = folded[:r[0]] + " " + folded[to:]
		unmistakable := joint == "-" && (strings.ContainsAny(end, crockford[10:]) || strings.TrimSpace(rest) == "")
		if unmistakable || containsAny(folded, words) {
			return day + "-" + end, rest
		}
	}
	return "", text
}

// dayDigits is how many digits a day has: two of the month and two of its own.
const dayDigits = 4

// isMonthAndDay tells whether a text is the digits of a day, such as 1124.
func isMonthAndDay(text string) bool {
	_, err := time.Parse("20060102", "2000"+text) // a leap year
	return err == nil
}

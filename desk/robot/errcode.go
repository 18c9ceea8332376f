package robot

import (
	"encoding/json"
	"fmt"
)

// The errcodes that are told apart; the host answers all of them with HTTP 200.
const (
	busy         = -1    // try again
	emptyContent = 44004 // the text is empty
	tooOften     = 45009 // more than 20 messages a minute
	wrongKey     = 93000 // there is no such robot
)

// refusal is an answer that the host gave and that says no.
type refusal struct {
	code int // errcode; 0 where the answer had none
	text string
}

// Error has no key in it.
func (r *refusal) Error() string { return r.text }

// maxErrmsg is how many bytes of the host's own words are kept.
const maxErrmsg = 200

// read tells what an answer says: nil that the message was taken.
func read(a Account, answer []byte) error {
	var in struct {
		Code *int   `json:"errcode"`
		Text string `json:"errmsg"`
	}
	if err := json.Unmarshal(answer, &in); err != nil || in.Code == nil {
		return &refusal{text: "the answer is none of the host's: something else answers at its address"}
	}
	switch *in.Code {
	case 0:
		return nil
	case wrongKey:
		return &refusal{wrongKey, "there is no robot with this key (93000): copy the robot's address from the group's settings anew"}
	case tooOften:
		return &refusal{tooOften, "the robot spoke more than 20 times within a minute (45009)"}
	}
	return &refusal{*in.Code, fmt.Sprintf("errcode %d: %s", *in.Code, shorten(oneLine(hide(a, in.Text)), maxErrmsg))}
}

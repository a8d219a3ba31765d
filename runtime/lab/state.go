package lab

import (
	"encoding/json"
	"errors"

	"nsl/runtime/keeper"
	"nsl/runtime/state"
)

// stateQuestion is the body of doState.
type stateQuestion struct {
	// Keys are settings to read beside those of the interfaces.
	Keys []string
}

// stateAnswer is what a running lab has, and the script that it was built by.
type stateAnswer struct {
	Lab   state.Lab
	Built build
}

// state reads the lab for a client. Nothing is written.
func (l *server) state(c *keeper.Call) ([]byte, error) {
	var q stateQuestion
	if err := json.Unmarshal(c.Body, &q); err != nil {
		return nil, err
	}
	lab, err := l.read(q.Keys)
	if err != nil {
		return nil, err
	}
	return pack(stateAnswer{*lab, l.built})
}

// stateOf asks a running lab for what it has.
func stateOf(name string, keys []string) (a stateAnswer, err error) {
	_, err = With(name, func(c Client) (int, error) {
		r, err := c.Ask(doState, stateQuestion{keys})
		if err != nil {
			return 0, err
		}
		var packed []byte
		return 0, errors.Join(json.Unmarshal(r.Body, &packed), unpack(packed, &a))
	})
	return a, err
}

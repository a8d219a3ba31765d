package rtnl

import (
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzAnswer: whatever a datagram holds, it is the answer, a part of it, or an error.
func FuzzAnswer(f *testing.F) {
	f.Add(frame(unix.RTM_NEWLINK, unix.NLM_F_MULTI, 1, named("lo")))
	f.Add(frame(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, 1, append(make([]byte, 20), 8, 0, 1, 0, 'w', 'h', 'y', 0)))
	f.Add(frame(unix.NLMSG_DONE, unix.NLM_F_MULTI, 1, []byte{0xff, 0xff, 0xff, 0xff}))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := exchange{Conn: &Conn{seq: 1}, answer: unix.RTM_NEWLINK}
		for rest := b; len(rest) > 0; {
			m, after, err := message(rest)
			if err != nil {
				break
			}
			if len(after) >= len(rest) {
				t.Fatal("it does not end")
			}
			rest = after
			if done, err := x.take(m); done || err != nil {
				break
			}
		}
		for _, body := range x.bodies {
			for range Attributes(body, unix.SizeofIfInfomsg) {
			}
		}
	})
}

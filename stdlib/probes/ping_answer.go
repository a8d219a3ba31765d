package probes

import (
	"fmt"
	"time"

	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/why"
)

// answer judges what came back.
func (pg *pingProbe) answer(p pair, r plan.PingReply) verb.Answer {
	a := p.named(verb.Answer{Holds: r.Received == r.Sent && r.Received > 0, RTT: r.Max,
		Silent: r.Received == 0 && r.Err.What == ""})
	lost := 100.0
	if r.Sent > 0 {
		lost = 100 * float64(r.Sent-r.Received) / float64(r.Sent)
	}
	var tooSlow bool
	for _, o := range pg.Opts {
		switch {
		case o.Loss != nil:
			a.Holds = r.Sent > 0 && lost < o.Loss.Float()
		case o.RTT != nil:
			tooSlow = r.Received > 0 && r.RTT >= o.RTT.Duration()
		}
	}
	a.Holds = a.Holds && !tooSlow
	a.Seen = seen(p, r, lost)
	if a.Holds || r.Received > 0 {
		return a
	}
	a.Definite = r.Err.What != "" && !r.Err.From.IsValid() && !why.TableFull(r.Err)
	return a
}

func seen(p pair, r plan.PingReply, lost float64) string {
	switch {
	case r.Received == 0 && r.Err.What != "" && r.Err.From.IsValid():
		return fmt.Sprintf("%s, says %s", r.Err.What, r.Err.From)
	case r.Received == 0 && r.Err.What != "":
		return r.Err.What
	case r.Received == 0:
		return fmt.Sprintf("no reply from %s", p.request.To)
	case r.Sent > 1:
		return fmt.Sprintf("%s answers %d of %d (%.0f%% lost), %s on average", p.request.To, r.Received, r.Sent, lost, millis(r.RTT))
	}
	return fmt.Sprintf("%s answers in %s", p.request.To, millis(r.RTT))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// noReply says why no reply came.
func noReply(after func() *verb.Env, p pair, r plan.PingReply) (string, string) {
	if r.Full && r.Err.What == "" {
		return why.FullTable()
	}
	return why.NoReply(after(), p.request, p.to, r)
}

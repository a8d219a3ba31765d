package probes

import (
	"fmt"
	"syscall"
	"time"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/why"
)

// answer judges what came back.
func (pg *pingProbe) answer(p pair, r plan.PingReply) verb.Answer {
	lost := 100.0
	if r.Sent > 0 {
		lost = 100 * float64(r.Sent-r.Received) / float64(r.Sent)
	}
	a := p.named(verb.Answer{Holds: pg.bounds(r, lost), RTT: r.Max, Silent: r.Received == 0 && r.Err.What == ""})
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
		return fmt.Sprintf("%s answers %d of %d (%.0f%% lost), %s on average, jitter %s", p.request.To, r.Received, r.Sent, lost, millis(r.RTT), millis(r.Deviation))
	}
	return fmt.Sprintf("%s answers in %s", p.request.To, millis(r.RTT))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// noReply says why no reply came.
func noReply(after *verb.Env, p pair, r plan.PingReply) (string, string) {
	if r.Full && r.Err.What == "" {
		return why.FullTable()
	}
	if text, fix := tooLarge(after, p.request, r.Err); text != "" {
		return text, fix
	}
	return why.NoReply(after, p.request, p.to, r)
}

// tooLarge says which interface of the sender a packet that may not be fragmented is too
// large for; "" where that is not what stopped it.
func tooLarge(view verb.Lab, q plan.Ping, e plan.PingError) (why, fix string) {
	if e.Errno != syscall.EMSGSIZE || !q.DF {
		return "", ""
	}
	r, err := view.RouteTo(q.Node, plan.RouteQuery{Dst: q.To, Src: q.Src, OIf: q.Dev})
	if err != nil || len(r.Hops) == 0 {
		return "", ""
	}
	l, err := view.Link(q.Node, r.Hops[0].Dev)
	if err != nil {
		return "", ""
	}
	return fmt.Sprintf("the packets have %d bytes with their headers, and %s takes %d (mtu)", path.EchoSize(q), l.Ref(), l.MTU),
		"send smaller ones, or without df"
}

// Advise are the statements for the first pair that they would help.
func (pg *pingProbe) Advise(env *verb.Env) []string {
	pairs, err := pg.pairs(env, 0)
	if err != nil || len(pairs) > maxExplained || env.Uncertain() || env.HasBackground() {
		return nil
	}
	for _, p := range pairs {
		var list []string
		if p.answer != nil {
			list = why.Statements(env, p.answer.Explained(env).Fix)
		} else {
			list = why.Advice(env, why.PingRequest(p.request), p.to)
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

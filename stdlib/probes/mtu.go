package probes

import (
	"context"
	"fmt"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// mtuProbe is the probe mtu.
type mtuProbe struct {
	From syntax.NodeSet   `parser:"'mtu' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Is   syntax.Int       `parser:"'is' @@"`
	patient
}

// MTU is the probe mtu.
func MTU() *verb.Verb {
	return verb.Define[mtuProbe](verb.Spec{
		Name:    "mtu",
		Summary: "how large packets may be on the whole way (path MTU)",
		Usage:   []string{"mtu A -> B is BYTES"},
		Doc: `The size is that of IP packets, with their headers. As tracepath does it, A sends echo
requests that may not be fragmented: the first as large as its own interface takes, and a
smaller one whenever a router says which size its next link takes (RFC 1191, RFC 8201).
Where one is lost without such a message, the largest size that is answered is searched for,
and the answer says that the way drops larger ones silently: such a way breaks connections.

The replies have to come back in that size, too.`,
		Examples: []verb.Example{
			{Note: "A link for smaller packets on the way.", Code: "auto dual\nns red r1 blue\nlink red <-> r1\nlink r1 <-> blue mtu 1400\nforward r1\nroute red default via 192.168.15.2\nroute red default via fd00:15::2\nroute blue default via 192.168.16.1\nroute blue default via fd00:16::1\nexpect mtu red -> <192.168.16.2 fd00:16::2> is 1400\nexpect mtu red -> r1 is 1500\n"},
		},
	})
}

// Names reports nodes and interfaces that never were.
func (m *mtuProbe) Names(view verb.Lab) diag.List { return lab.UnknownIn(view, m.From, m.To) }

// search is one pair's: sizes up to low are answered, and none from high on is.
type search struct {
	pair
	low, high int
	// size is what is tried now.
	size int
	last plan.PingReply
	// silent: a packet was lost without a message.
	silent bool
	// done: there is nothing more to try.
	done bool
}

// Probe tries sizes, those of all pairs at once.
func (m *mtuProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	pairs, err := (&pingProbe{From: m.From, To: m.To}).pairs(snapshotOf(env), wait)
	if err != nil {
		return nil, err
	}
	searches := make([]*search, len(pairs))
	for i, p := range pairs {
		searches[i] = newSearch(env, p)
	}
	for {
		open, requests := asking(searches)
		if len(open) == 0 {
			break
		}
		replies, err := env.Ping(ctx, requests)
		if err != nil {
			return nil, err
		}
		for i, s := range open {
			s.take(replies[i])
		}
	}
	answers := make([]verb.Answer, len(pairs))
	for i, s := range searches {
		answers[i] = m.judge(s)
	}
	return answers, nil
}

// newSearch begins with the MTU of the interface that the packets leave by.
func newSearch(view verb.Lab, p pair) *search {
	s := &search{pair: p, done: p.answer != nil}
	if s.done {
		return s
	}
	s.size = 1500
	if r, err := view.RouteTo(p.from, plan.RouteQuery{Dst: p.request.To, OIf: p.request.Dev}); err == nil && len(r.Hops) > 0 {
		if l, err := view.Link(p.from, r.Hops[0].Dev); err == nil {
			s.size = min(l.MTU, 65535)
		}
	}
	s.high = s.size + 1
	return s
}

func asking(searches []*search) (open []*search, requests []plan.Ping) {
	for _, s := range searches {
		if s.done {
			continue
		}
		r := s.request
		r.DF, r.Size = true, 0
		r.Size = s.size - path.EchoSize(r)
		open, requests = append(open, s), append(requests, r)
	}
	return open, requests
}

// take goes on after a reply: with the size that a router names, or with halves.
func (s *search) take(r plan.PingReply) {
	s.last = r
	headers := path.EchoSize(plan.Ping{To: s.request.To})
	switch {
	case r.Received > 0:
		s.low = s.size
	case r.Err.MTU > 0 && r.Err.MTU < s.size:
		s.high = r.Err.MTU + 1
	case r.Err.What != "" && r.Err.MTU == 0:
		s.done = true // no way at all
		return
	default:
		s.high, s.silent = s.size, true
	}
	switch {
	case s.low+1 >= s.high:
		s.done = true
	case !s.silent:
		s.size = s.high - 1
	case s.low == 0 && s.size > headers+defaultSize:
		s.size = headers + defaultSize // does anything get there?
	case s.low == 0:
		s.done = true
	default:
		s.size = (s.low + s.high) / 2
	}
	s.done = s.done || s.size < headers
}

func (m *mtuProbe) judge(s *search) verb.Answer {
	if s.answer != nil {
		return s.named(*s.answer)
	}
	a := s.named(verb.Answer{Holds: s.low == m.Is.Int(), Pacing: s.last.Pacing})
	a.Subject = "mtu " + a.Subject
	switch {
	case s.low == 0:
		a.Seen = seen(s.pair, s.last, 0)
		a.Silent = s.last.Err.What == ""
	case s.silent:
		a.Definite = true
		a.Seen = fmt.Sprintf("packets of %d bytes are answered, and larger ones are lost without a message", s.low)
	default:
		a.Definite = true
		a.Seen = fmt.Sprintf("packets of up to %d bytes get there", s.low)
	}
	return a
}

// Explain is tracepath for each pair.
func (m *mtuProbe) Explain(view verb.Lab) []plan.Command {
	return forEachPair(view, m.From, m.To, "tracepath", "-n")
}

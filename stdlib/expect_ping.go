package stdlib

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Ping is the probe ping.
type Ping struct {
	From syntax.NodeSet   `parser:"'ping' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Opts []PingOption     `parser:"@@*"`
}

// PingOption is one option of ping.
type PingOption struct {
	Count *syntax.Int      `parser:"  'count' @@"`
	Size  *syntax.Int      `parser:"| 'size' @@"`
	Loss  *syntax.Percent  `parser:"| 'loss' '<' @@"`
	RTT   *syntax.Duration `parser:"| 'rtt' '<' @@"`
}

func pingProbe() *verb.Verb {
	return verb.Define[Ping](verb.Spec{
		Name:    "ping",
		Group:   verb.Probing,
		Summary: "echo replies come back",
		Usage:   []string{"ping A -> B [count N] [size BYTES] [loss < PERCENT] [rtt < DURATION]"},
		Doc: `A is a node, a list of nodes or ` + "`*`" + `. B is a node, ` + "`node:iface`" + `, an IPv4 or
IPv6 address, or a list of them.

The address of a node is the one on a subnet that A shares, else its first
global one. One request is sent, of 56 bytes; ` + "`count`" + ` and ` + "`size`" + ` change that.
Every request must be answered, unless ` + "`loss < 10%`" + ` allows some to be lost.
` + "`rtt < 5ms`" + ` bounds the mean round-trip time.

nsl sends the packets itself, from raw sockets inside the namespace; no ping
program is needed. When no reply comes it says which ICMP error did, and what in
the lab explains it.`,
		Examples: []verb.Example{
			{Note: "Ten requests, all answered within 20 ms.", Code: "ns red blue\nlink red <-> blue\nexpect ping red -> blue count 10 rtt < 20ms\n"},
			{Note: "Both families.", Code: "auto dual\nns red blue\nlink red <-> blue\nexpect ping red -> <192.168.15.2 fd00:15::2>\n"},
		},
	})
}

// Patience is the time for a reply.
func (pg *Ping) Patience(not bool) time.Duration {
	if not {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// pingGap is the time between the requests of one ping with a count.
const pingGap = 10 * time.Millisecond

// pair is one question: a node and what it is to reach.
type pair struct {
	from, to string
	request  plan.Ping
	// answer is set when there is nothing to send.
	answer *verb.Answer
}

// Probe sends all requests at once.
func (pg *Ping) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	pairs, err := pg.pairs(env, wait)
	if err != nil {
		return nil, err
	}
	var requests []plan.Ping
	for _, p := range pairs {
		if p.answer == nil {
			requests = append(requests, p.request)
		}
	}
	replies, err := env.Ping(ctx, requests)
	if err != nil {
		return nil, err
	}
	answers := make([]verb.Answer, len(pairs))
	for i, p := range pairs {
		if p.answer != nil {
			answers[i] = *p.answer
			continue
		}
		answers[i] = pg.answer(env, p, replies[0])
		replies = replies[1:]
	}
	return answers, nil
}

// pairs are all questions; a node does not ask itself when a list or * names both.
func (pg *Ping) pairs(env *verb.Env, wait time.Duration) ([]pair, error) {
	from, err := nodesOf(env, pg.From)
	if err != nil {
		return nil, err
	}
	to, err := targetsOf(env, pg.To)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	for _, f := range from {
		for _, t := range to {
			if f == t.node && (len(from) > 1 || len(to) > 1) {
				continue
			}
			pairs = append(pairs, pg.pair(env, f, t, wait))
		}
	}
	return pairs, nil
}

func (pg *Ping) pair(env *verb.Env, from string, t target, wait time.Duration) pair {
	p := pair{from: from, to: t.text}
	has, err := env.HasNode(from)
	if err != nil || !has {
		p.answer = &verb.Answer{Subject: p.subject(), Definite: true, Seen: "there is no " + from + " any more"}
		return p
	}
	addr, answer := t.addressFor(env, from)
	if answer != nil {
		answer.Subject = p.subject()
		p.answer = answer
		return p
	}
	p.request = plan.Ping{Node: from, To: addr, Dev: t.zone, Count: 1, Size: 56, Gap: pingGap, Wait: wait}
	for _, o := range pg.Opts {
		switch {
		case o.Count != nil:
			p.request.Count = max(1, o.Count.Int())
		case o.Size != nil:
			p.request.Size = o.Size.Int()
		}
	}
	return p
}

func (p pair) subject() string { return p.from + " -> " + p.to }

// answer judges what came back.
func (pg *Ping) answer(env *verb.Env, p pair, r plan.PingReply) verb.Answer {
	a := verb.Answer{Subject: p.subject(), Holds: r.Received == r.Sent && r.Received > 0}
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
	a.Definite = r.Err.What != "" && !r.Err.From.IsValid()
	a.Why, a.Mend = whyNoReply(env, p.request, p.to, r)
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

// Spell is the ping command for each pair.
func (pg *Ping) Spell(lab verb.Lab) []plan.Command {
	env := &verb.Env{Lab: lab}
	pairs, err := pg.pairs(env, 2*time.Second)
	if err != nil || len(pairs) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, p := range pairs {
		if p.answer == nil {
			cmds = append(cmds, plan.Inside(p.from, "ping", "-c", strconv.Itoa(p.request.Count), p.request.To.String()))
		}
	}
	return cmds
}

// maxSpelt is the number of pairs up to which each one's command is told.
const maxSpelt = 6

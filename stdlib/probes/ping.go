package probes

import (
	"context"
	"net/netip"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// pingProbe is the probe ping.
type pingProbe struct {
	From syntax.NodeSet   `parser:"'ping' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Opts []pingOption     `parser:"@@*"`
	patient
}

// Ping is the probe ping.
func Ping() *verb.Verb {
	return verb.Define[pingProbe](verb.Spec{
		Name:    "ping",
		Summary: "echo replies come back",
		Usage: []string{
			"ping A -> B [count N] [size BYTES] [loss <|> PERCENT] [rtt <|> DURATION]",
			"ping A -> B [from ADDR|IFACE] [interval DURATION] [df] [ttl N] [tos N] [jitter <|> DURATION]",
		},
		Doc: `A is a node, a list of nodes or ` + "`*`" + `. B is a node, ` + "`node:iface`" + `, an IPv4 or
IPv6 address, or a list of them.

With ` + "`*`" + ` on either side each pair is tried over each family, IPv4 and IPv6, in which
both have a global address. A table of who reaches whom is printed when the
expectation fails, and with ` + "`-v`" + `.

The address of a node is the one on a subnet that A shares, else its first
global one. One request is sent, of 56 bytes; ` + "`count`" + ` and ` + "`size`" + ` change that. Several
are sent 10 ms apart, or an ` + "`interval`" + `.

Every request must be answered, unless ` + "`loss < 10%`" + ` allows some to be lost or ` + "`loss > 5%`" + `
says that some must be. ` + "`rtt < 120ms`" + ` and ` + "`rtt > 90ms`" + ` bound the mean round-trip time, and
` + "`jitter`" + ` its standard deviation (the mdev of ping(8)). Each bound may be given.

` + "`from`" + ` is the address to send from, or the interface to send by. ` + "`df`" + `: the packets are not
fragmented, neither on the way nor in A. ` + "`ttl`" + ` is how many routers they may cross (hop
limit), ` + "`tos`" + ` their type of service (traffic class), a byte: 184 or 0xb8.

nsl sends the packets itself, from raw sockets inside the namespace; no ping
program is needed. When no reply comes, the report says which ICMP error came instead, and what in
the lab explains it.`,
		Examples: []verb.Example{
			{Note: "Ten requests, all answered within 20 ms.", Code: "ns red blue\nlink red <-> blue\nexpect ping red -> blue count 10 rtt < 20ms\n"},
			{Note: "Too large for a link on the way, unless it may be fragmented.", Code: "ns red r1 blue\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24 mtu 1400\nforward r1\nroute red default via 10.0.1.2\nroute blue default via 10.0.2.1\nexpect ping red -> blue size 1372 df\nexpect not ping red -> blue size 1373 df\nexpect ping red -> blue size 1373\n"},
			{Note: "From one of several addresses, and not over a router.", Code: "ns red r1 blue\nlink red 10.0.1.1/24 <-> r1 10.0.1.2/24\nlink r1 <-> blue 10.0.2.0/24\nforward r1\naddr red 10.0.1.7/24\nroute red default via 10.0.1.2\nroute blue 10.0.1.1 via 10.0.2.1\nexpect ping red -> blue from 10.0.1.1\nexpect not ping red -> blue from 10.0.1.7\nexpect not ping red -> blue ttl 1\nexpect ping red -> blue from veth-red ttl 2\n"},
			{Note: "Both families.", Code: "auto dual\nns red blue\nlink red <-> blue\nexpect ping red -> <192.168.15.2 fd00:15::2>\n"},
		},
	})
}

// pingGap is the time between the requests of one ping with a count, and pingAgain
// that after which a single one is sent again.
const (
	pingGap   = 10 * time.Millisecond
	pingAgain = 250 * time.Millisecond
)

// defaultSize is that of the payload, as ping(8) has it, in bytes.
const defaultSize = 56

// pair is one question: a node and what it is to reach.
type pair struct {
	from, to string
	request  plan.Ping
	// denied: no reply must come.
	denied bool
	// under is the address or family, where the pair is asked under several.
	under string
	// answer is set when there is nothing to send.
	answer *verb.Answer
}

// Probe sends all requests at once.
func (pg *pingProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	pairs, err := pg.pairs(snapshotOf(env), wait)
	if err != nil {
		return nil, err
	}
	return pg.fly(ctx, env, pairs)
}

// fly sends what there is to send, all at once, and judges what came back.
func (pg *pingProbe) fly(ctx context.Context, env *verb.Env, pairs []pair) ([]verb.Answer, error) {
	var requests []plan.Ping
	crowd := crowdIn(env, len(pairs))
	for _, p := range pairs {
		if p.answer == nil {
			p.request.Crowd = crowd
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
			answers[i] = p.named(*p.answer)
			continue
		}
		r := replies[0]
		answers[i] = pg.answer(p, r)
		answers[i].Pacing = r.Pacing
		replies = replies[1:]
		switch {
		case r.Received > 0 && r.Received < r.Sent:
			answers[i].Explain = func(after *verb.Env) (string, string) { return why.Lossy(after, p.request, p.to) }
			continue
		case r.Received > 0:
			continue
		}
		answers[i].Explain = func(after *verb.Env) (string, string) { return noReply(after, p, r) }
	}
	return answers, nil
}

// pairs are all questions; a node does not ask itself when a list or * names both.
func (pg *pingProbe) pairs(view verb.Lab, wait time.Duration) ([]pair, error) {
	from, err := lab.Nodes(view, pg.From)
	if err != nil {
		return nil, err
	}
	to, err := lab.Targets(view, pg.To)
	if err != nil {
		return nil, err
	}
	mesh := pg.From.All != nil || pg.To.All != nil
	var pairs []pair
	for _, f := range from {
		for _, t := range to {
			if f == t.Node && (len(from) > 1 || len(to) > 1) {
				continue
			}
			pairs = append(pairs, pg.ask(view, f, t, mesh, wait)...)
		}
	}
	return pairs, nil
}

// ask is the question of one node about one target; in a mesh one for each family.
func (pg *pingProbe) ask(view verb.Lab, from string, t lab.Target, mesh bool, wait time.Duration) []pair {
	p := pair{from: from, to: t.Text}
	has, err := view.HasNode(from)
	if err != nil || !has {
		p.answer = &verb.Answer{Definite: true, Seen: "there is no " + from + " any more"}
		return []pair{p}
	}
	src := pg.source()
	var addrs []netip.Addr
	switch {
	case pg.every:
		addrs = ofFamily(t.Every(view, from), src)
	case mesh:
		addrs = ofFamily(t.Families(view, from), src)
	case src.IsValid() && t.Node != from:
		addrs = ofFamily(t.Every(view, from), src)
		addrs = addrs[:min(1, len(addrs))]
	}
	if len(addrs) == 0 {
		addr, answer := t.AddressFor(view, from)
		if answer != nil {
			p.answer = answer
			return []pair{p}
		}
		addrs = []netip.Addr{addr}
	}
	if p.answer = unsendable(view, from, src, addrs[0]); p.answer != nil {
		return []pair{p}
	}
	zone, answer := t.ZoneFor(view, from)
	if answer != nil {
		p.answer = answer
		return []pair{p}
	}
	var pairs []pair
	for _, a := range addrs {
		if p.under = ""; len(addrs) > 1 {
			p.under = pg.under(a, mesh)
		}
		p.request = pg.request(from, zone, a, wait)
		pairs = append(pairs, p)
	}
	return pairs
}

func (pg *pingProbe) request(from, zone string, to netip.Addr, wait time.Duration) plan.Ping {
	r := plan.Ping{Node: from, To: to, Dev: zone, Count: 1, Size: defaultSize, Gap: pingGap, Wait: wait, Again: pingAgain}
	for _, o := range pg.Opts {
		o.set(&r)
	}
	return r
}

// under says which of several addresses is asked; in a mesh it is one of each family.
func (pg *pingProbe) under(a netip.Addr, mesh bool) string {
	if mesh && !pg.every {
		return lab.Family(a.Is6())
	}
	return a.String()
}

func (p pair) subject() string {
	if p.under != "" {
		return p.from + " -> " + p.to + " (" + p.under + ")"
	}
	return p.from + " -> " + p.to
}

// named puts the pair into an answer.
func (p pair) named(a verb.Answer) verb.Answer {
	a.Subject, a.From, a.To = p.subject(), p.from, p.to
	if p.request.To.IsValid() {
		a.Family = lab.Family(p.request.To.Is6())
	}
	return a
}

// Explain is the ping command for each pair.
func (pg *pingProbe) Explain(view verb.Lab) []plan.Command {
	pairs, err := pg.pairs(view, 2*time.Second)
	if err != nil || len(pairs) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, p := range pairs {
		if p.answer == nil {
			cmds = append(cmds, pingCommand(p))
		}
	}
	return cmds
}

// maxSpelt is the number of pairs up to which each one's command is shown.
const maxSpelt = 6

// Names reports nodes and interfaces that were never made.
func (pg *pingProbe) Names(view verb.Lab) diag.List {
	return append(lab.UnknownIn(view, pg.From, pg.To), pg.namesOfSource(view)...)
}

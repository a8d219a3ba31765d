package probes

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// rateProbe is the probe rate.
type rateProbe struct {
	From syntax.NodeSet   `parser:"'rate' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Opts []rateOption     `parser:"@@*"`
}

// rateOption is a bound, or how long to measure.
type rateOption struct {
	More *syntax.Rate     `parser:"  '>' @@"`
	Less *syntax.Rate     `parser:"| '<' @@"`
	Time *syntax.Duration `parser:"| 'time' @@"`
}

// The times of a measurement: the usual one, and the bounds of what may be asked for.
const (
	flowTime      = time.Second
	leastFlowTime = 100 * time.Millisecond
	mostFlowTime  = time.Minute
	flowWait      = 2 * time.Second
)

// Rate is the probe rate.
func Rate() *verb.Verb {
	return verb.Define[rateProbe](verb.Spec{
		Name:    "rate",
		Also:    []string{"iperf", "iperf3", "bandwidth", "throughput"},
		Summary: "TCP throughput between two nodes",
		Usage:   []string{"rate A -> B > RATE [< RATE] [time DURATION]"},
		Doc: `A sends to B over a TCP connection as fast as it can, for a second or for ` + "`time`" + `. A rate
has a unit: ` + "`100kbit`, `10mbit`, `1gbit`" + `, in bits of payload per second. The headers take
about a twentieth more: a link of 10 mbit brings 9.5 mbit.

The rate is measured over the time that data flows: what has arrived is read from A's
socket every thousandth of the time (TCP_INFO in tcp(7): the bytes that B acknowledged, and
those that it has after a gap), and counted from one arrival to another. The first third is
left out, since the connection finds its speed and queues fill in it. So are pauses, in which
A waits for its retransmission timer, with the first third of what flows after each.

nsl opens both ends itself, inside the two nodes; B is a node, an interface or an address
of one. Several pairs are measured at once, and share the links that they have in common. On
cables without a limit the result is the speed of the machine.`,
		Examples: []verb.Example{
			{Note: "A lower and an upper bound.", Code: "ns red blue\nlink red <-> blue\nexpect rate red -> blue > 10mbit < 10tbit time 300ms\n"},
		},
	})
}

// lasts is the time of the measurement.
func (r *rateProbe) lasts() time.Duration {
	for _, o := range r.Opts {
		if o.Time != nil && !o.Time.Dynamic && o.Time.Problem() == nil {
			return o.Time.Duration()
		}
	}
	return flowTime
}

// Patience is for a connection that is not established at once; what was measured
// is measured once.
func (r *rateProbe) Patience(not bool) time.Duration {
	if not {
		return 0
	}
	return 2 * flowWait
}

// Check finds a time that measures nothing or never ends, and no bound.
func (r *rateProbe) Check() diag.List {
	var list diag.List
	bound := false
	for _, o := range r.Opts {
		bound = bound || o.Time == nil
		if o.Time == nil || o.Time.Dynamic || o.Time.Problem() != nil {
			continue
		}
		if d := o.Time.Duration(); d < leastFlowTime || d > mostFlowTime {
			list.Add(diag.Errorf(diag.BadDuration, o.Time.Span, "a rate is measured for 100 ms to a minute, not for %s", o.Time.Value))
		}
	}
	if !bound {
		list.Add(diag.Missing(r.place(), "rate", "the expected rate").
			WithHelp("for example: > 10mbit"))
	}
	return list
}

// place is where a bound would stand.
func (r *rateProbe) place() (s source.Span) {
	for _, t := range r.To.Targets() {
		s = t.Span
	}
	if r.To.All != nil {
		s = r.To.All.Span
	}
	return s
}

// Probe measures all pairs at once.
func (r *rateProbe) Probe(ctx context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	pairs, err := (&pingProbe{From: r.From, To: r.To}).pairs(snapshotOf(env), flowWait)
	if err != nil {
		return nil, err
	}
	var flows []plan.Flow
	for i := range pairs {
		if pairs[i].answer == nil {
			f := r.flow(env, &pairs[i])
			if pairs[i].answer == nil {
				flows = append(flows, f)
			}
		}
	}
	replies, err := env.Flows(ctx, flows)
	if err != nil {
		return nil, err
	}
	answers := make([]verb.Answer, len(pairs))
	for i, p := range pairs {
		if p.answer != nil {
			answers[i] = *p.answer
			continue
		}
		answers[i] = r.judge(env, p, replies[0])
		replies = replies[1:]
	}
	return answers, nil
}

// flow is the question; an address that no node has is answered at once.
func (r *rateProbe) flow(view verb.Lab, p *pair) plan.Flow {
	f := plan.Flow{From: p.from, Node: lab.OwnerOf(view, p.from, p.request.To), To: p.request.To, Dev: p.request.Dev, Time: r.lasts(), Wait: flowWait}
	if f.Node == "" {
		p.answer = &verb.Answer{Subject: p.subject(), Definite: true, Seen: fmt.Sprintf("no node of the lab has %s", p.request.To),
			Why: "a rate is measured at both ends, so both must be nodes of the lab"}
	}
	return f
}

func (r *rateProbe) judge(view *verb.Env, p pair, reply plan.FlowReply) verb.Answer {
	a := verb.Answer{Subject: p.subject(), Holds: true, Definite: true}
	if !reply.Connected {
		a.Holds, a.Seen = false, "no connection: "+p.request.To.String()+" does not answer"
		a.Definite = reply.Err.What != "" && !reply.Err.From.IsValid()
		if reply.Err.What != "" {
			a.Seen = "no connection: " + reply.Err.What
		}
		a.Why, a.Fix = why.NoReply(view, p.request, p.to, plan.PingReply{Err: reply.Err})
		return a
	}
	a.Seen = fmt.Sprintf("%s to %s", humanRate(reply.Rate), p.request.To)
	for _, o := range r.Opts {
		switch {
		case o.More != nil && reply.Rate <= o.More.Bits():
			a.Holds, a.Seen = false, a.Seen+", and more than "+humanRate(o.More.Bits())+" was expected"
		case o.Less != nil && reply.Rate >= o.Less.Bits():
			a.Holds, a.Seen = false, a.Seen+", and less than "+humanRate(o.Less.Bits())+" was expected"
		}
	}
	return a
}

// humanRate is a rate with three digits: "9.46 Mbit/s".
func humanRate(bits float64) string {
	units := []string{"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"}
	i := 0
	for i+1 < len(units) && bits >= 999.5 {
		bits, i = bits/1000, i+1
	}
	digits := 2
	for limit := 9.995; digits > 0 && bits >= limit; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(bits, 'f', digits, 64) + " " + units[i]
}

// Names reports nodes that never were.
func (r *rateProbe) Names(view verb.Lab) diag.List { return lab.UnknownIn(view, r.From, r.To) }

// Explain is iperf3 at both ends of each pair.
func (r *rateProbe) Explain(view verb.Lab) []plan.Command {
	pairs, err := (&pingProbe{From: r.From, To: r.To}).pairs(view, 0)
	if err != nil || len(pairs) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, p := range pairs {
		if node := lab.OwnerOf(view, p.from, p.request.To); p.answer == nil && node != "" {
			cmds = append(cmds, plan.Inside(node, "iperf3", "-s", "-1", "-D"),
				plan.Inside(p.from, "iperf3", "-c", p.request.To.String(), "-t", "1"))
		}
	}
	return cmds
}

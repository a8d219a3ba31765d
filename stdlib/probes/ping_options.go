package probes

import (
	"net/netip"
	"strconv"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// pingOption is one option of ping.
type pingOption struct {
	Count    *syntax.Int        `parser:"  'count' @@"`
	Size     *syntax.Int        `parser:"| 'size' @@"`
	Interval *syntax.Duration   `parser:"| 'interval' @@"`
	From     *syntax.PingSource `parser:"| 'from' @@"`
	TTL      *syntax.Int        `parser:"| 'ttl' @@"`
	TOS      *syntax.Byte       `parser:"| 'tos' @@"`
	DF       *syntax.Keyword    `parser:"| (?= 'df') @@"`
	Loss     *syntax.Percent    `parser:"| 'loss' '<' @@"`
	LossOver *syntax.Percent    `parser:"| 'loss' '>' @@"`
	RTT      *syntax.Duration   `parser:"| 'rtt' '<' @@"`
	RTTOver  *syntax.Duration   `parser:"| 'rtt' '>' @@"`
	Jitter   *syntax.Duration   `parser:"| 'jitter' '<' @@"`
	Unsteady *syntax.Duration   `parser:"| 'jitter' '>' @@"`
}

// Check finds options that are given twice, or out of range.
func (pg *pingProbe) Check() diag.List {
	list := lab.Repeated("ping", pg.Opts)
	for _, o := range pg.Opts {
		if o.TTL != nil && !o.TTL.Dynamic && o.TTL.Problem() == nil && (o.TTL.Int() < 1 || o.TTL.Int() > 255) {
			list.Add(diag.Errorf(diag.BadNumber, o.TTL.Span, "a time to live is 1 to 255, not %s", o.TTL.Value))
		}
		if o.Size != nil && !o.Size.Dynamic && o.Size.Int() > mostPayload {
			list.Add(diag.Errorf(diag.BadNumber, o.Size.Span, "an echo request has %d bytes at most, not %s", mostPayload, o.Size.Value))
		}
	}
	return list
}

// mostPayload is what fits into an IPv4 packet with the headers of IP and ICMP, in
// bytes (RFC 791).
const mostPayload = 65535 - 20 - 8

// lasts is the time that it takes to send the requests.
func (pg *pingProbe) lasts() time.Duration {
	count, gap := 1, pingGap
	for _, o := range pg.Opts {
		switch {
		case o.Count != nil && !o.Count.Dynamic && o.Count.Problem() == nil:
			count = max(1, o.Count.Int())
		case o.Interval != nil && !o.Interval.Dynamic:
			gap = o.Interval.Duration()
		}
	}
	return time.Duration(count-1) * gap
}

// set gives a request what the options say.
func (o pingOption) set(r *plan.Ping) {
	switch {
	case o.Count != nil:
		r.Count = max(1, o.Count.Int())
	case o.Size != nil:
		r.Size = o.Size.Int()
	case o.Interval != nil:
		r.Gap = o.Interval.Duration()
	case o.TTL != nil:
		r.TTL = o.TTL.Int()
	case o.TOS != nil:
		r.TOS = o.TOS.Byte()
	case o.DF != nil:
		r.DF = true
	case o.From != nil:
		if a, ok := o.From.Addr(); ok {
			r.Src = a
		} else {
			r.Dev = o.From.Value
		}
	}
}

// source is the address that requests are sent from, the zero Addr for the kernel's choice.
func (pg *pingProbe) source() netip.Addr {
	for _, o := range pg.Opts {
		if o.From != nil {
			a, _ := o.From.Addr()
			return a
		}
	}
	return netip.Addr{}
}

// ofFamily are the addresses that can be asked from a source.
func ofFamily(addrs []netip.Addr, src netip.Addr) (list []netip.Addr) {
	for _, a := range addrs {
		if !src.IsValid() || a.Is4() == src.Is4() {
			list = append(list, a)
		}
	}
	return list
}

// unsendable is the answer where a node does not have the address to send from, or it
// is of another family than what is asked; nil where there is no such reason.
func unsendable(view verb.Lab, from string, src, to netip.Addr) *verb.Answer {
	switch {
	case !src.IsValid():
		return nil
	case src.Is4() != to.Is4():
		return &verb.Answer{Definite: true, Seen: from + " cannot send from " + src.String() + " to " + to.String(),
			Why: "one is IPv4, the other IPv6"}
	}
	links, err := view.Links(from)
	if err != nil {
		return nil
	}
	for _, l := range links {
		for _, a := range l.Addrs {
			if a.Addr() == src || a.Contains(src) && src.IsLoopback() {
				return nil
			}
		}
	}
	return &verb.Answer{Definite: true, Seen: from + " does not have the address " + src.String() + " to send from"}
}

// bounds reports whether what came back is as the options want it; without an option about
// losses every request must be answered.
func (pg *pingProbe) bounds(r plan.PingReply, lost float64) bool {
	all, holds := true, true
	for _, o := range pg.Opts {
		switch {
		case o.Loss != nil:
			all, holds = false, holds && lost < o.Loss.Float()
		case o.LossOver != nil:
			all, holds = false, holds && lost > o.LossOver.Float()
		case r.Received == 0:
		case o.RTT != nil:
			holds = holds && r.RTT < o.RTT.Duration()
		case o.RTTOver != nil:
			holds = holds && r.RTT > o.RTTOver.Duration()
		case o.Jitter != nil:
			holds = holds && r.Deviation < o.Jitter.Duration()
		case o.Unsteady != nil:
			holds = holds && r.Deviation > o.Unsteady.Duration()
		}
	}
	return holds && r.Sent > 0 && (!all || r.Received == r.Sent)
}

// pingCommand is the ping command that asks the same.
func pingCommand(p pair) plan.Command {
	r := p.request
	words := []string{"-c", strconv.Itoa(r.Count)}
	add := func(has bool, more ...string) {
		if has {
			words = append(words, more...)
		}
	}
	add(r.Size != defaultSize, "-s", strconv.Itoa(r.Size))
	add(r.Src.IsValid(), "-I", r.Src.String())
	add(r.Dev != "", "-I", r.Dev)
	add(r.TTL != 0, "-t", strconv.Itoa(r.TTL))
	add(r.TOS != 0, "-Q", strconv.Itoa(r.TOS))
	add(r.DF, "-M", "do")
	add(r.Count > 1 && r.Gap != pingGap, "-i", strconv.FormatFloat(r.Gap.Seconds(), 'g', -1, 64))
	return plan.Inside(p.from, append(append([]string{"ping"}, words...), r.To.String())...)
}

// namesOfSource reports an interface to send from that a node never had.
func (pg *pingProbe) namesOfSource(view verb.Lab) (list diag.List) {
	for _, o := range pg.Opts {
		if o.From == nil || o.From.Dynamic {
			continue
		}
		if _, isAddr := o.From.Addr(); isAddr {
			continue
		}
		for _, ref := range pg.From.Refs() {
			if view.Known(plan.Ref{Node: ref.Value}) {
				list.Add(lab.Unknown(view, o.From.Text, plan.Ref{Node: ref.Value, Link: o.From.Value}))
			}
		}
	}
	return list
}

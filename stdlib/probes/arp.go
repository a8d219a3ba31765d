package probes

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// arpProbe is the probe arp.
type arpProbe struct {
	From syntax.NodeSet   `parser:"'arp' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	Dev  *syntax.IfName   `parser:"('dev' @@)?"`
	MAC  *syntax.MAC      `parser:"('mac' @@)?"`
	patient
}

// ARP is the probe arp.
func ARP() *verb.Verb {
	return verb.Define[arpProbe](verb.Spec{
		Name:    "arp",
		Summary: "one neighbour answers for an address, and which (ARP, neighbour discovery)",
		Usage:   []string{"arp A -> B [dev IFACE] [mac M]"},
		Doc: `As arping does it, or ndisc6: A asks for the hardware address of B, a node, an interface
or an address, whatever its neighbour table has. For IPv6 it is a neighbour solicitation. It
holds when one hardware address answers, and with ` + "`mac`" + ` that one; two that answer for the
same address are reported. ` + "`expect not arp`" + ` shows that an address is free.

A asks by the interface on whose subnet the address is, or by IFACE.`,
		Examples: []verb.Example{
			{Note: "Who has an address, and a free one.", Code: "ns red blue\nlink red <-> blue 10.0.0.0/24 mac 02:00:00:00:00:01 02:00:00:00:00:02\nexpect arp red -> blue mac 02:00:00:00:00:02\nexpect not arp red -> 10.0.0.9\n"},
			{Note: "A router that answers for others.", Code: "ns red r1\nlink red <-> r1:eth0 10.0.0.0/24\nlink r1:eth1 10.9.0.1/24 <-> host:p1\nforward r1\nproxy-arp r1:eth0\nexpect arp red -> 10.9.0.7 dev veth-red\n"},
		},
	})
}

// Names reports nodes and interfaces that never were.
func (e *arpProbe) Names(view verb.Lab) diag.List {
	list := lab.UnknownIn(view, e.From, e.To)
	for _, ref := range e.From.Refs() {
		if e.Dev != nil && view.Known(plan.Ref{Node: ref.Value}) {
			list.Add(lab.Unknown(view, e.Dev.Text, plan.Ref{Node: ref.Value, Link: e.Dev.Value}))
		}
	}
	return list
}

// Probe asks all at once.
func (e *arpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	resolver, ok := env.Prober.(plan.AddressResolver)
	pairs, err := (&pingProbe{From: e.From, To: e.To}).pairs(env.Lab, wait)
	if err != nil || !ok {
		return nil, err
	}
	answers := make([]verb.Answer, len(pairs))
	var questions []plan.Resolve
	var asked []int
	for i, p := range pairs {
		q, answer := e.question(env, p, wait)
		if answers[i] = answer; answer.Seen == "" {
			questions, asked = append(questions, q), append(asked, i)
		}
	}
	found, err := resolver.Resolve(ctx, questions)
	if err != nil {
		return nil, err
	}
	for n, i := range asked {
		answers[i] = e.judge(pairs[i], questions[n], found[n])
	}
	for i, p := range pairs {
		answers[i].Subject = "arp " + p.subject()
	}
	return answers, nil
}

// question is what to ask for a pair, or an answer that needs no question.
func (e *arpProbe) question(view verb.Lab, p pair, wait time.Duration) (plan.Resolve, verb.Answer) {
	if p.answer != nil {
		return plan.Resolve{}, *p.answer
	}
	ip := p.request.To
	q := plan.Resolve{Node: p.from, IP: ip.WithZone(""), Wait: wait}
	links, err := view.Links(p.from)
	for _, l := range links {
		if err != nil || l.Name == plan.Loopback || !l.Up || e.Dev != nil && l.Name != e.Dev.Value {
			continue
		}
		i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return a.Contains(ip) })
		if i < 0 && e.Dev == nil {
			continue
		}
		q.Dev = l.Name
		if i >= 0 {
			q.Src = l.Addrs[i].Addr()
		} else {
			q.Src = anyOf(l, ip.Is6())
		}
		break
	}
	switch {
	case q.Dev == "":
		return q, verb.Answer{Definite: true, Seen: fmt.Sprintf("%s has no interface on a subnet of %s", p.from, ip),
			Fix: "say by which to ask: dev IFACE"}
	case q.Src == ip:
		return q, verb.Answer{Definite: true, Seen: fmt.Sprintf("%s is an address of %s itself", ip, p.from)}
	case ip.Is6() && !q.Src.IsValid():
		return q, verb.Answer{Definite: true, Seen: fmt.Sprintf("%s has no IPv6 address to ask from", plan.Place(p.from, q.Dev))}
	}
	return q, verb.Answer{}
}

// anyOf is an address of an interface to ask from, IPv6's link-local one.
func anyOf(l plan.Link, six bool) netip.Addr {
	for _, a := range l.Addrs {
		if a.Addr().Is6() == six && (!six || a.Addr().IsLinkLocalUnicast()) {
			return a.Addr()
		}
	}
	return netip.Addr{}
}

func (e *arpProbe) judge(p pair, q plan.Resolve, found []string) verb.Answer {
	a := p.named(verb.Answer{Silent: len(found) == 0})
	switch {
	case len(found) == 0:
		a.Seen = fmt.Sprintf("no answer for %s on %s", q.IP, plan.Place(q.Node, q.Dev))
	case len(found) > 1:
		a.Definite, a.Seen = true, fmt.Sprintf("%d neighbours answer for %s: %s", len(found), q.IP, strings.Join(found, ", "))
		a.Fix = "each address belongs to one interface: show addrs"
	default:
		a.Seen = fmt.Sprintf("%s answers for %s", found[0], q.IP)
		a.Holds = e.MAC == nil || found[0] == e.MAC.Canonical()
	}
	a.Definite = a.Definite || cmp.Or(found...) != ""
	return a
}

// Explain is arping, or ndisc6, for each pair.
func (e *arpProbe) Explain(view verb.Lab) []plan.Command {
	pairs, err := (&pingProbe{From: e.From, To: e.To}).pairs(view, time.Second)
	if err != nil || len(pairs) > maxSpelt {
		return nil
	}
	var cmds []plan.Command
	for _, p := range pairs {
		q, answer := e.question(view, p, time.Second)
		switch {
		case answer.Seen != "":
		case q.IP.Is4():
			cmds = append(cmds, plan.Inside(q.Node, "arping", "-c", "1", "-I", q.Dev, q.IP.String()))
		default:
			cmds = append(cmds, plan.Inside(q.Node, "ndisc6", q.IP.String(), q.Dev))
		}
	}
	return cmds
}

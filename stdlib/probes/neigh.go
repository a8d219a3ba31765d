package probes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// neighProbe is the probe neigh.
type neighProbe struct {
	From syntax.NodeSet   `parser:"'neigh' @@ '->'"`
	To   syntax.TargetSet `parser:"@@"`
	MAC  *syntax.MAC      `parser:"('mac' @@)?"`
	Kind *syntax.Keyword  `parser:"((?= 'permanent' | 'proxy') @@)?"`
	once
}

// Neigh is the probe neigh.
func Neigh() *verb.Verb {
	return verb.Define[neighProbe](verb.Spec{
		Name:    "neigh",
		Summary: "a node knows the MAC address of a neighbour (ARP, neighbour discovery)",
		Usage:   []string{"neigh A -> B [mac M] [permanent]", "neigh A -> B proxy"},
		Doc: `B is a node, ` + "`node:iface`" + `, an IPv4 or IPv6 address, or a list of them; for a node,
an entry for any of its addresses is enough. An incomplete or
failed entry does not count. ` + "`mac`" + ` says which address it must have, ` + "`permanent`" + ` that it
was entered by hand. With ` + "`proxy`" + `, the expectation is that A answers for B (` + "`neigh`" + `).

A node learns its neighbours by exchanging packets with them: ping first.`,
		Examples: []verb.Example{
			{Note: "Learnt by the first packet.", Code: "ns red blue\nlink red <-> blue mac 02:00:00:00:00:01 02:00:00:00:00:02\nexpect not neigh red -> blue\nexpect ping red -> blue\nexpect neigh red -> blue mac 02:00:00:00:00:02\n"},
		},
	})
}

// Names reports nodes and interfaces that never were.
func (e *neighProbe) Names(view verb.Lab) diag.List { return lab.UnknownIn(view, e.From, e.To) }

// Probe looks once.
func (e *neighProbe) Probe(_ context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	from, err := lab.Nodes(env, e.From)
	if err != nil {
		return nil, err
	}
	to, err := lab.Targets(env, e.To)
	if err != nil {
		return nil, err
	}
	var answers []verb.Answer
	for _, f := range from {
		for _, t := range to {
			if f == t.Node && (len(from) > 1 || len(to) > 1) {
				continue
			}
			a, err := e.answer(env, f, t)
			if err != nil {
				return nil, err
			}
			answers = append(answers, a)
		}
	}
	return answers, nil
}

func (e *neighProbe) answer(view verb.Lab, from string, t lab.Target) (verb.Answer, error) {
	a := verb.Answer{Subject: "neigh " + from + " -> " + t.Text, Definite: true}
	table, err := view.Neighbours(from)
	if errors.Is(err, plan.ErrNoNode) {
		a.Seen = lab.NoMore(from)
		return a, nil
	}
	if err != nil {
		return a, err
	}
	addrs, gone, err := t.Addresses(view)
	if gone != "" || err != nil {
		a.Seen = gone
		return a, err
	}
	var tried string
	for _, n := range table {
		if !slices.Contains(addrs, n.IP) || t.Zone != "" && n.Dev != t.Zone || (n.State == plan.Proxy) != e.proxies() {
			continue
		}
		if n.State == plan.Proxy {
			a.Holds, a.Seen = true, fmt.Sprintf("%s answers for %s on %s", from, n.IP, n.Dev)
			return a, nil
		}
		if n.MAC == "" {
			tried = fmt.Sprintf("%s asks for %s on %s and gets no answer (%s)", from, n.IP, n.Dev, n.State)
			continue
		}
		a.Seen = fmt.Sprintf("%s knows %s at %s on %s (%s)", from, n.IP, n.MAC, n.Dev, n.State)
		if a.Holds = e.is(n); a.Holds {
			return a, nil
		}
	}
	if a.Seen == "" {
		a.Seen = tried
	}
	if a.Seen == "" && e.proxies() {
		a.Seen = fmt.Sprintf("%s does not answer for %s", from, t.Text)
		a.Fix = fmt.Sprintf("make it: neigh %s:IFACE %s proxy", from, t.Text)
	}
	if a.Seen == "" {
		a.Seen = fmt.Sprintf("%s has no entry for %s", from, t.Text)
		a.Fix = fmt.Sprintf("neighbours are learnt by exchanging packets: expect ping %s -> %s", from, t.Text)
	}
	return a, nil
}

func (e *neighProbe) proxies() bool { return e.Kind != nil && e.Kind.Value == plan.Proxy }

// is reports whether an entry is as it must be.
func (e *neighProbe) is(n plan.Neighbour) bool {
	return (e.MAC == nil || strings.EqualFold(n.MAC, e.MAC.Canonical())) && (e.Kind == nil || n.State == e.Kind.Value)
}

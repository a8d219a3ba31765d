package stdlib

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// nodesOf are the nodes that a set names. A name that was never made is an error.
func nodesOf(lab verb.Lab, s syntax.NodeSet) ([]string, error) {
	if s.All != nil {
		return lab.Nodes()
	}
	var names []string
	for _, ref := range s.Refs() {
		if d := unknownEver(lab, ref.Text, plan.Ref{Node: ref.Value}); d != nil {
			return nil, diag.List{d}
		}
		names = append(names, ref.Value)
	}
	return names, nil
}

// unknownEver reports a name that is not there and never was.
func unknownEver(lab verb.Lab, t syntax.Text, r plan.Ref) *diag.Diagnostic {
	switch {
	case lab.Uncertain() || lab.Known(r):
		return nil
	case r.Link == "":
		t.Value = r.Node
		return verb.UnknownNode(lab, t)
	case !lab.Known(plan.Ref{Node: r.Node}):
		t.Value = r.Node
		return verb.UnknownNode(lab, t)
	}
	return verb.UnknownLink(lab, t.Span, r)
}

// target is what a probe asks about.
type target struct {
	// text is the target as the script has it.
	text string
	// node is "" for an address.
	node, link string
	addr       netip.Addr
	zone       string
}

// targetsOf are the targets that a set names.
func targetsOf(lab verb.Lab, s syntax.TargetSet) ([]target, error) {
	if s.All != nil {
		nodes, err := lab.Nodes()
		var list []target
		for _, n := range nodes {
			list = append(list, target{text: n, node: n})
		}
		return list, err
	}
	var list []target
	for _, word := range s.Targets() {
		t, d := targetOf(lab, word)
		if d != nil {
			return nil, diag.List{d}
		}
		list = append(list, t)
	}
	return list, nil
}

func targetOf(lab verb.Lab, word syntax.Target) (target, *diag.Diagnostic) {
	t := target{text: word.Value}
	if addr, zone, ok := word.Addr(); ok {
		t.addr, t.zone = addr, zone
		return t, nil
	}
	t.node, t.link = syntax.Endpoint{Text: word.Text}.Split()
	if t.link == "" && !lab.Known(plan.Ref{Node: t.node}) && lab.Known(plan.Ref{Node: plan.Host, Link: t.node}) {
		t.node, t.link = plan.Host, t.node
	}
	return t, unknownEver(lab, word.Text, plan.Ref{Node: t.node, Link: t.link})
}

// addressFor is the address under which from asks for the target: the one on a
// subnet that they share, else the first global one, IPv4 before IPv6. Without
// one there is an answer instead.
func (t target) addressFor(lab verb.Lab, from string) (netip.Addr, *verb.Answer) {
	if t.addr.IsValid() {
		return t.addr, nil
	}
	if has, err := lab.HasNode(t.node); err != nil || !has {
		return netip.Addr{}, &verb.Answer{Definite: true, Seen: "there is no " + t.node + " any more"}
	}
	if t.node == from && t.link == "" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	theirs, err := globalAddrs(lab, t.node, t.link)
	if err != nil || len(theirs) == 0 {
		return netip.Addr{}, t.noAddress(lab, from)
	}
	ours, _ := globalAddrs(lab, from, "")
	return closest(ours, theirs), nil
}

func (t target) noAddress(lab verb.Lab, from string) *verb.Answer {
	a := &verb.Answer{Definite: true, Seen: fmt.Sprintf("%s has no way to %s", from, t.text)}
	name := t.text
	ours, theirs := cabled(lab, from), cabled(lab, t.node)
	switch {
	case !theirs && !ours && from != plan.Host:
		a.Why = fmt.Sprintf("neither %s nor %s has an interface besides lo", from, t.node)
		a.Mend = fmt.Sprintf("connect them: link %s <-> %s", from, t.node)
	case !theirs:
		a.Why = fmt.Sprintf("%s has no interface besides lo", t.node)
		a.Mend = fmt.Sprintf("connect it: link %s <-> %s", from, t.node)
	default:
		a.Why = fmt.Sprintf("%s has no address", name)
		a.Mend = fmt.Sprintf("give it one: addr %s 192.168.15.2/24 (or give its link a subnet)", name)
	}
	return a
}

// cabled reports whether a node has an interface besides lo.
func cabled(lab verb.Lab, node string) bool {
	links, err := lab.Links(node)
	return err == nil && slices.ContainsFunc(links, func(l plan.Link) bool { return l.Name != plan.Loopback })
}

// globalAddrs are the addresses of a node that others can use, IPv4 first, in
// the order of its interfaces.
func globalAddrs(lab verb.Lab, node, link string) ([]netip.Prefix, error) {
	links, err := lab.Links(node)
	if err != nil {
		return nil, err
	}
	var v4, v6 []netip.Prefix
	for _, l := range links {
		if link != "" && l.Name != link {
			continue
		}
		for _, a := range l.Addrs {
			switch {
			case !plan.InBook(a.Addr()):
			case a.Addr().Is4():
				v4 = append(v4, a)
			default:
				v6 = append(v6, a)
			}
		}
	}
	return append(v4, v6...), nil
}

// Names reports nodes and interfaces that were never made.
func (pg *Ping) Names(lab verb.Lab) diag.List {
	return namesIn(lab, pg.From, pg.To)
}

// namesIn collects what is unknown in a set of nodes and a set of targets.
func namesIn(lab verb.Lab, from syntax.NodeSet, to syntax.TargetSet) diag.List {
	var list diag.List
	for _, ref := range from.Refs() {
		if !ref.Dynamic {
			list.Add(unknownEver(lab, ref.Text, plan.Ref{Node: ref.Value}))
		}
	}
	for _, word := range to.Targets() {
		if !word.Dynamic {
			_, d := targetOf(lab, word)
			list.Add(d)
		}
	}
	return list
}

// Names reports what the probe names and never was.
func (e *Expect) Names(lab verb.Lab) diag.List {
	if n, ok := e.Node.(verb.Namer); ok {
		return n.Names(lab)
	}
	return nil
}

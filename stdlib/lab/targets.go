package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// AllNodes are the nodes of the lab, the host first.
func AllNodes(view plan.View) ([]string, error) {
	nodes, err := view.Nodes()
	return append([]string{plan.Host}, nodes...), err
}

// LinksAt are the interface that is named, or all of a node; gone says what of
// them is not there any more.
func LinksAt(view verb.Lab, node, link string) (links []plan.Link, gone string, err error) {
	if link == "" {
		links, err = view.Links(node)
	} else {
		var l plan.Link
		l, err = view.Link(node, link)
		links = []plan.Link{l}
	}
	switch {
	case errors.Is(err, plan.ErrNoNode):
		return nil, NoMore(node), nil
	case errors.Is(err, plan.ErrNoLink):
		return nil, NoMore(plan.Place(node, link)), nil
	}
	return links, "", err
}

// Addresses are all addresses of a target, link-local ones included; gone says
// that it is not there any more.
func (t Target) Addresses(view verb.Lab) (addrs []netip.Addr, gone string, err error) {
	if t.Addr.IsValid() {
		return []netip.Addr{t.Addr}, "", nil
	}
	links, gone, err := LinksAt(view, t.Node, t.Link)
	for _, l := range links {
		for _, a := range l.Addrs {
			addrs = append(addrs, a.Addr())
		}
	}
	return addrs, gone, err
}

// NoMore says that something is gone.
func NoMore(what string) string { return "there is no " + what + " any more" }

// Families are the addresses under which from asks for a target when all nodes
// are asked: one of each family that both have. It is empty where AddressFor
// has to decide.
func (t Target) Families(view verb.Lab, from string) []netip.Addr {
	if t.Addr.IsValid() || t.Node == from {
		return nil
	}
	theirs, _ := GlobalAddrs(view, t.Node, t.Link)
	ours, _ := GlobalAddrs(view, from, "")
	var list []netip.Addr
	for _, six := range []bool{false, true} {
		a, b := OfFamily(ours, six), OfFamily(theirs, six)
		if len(a) > 0 && len(b) > 0 {
			list = append(list, Closest(a, b).Addr())
		}
	}
	return list
}

// Nodes are the nodes that a set names. A name that was never made is an error.
func Nodes(view verb.Lab, s syntax.NodeSet) ([]string, error) {
	if s.All != nil {
		return view.Nodes()
	}
	var names []string
	for _, ref := range s.Refs() {
		if d := Unknown(view, ref.Text, plan.Ref{Node: ref.Value}); d != nil {
			return nil, diag.List{d}
		}
		names = append(names, ref.Value)
	}
	return names, nil
}

// Unknown reports a name that is not there and never was.
func Unknown(view verb.Lab, t syntax.Text, r plan.Ref) *diag.Diagnostic {
	switch {
	case t.Dynamic || view.Uncertain() || view.Known(r):
		return nil
	case r.Link == "":
		t.Value = r.Node
		return verb.UnknownNode(view, t)
	case !view.Known(plan.Ref{Node: r.Node}):
		t.Value = r.Node
		return verb.UnknownNode(view, t)
	}
	return verb.UnknownLink(view, t.Span, r)
}

// Target is what a probe asks about.
type Target struct {
	// Text is the target as the script has it.
	Text string
	// Node is "" for an address, Link for a node as a whole.
	Node, Link string
	Addr       netip.Addr
	Zone       string
}

// Targets are the targets that a set names.
func Targets(view verb.Lab, s syntax.TargetSet) ([]Target, error) {
	if s.All != nil {
		nodes, err := view.Nodes()
		var list []Target
		for _, n := range nodes {
			list = append(list, Target{Text: n, Node: n})
		}
		return list, err
	}
	var list []Target
	for _, word := range s.Targets() {
		t, d := TargetOf(view, word)
		if d != nil {
			return nil, diag.List{d}
		}
		list = append(list, t)
	}
	return list, nil
}

// TargetOf is the target that a word names; one that never was is a finding.
func TargetOf(view verb.Lab, word syntax.Target) (Target, *diag.Diagnostic) {
	t := Target{Text: word.Value}
	if addr, zone, ok := word.Addr(); ok {
		t.Addr, t.Zone = addr, zone
		return t, nil
	}
	t.Node, t.Link = syntax.Endpoint{Text: word.Text}.Split()
	if t.Link == "" && !view.Known(plan.Ref{Node: t.Node}) && view.Known(plan.Ref{Node: plan.Host, Link: t.Node}) {
		t.Node, t.Link = plan.Host, t.Node
	}
	return t, Unknown(view, word.Text, plan.Ref{Node: t.Node, Link: t.Link})
}

// AddressFor is the address under which from asks for the target: the one on a
// subnet that they share, else the first global one, IPv4 before IPv6. Without
// one there is an answer instead.
func (t Target) AddressFor(view verb.Lab, from string) (netip.Addr, *verb.Answer) {
	if t.Addr.IsValid() {
		return t.Addr, nil
	}
	if has, err := view.HasNode(t.Node); err != nil || !has {
		return netip.Addr{}, &verb.Answer{Definite: true, Seen: NoMore(t.Node)}
	}
	if t.Node == from && t.Link == "" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	theirs, err := GlobalAddrs(view, t.Node, t.Link)
	if err != nil || len(theirs) == 0 {
		return netip.Addr{}, t.noAddress(view, from)
	}
	ours, _ := GlobalAddrs(view, from, "")
	return Closest(ours, theirs).Addr(), nil
}

func (t Target) noAddress(view verb.Lab, from string) *verb.Answer {
	a := &verb.Answer{Definite: true, Seen: fmt.Sprintf("%s has no way to %s", from, t.Text)}
	name := t.Text
	ours, theirs := Cabled(view, from), Cabled(view, t.Node)
	switch {
	case !theirs && !ours && from != plan.Host:
		a.Why = fmt.Sprintf("neither %s nor %s has an interface besides lo", from, t.Node)
		a.Mend = fmt.Sprintf("connect them: link %s <-> %s", from, t.Node)
	case !theirs:
		a.Why = fmt.Sprintf("%s has no interface besides lo", t.Node)
		a.Mend = fmt.Sprintf("connect it: link %s <-> %s", from, t.Node)
	default:
		a.Why = fmt.Sprintf("%s has no address", name)
		a.Mend = fmt.Sprintf("give it one: addr %s 192.168.15.2/24 (or give its link a subnet)", name)
	}
	return a
}

// Cabled reports whether a node has an interface besides lo.
func Cabled(view verb.Lab, node string) bool {
	links, err := view.Links(node)
	return err == nil && slices.ContainsFunc(links, func(l plan.Link) bool { return l.Name != plan.Loopback })
}

// GlobalAddrs are the addresses of a node that others can use, IPv4 first, in
// the order of its interfaces.
func GlobalAddrs(view verb.Lab, node, link string) ([]netip.Prefix, error) {
	links, err := view.Links(node)
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

// UnknownIn collects what is unknown in a set of nodes and a set of targets.
func UnknownIn(view verb.Lab, from syntax.NodeSet, to syntax.TargetSet) diag.List {
	var list diag.List
	for _, ref := range from.Refs() {
		list.Add(Unknown(view, ref.Text, plan.Ref{Node: ref.Value}))
	}
	for _, word := range to.Targets() {
		_, d := TargetOf(view, word)
		list.Add(d)
	}
	return list
}

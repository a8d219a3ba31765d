package lab

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Target is what a probe asks about.
type Target struct {
	// Text is the target as the script has it.
	Text string
	// Node is "" for an address, Link for a node as a whole.
	plan.Ref
	Addr netip.Addr
	Zone string
}

// Targets are the targets that a set names.
func Targets(view verb.Lab, s syntax.TargetSet) ([]Target, error) {
	if s.All != nil {
		nodes, err := view.Nodes()
		var list []Target
		for _, n := range nodes {
			list = append(list, Target{Text: n, Ref: plan.Ref{Node: n}})
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
	t.Ref = PlaceOf(view, syntax.Endpoint{Text: word.Text})
	return t, Unknown(view, word.Text, t.Ref)
}

// PlaceOf is the node, and the interface ("" for any), that a word names: a word
// that is no node is an interface of the host, if there is or was one.
func PlaceOf(view verb.Lab, e syntax.Endpoint) plan.Ref {
	node, link := e.Split()
	if host := (plan.Ref{Node: plan.Host, Link: node}); link == "" && !view.Known(plan.Ref{Node: node}) && view.Known(host) {
		return host
	}
	return plan.Ref{Node: node, Link: link}
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
	a := &verb.Answer{Definite: true, Seen: fmt.Sprintf("%s cannot reach %s", from, t.Text)}
	name := t.Text
	ours, theirs := Cabled(view, from), Cabled(view, t.Node)
	switch {
	case !theirs && !ours && from != plan.Host:
		a.Why = fmt.Sprintf("neither %s nor %s has an interface besides lo", from, t.Node)
		a.Fix = fmt.Sprintf("connect them: link %s <-> %s", from, t.Node)
	case !theirs:
		a.Why = fmt.Sprintf("%s has no interface besides lo", t.Node)
		a.Fix = fmt.Sprintf("connect it: link %s <-> %s", from, t.Node)
	default:
		a.Why = fmt.Sprintf("%s has no address", name)
		a.Fix = fmt.Sprintf("give it one: addr %s 192.168.15.2/24 (or give its link a subnet)", name)
	}
	return a
}

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

// Every is each address under which from may ask for a node or an interface: all
// global ones, of the families that both have.
func (t Target) Every(view verb.Lab, from string) (list []netip.Addr) {
	if t.Addr.IsValid() || t.Node == from {
		return nil
	}
	theirs, _ := GlobalAddrs(view, t.Node, t.Link)
	ours, _ := GlobalAddrs(view, from, "")
	for _, p := range theirs {
		if len(OfFamily(ours, p.Addr().Is6())) > 0 && !slices.Contains(list, p.Addr()) {
			list = append(list, p.Addr())
		}
	}
	return list
}

// Addresses are all addresses of a target, link-local ones included; gone says
// that it is not there any more.
func (t Target) Addresses(view verb.Lab) (addrs []netip.Addr, gone string, err error) {
	if t.Addr.IsValid() {
		return []netip.Addr{t.Addr}, "", nil
	}
	links, gone, err := LinksAt(view, t.Ref)
	for _, l := range links {
		for _, a := range l.Addrs {
			addrs = append(addrs, a.Addr())
		}
	}
	return addrs, gone, err
}

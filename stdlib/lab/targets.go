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
	// Carries: it is the end of a tunnel, which addresses on tunnels are not meant for.
	Carries bool
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
// subnet that they share, else the first global one, IPv4 before IPv6, and none at
// which it would reach another node. Without one there is an answer instead.
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
	all, err := t.uses(view, t.Node, t.Link)
	if err != nil || len(all) == 0 {
		return netip.Addr{}, t.noAddress(view, from)
	}
	theirs := t.leading(view, from, all)
	if len(theirs) == 0 {
		return netip.Addr{}, t.elsewhere(view, from, all[0].Addr.Addr())
	}
	ours, _ := t.uses(view, from, "")
	return Closest(view, ours, theirs).Addr.Addr(), nil
}

// uses are the addresses that count.
func (t Target) uses(view verb.Lab, node, link string) ([]plan.AddrUse, error) {
	list, err := GlobalUses(view, node, link)
	if !t.Carries {
		return list, err
	}
	return slices.DeleteFunc(list, func(u plan.AddrUse) bool {
		l, err := view.Link(u.Node, u.Link)
		return err == nil && plan.KindOf(l.Kind).Tunnel
	}), err
}

// leading are the addresses at which from reaches the target, and no other node
// that has them too.
func (t Target) leading(view verb.Lab, from string, all []plan.AddrUse) (list []plan.AddrUse) {
	for _, u := range all {
		owners := ownersOf(view, u.Addr.Addr())
		if t.Node == from || len(owners) < 2 || slices.Contains(receivers(view, from, u.Addr.Addr(), owners), t.Node) {
			list = append(list, u)
		}
	}
	return list
}

// elsewhere is the answer where another node is reached at the target's address.
func (t Target) elsewhere(view verb.Lab, from string, a netip.Addr) *verb.Answer {
	answer := &verb.Answer{Definite: true, Fix: fmt.Sprintf("give %s an address that no other node has", t.Text)}
	if owner := OwnerOf(view, from, a); owner == from {
		answer.Seen = fmt.Sprintf("%s has the address %s of %s itself", from, a, t.Text)
		answer.Why = fmt.Sprintf("what %s sends to %s does not leave it", from, a)
	} else {
		answer.Seen = fmt.Sprintf("what %s sends to %s, the address of %s, arrives at %s", from, a, t.Text, owner)
		answer.Why = fmt.Sprintf("%s has that address too, on the segment to which %s sends it", owner, from)
	}
	return answer
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
	ours, theirs := t.bothSides(view, from)
	var list []netip.Addr
	for _, six := range []bool{false, true} {
		a, b := UsesOf(ours, six), UsesOf(theirs, six)
		if len(a) > 0 && len(b) > 0 {
			list = append(list, Closest(view, a, b).Addr.Addr())
		}
	}
	return list
}

// bothSides are the addresses of from, and those at which it reaches the target; none
// where the target is an address or from itself.
func (t Target) bothSides(view verb.Lab, from string) (ours, theirs []plan.AddrUse) {
	if t.Addr.IsValid() || t.Node == from {
		return nil, nil
	}
	theirs, _ = GlobalUses(view, t.Node, t.Link)
	ours, _ = GlobalUses(view, from, "")
	return ours, t.leading(view, from, theirs)
}

// Every is each address under which from may ask for a node or an interface: all
// global ones, of the families that both have.
func (t Target) Every(view verb.Lab, from string) (list []netip.Addr) {
	ours, theirs := t.bothSides(view, from)
	for _, u := range theirs {
		a := u.Addr.Addr()
		if len(UsesOf(ours, a.Is6())) > 0 && !slices.Contains(list, a) {
			list = append(list, a)
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

package lab

import (
	"net/netip"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// TunnelEnd is the address at which a node sends to the end of a tunnel in another one: that of
// [Target.AddressFor], or, where packets for that do not come to the node, the first of its
// addresses at which they do.
func (t Target) TunnelEnd(view verb.Lab, from string) (netip.Addr, *verb.Answer) {
	t.Carries = true
	first, answer := t.AddressFor(view, from)
	if answer != nil || t.Addr.IsValid() || Arrives(view, from, t.Node, path.Packet{Dst: first, Proto: "udp"}) {
		return first, answer
	}
	list, err := t.uses(view, t.Node, t.Link)
	if err != nil {
		return first, nil
	}
	for _, u := range list {
		if a := u.Addr.Addr(); a != first && Arrives(view, from, t.Node, path.Packet{Dst: a, Proto: "udp"}) {
			return a, nil
		}
	}
	return first, nil
}

// Arrives reports whether a packet of a node comes to another one.
func Arrives(view plan.View, from, to string, p path.Packet) bool {
	f := path.Ask(view, from, p, "").Request
	return f.Arrived() && f.Node() == to
}

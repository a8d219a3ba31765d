package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// packet is what a packet filter sees of a request.
type packet struct {
	src, dst netip.Addr
	// proto is "tcp", "udp" or "icmp", and port the destination's.
	proto string
	port  uint16
}

// hookAt is where rules are asked: a hook of a node, and the interfaces that the
// packet came in and leaves by.
type hookAt struct{ node, hook, in, out string }

// masqueraded is a source that a router has changed.
type masqueraded struct {
	node         string
	public, orig netip.Addr
}

// dropped checks that a node's filter lets the packet pass.
func (w *walk) dropped(at hookAt) bool {
	state, err := w.lab.Nft(at.node)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(state.Rules, func(r plan.NftRule) bool {
		return r.Chain.Type == "filter" && w.meets(r, at)
	})
	if i < 0 || !lab.Forbids(state.Rules[i]) {
		return false
	}
	w.forbidden(at.node, state.Rules[i])
	return true
}

func (w *walk) forbidden(node string, r plan.NftRule) {
	w.filtered = true
	what, does := "the packet", "drops"
	if w.back {
		what = "the reply"
	}
	if r.Verdict == "reject" {
		does = "rejects"
	}
	rule, fix := r.Comment, "take the rule away: del "+r.Comment
	if verbName, _, _ := strings.Cut(r.Comment, " "); lab.Verdicts()[verbName] == "" || len(r.Comment) == lab.MaxComment {
		rule, fix = r.String(), fmt.Sprintf("look at its rules: show nat %s", node)
	}
	w.stop(fmt.Sprintf("%s %s %s: %s", node, does, what, rule), fix)
}

// meets reports whether a rule matches the packet. Replies go to a port that
// nobody knows beforehand.
func (w *walk) meets(r plan.NftRule, at hookAt) bool {
	v6, limited := r.Family()
	now := plan.StateNew
	if w.back {
		now = plan.StateEstablished
	}
	proto := w.proto
	if proto == "icmp" && w.dst.Is6() {
		proto = "ipv6-icmp"
	}
	switch {
	case r.Chain.Hook != at.hook, r.Verdict == plan.Foreign, r.Translated,
		r.IIf != "" && (r.IIf == at.in) == r.NotIIf,
		r.OIf != "" && (r.OIf == at.out) == r.NotOIf,
		limited && v6 != w.dst.Is6(),
		r.Src.IsValid() && !r.Src.Contains(w.src),
		r.Dst.IsValid() && r.Dst.Contains(w.dst) == r.NotDst,
		r.Proto != "" && r.Proto != proto,
		r.Port != 0 && (w.back || r.Port != w.port),
		r.State != 0 && r.State&now == 0:
		return false
	}
	return !r.ToLocal || w.owns(at.node, w.dst)
}

func packetOf(c plan.Connect) packet {
	return packet{dst: c.To.Addr(), proto: c.Proto, port: c.To.Port()}
}

// translate gives the packet the destination that a publishing node, or one
// that has masqueraded its source, gives it.
func (w *walk) translate(node, in string) {
	if w.back {
		for _, n := range w.nat {
			if n.node == node && n.public == w.dst {
				w.dst = n.orig
				return
			}
		}
		return
	}
	at := hookAt{node, plan.Prerouting.Hook, in, ""}
	if in == "" {
		at.hook = plan.OutputNAT.Hook
	}
	state, _ := w.lab.Nft(node)
	for _, r := range state.Rules {
		if r.Verdict == "dnat" && w.meets(r, at) {
			w.dst, w.port = r.To.Addr(), r.To.Port()
			return
		}
	}
}

// masquerade gives the packet the source that a router gives it.
func (w *walk) masquerade(node, out string, route plan.Route) {
	if w.back || !route.Src.IsValid() || route.Src == w.src {
		return
	}
	state, _ := w.lab.Nft(node)
	for _, r := range state.Rules {
		if r.Verdict == "masquerade" && w.meets(r, hookAt{node, plan.Postrouting.Hook, "", out}) {
			w.nat = append(w.nat, masqueraded{node, route.Src, w.src})
			w.src = route.Src
			return
		}
	}
}

// foreign finds rules on the way that are not the lab's: what they do is not
// known, but nothing else explains the silence.
func (w *walk) foreign(nodes []string) {
	for _, node := range nodes {
		state, err := w.lab.Nft(node)
		if err != nil {
			continue
		}
		what := state.Others
		if slices.ContainsFunc(state.Rules, func(r plan.NftRule) bool { return r.Verdict == plan.Foreign }) {
			what = append(slices.Clone(what), "inet "+plan.NftTable)
		}
		if len(what) > 0 {
			w.stop(fmt.Sprintf("%s has packet filter rules that nsl did not make, in table %s", node, strings.Join(what, ", ")),
				fmt.Sprintf("look at them: exec %s nft list ruleset", node))
		}
	}
}

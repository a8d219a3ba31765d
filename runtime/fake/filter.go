package fake

import (
	"net/netip"
	"syscall"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// hook is a place in a node's packet filter, with the interfaces a packet came
// in and leaves by.
type hook struct{ node, name, in, out string }

// filtered tells whether the filter chains of a hook stop a packet, and how the
// packet ends then.
func (j *journey) filtered(h hook, p packet) (fate, bool) {
	r, ok := j.rule(h, "filter", p)
	switch {
	case !ok || r.Verdict == "accept":
		return fate{}, false
	case r.Verdict == "reject" && r.Proto == "tcp":
		return fate{errno: syscall.ECONNREFUSED}, true
	case r.Verdict == "reject":
		return j.complain(h.node, p, prohibited(p.dst.Is6())), true
	}
	return fate{}, true
}

// rule is the first rule of a hook's chains that a packet meets.
func (j *journey) rule(h hook, kind string, p packet) (plan.NftRule, bool) {
	st, err := j.world.Nft(h.node)
	if err != nil {
		return plan.NftRule{}, false
	}
	for _, r := range st.Rules {
		if r.Chain.Type == kind && r.Chain.Hook == h.name && j.meets(r, h, p) {
			return r, true
		}
	}
	return plan.NftRule{}, false
}

// isIn tells whether the packet is in one of these states: a request begins a
// conversation, and a reply belongs to one.
func (j *journey) isIn(s plan.ConnState) bool {
	now := plan.StateNew
	if j.back {
		now = plan.StateEstablished
	}
	return s == 0 || s&now != 0
}

// meets tells whether a rule matches. An address is compared only in packets of
// its family (nft(8), inet tables).
func (j *journey) meets(r plan.NftRule, h hook, p packet) bool {
	v6, limited := r.Family()
	switch {
	case r.IIf != "" && (r.IIf == h.in) == r.NotIIf,
		r.OIf != "" && (r.OIf == h.out) == r.NotOIf,
		limited && v6 != p.dst.Is6(),
		r.Src.IsValid() && !r.Src.Contains(p.src),
		r.Dst.IsValid() && r.Dst.Contains(p.dst) == r.NotDst,
		r.Proto != "" && r.Proto != j.protocol(p.dst.Is6()),
		r.Port != 0 && (j.back || r.Port != j.port), // replies go to a port that nobody knows
		r.Translated && !j.translated,
		r.FromLocal && !j.isLocal(h.node, p.src),
		r.ToLocal && !j.isLocal(h.node, p.dst):
		return false
	}
	return j.isIn(r.State)
}

func (j *journey) protocol(v6 bool) string {
	switch {
	case j.proto != "":
		return j.proto
	case v6:
		return "ipv6-icmp"
	}
	return "icmp"
}

func (j *journey) isLocal(node string, a netip.Addr) bool {
	r, err := j.world.RouteTo(node, a)
	return err == nil && r.Kind == "local"
}

// publish gives a request to a published port its target as the destination.
func (j *journey) publish(node, in string, p *packet) {
	if j.back {
		return
	}
	h := hook{node: node, name: "prerouting", in: in}
	if in == "" {
		h.name = "output"
	}
	if r, ok := j.rule(h, "nat", *p); ok && r.Verdict == "dnat" {
		p.dst, j.port, j.translated = r.To.Addr(), r.To.Port(), true
	}
}

// masquerade changes the source where a rule says so, to the address of the
// outgoing interface, and remembers it for what comes back.
func (j *journey) masquerade(node string, hop plan.NextHop, p *packet) {
	if j.back {
		return
	}
	r, ok := j.rule(hook{node: node, name: "postrouting", out: hop.Dev}, "nat", *p)
	if !ok || r.Verdict != "masquerade" {
		return
	}
	to := hop.Via
	if !to.IsValid() {
		to = p.dst
	}
	route, err := j.world.RouteFlow(node, model.Flow{To: to, OIf: hop.Dev})
	if err != nil || !route.Src.IsValid() || route.Src == p.src {
		return
	}
	j.nat = append(j.nat, translation{node, route.Src, p.src})
	p.src = route.Src
}

// restore gives a packet that comes back to a masqueraded address its
// destination again.
func (j *journey) restore(node string, p *packet) {
	for i := len(j.nat) - 1; i >= 0; i-- {
		if t := j.nat[i]; t.node == node && t.public == p.dst {
			p.dst = t.orig
			return
		}
	}
}

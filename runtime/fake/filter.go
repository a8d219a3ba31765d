package fake

import (
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// dropped tells whether the filter chains of a hook drop a packet.
func (j *journey) dropped(node, hook, in, out string, p packet) bool {
	r, ok := j.rule(node, "filter", hook, in, out, p)
	return ok && r.Verdict == "drop"
}

// rule is the first rule of a hook's chains that a packet meets.
func (j *journey) rule(node, kind, hook, in, out string, p packet) (plan.NftRule, bool) {
	st, err := j.world.Nft(node)
	if err != nil {
		return plan.NftRule{}, false
	}
	for _, r := range st.Rules {
		if r.Chain.Type == kind && r.Chain.Hook == hook && meets(r, in, out, p) {
			return r, true
		}
	}
	return plan.NftRule{}, false
}

// meets tells whether a rule matches. An address is compared only in packets of
// its family (nft(8), inet tables).
func meets(r plan.NftRule, in, out string, p packet) bool {
	switch {
	case r.IIf != "" && r.IIf != in,
		r.OIf != "" && r.OIf != out,
		r.Src.IsValid() && !r.Src.Contains(p.src),
		r.Dst.IsValid() && r.Dst.Addr().Is6() != p.dst.Is6(),
		r.Dst.IsValid() && r.Dst.Contains(p.dst) == r.NotDst:
		return false
	}
	return true
}

// masquerade changes the source where a rule says so, to the address of the
// outgoing interface, and remembers it for what comes back.
func (j *journey) masquerade(node string, hop plan.NextHop, p *packet) {
	if j.back {
		return
	}
	r, ok := j.rule(node, "nat", "postrouting", "", hop.Dev, *p)
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

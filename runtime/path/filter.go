package path

import (
	"cmp"
	"net/netip"

	"nsl/runtime/plan"
)

// filter asks the filter chains of a hook, and says how the packet ends if they
// stop it.
func (j *journey) filter(h *Hop, p Packet, hook string) End {
	r, ok := j.rule(h, p, "filter", hook)
	if !ok || r.Verdict != "drop" && r.Verdict != "reject" {
		return nil
	}
	return Filtered{h.Node, h.In, h.Out, r}
}

// rule is the first rule of a hook's chains that the packet meets.
func (j *journey) rule(h *Hop, p Packet, kind, hook string) (plan.NftRule, bool) {
	st, err := j.Nft(h.Node)
	if err != nil {
		return plan.NftRule{}, false
	}
	in := h.In
	if hook == plan.Output.Hook || hook == plan.Postrouting.Hook {
		in = ""
	}
	for _, r := range st.Rules {
		if r.Chain.Type == kind && r.Chain.Hook == hook && r.Verdict != plan.Foreign && j.meets(r, h.Node, in, h.Out, p) {
			return r, true
		}
	}
	return plan.NftRule{}, false
}

// meets reports whether a rule matches. An address is compared only in packets of
// its family (nft(8), inet tables).
func (j *journey) meets(r plan.NftRule, node, in, out string, p Packet) bool {
	v6, limited := r.Family()
	switch {
	case r.IIf != "" && (r.IIf == in) == r.NotIIf,
		r.OIf != "" && (r.OIf == out) == r.NotOIf,
		limited && v6 != p.Dst.Is6(),
		r.Src.IsValid() && !r.Src.Contains(p.Src),
		r.Dst.IsValid() && r.Dst.Contains(p.Dst) == r.NotDst,
		r.Proto != "" && r.Proto != p.protocol(),
		r.Port != 0 && r.Port != p.DstPort,
		r.Translated && !j.translated(node),
		r.FromLocal && !j.isOwn(node, p.Src),
		r.ToLocal && !j.isOwn(node, p.Dst):
		return false
	}
	return j.isIn(r.State)
}

// isIn reports whether the packet is in one of these states: a request begins a
// conversation, and what comes back belongs to one.
func (j *journey) isIn(s plan.ConnState) bool {
	now := plan.StateNew
	if j.back {
		now = plan.StateEstablished | plan.StateRelated
	}
	return s == 0 || s&now != 0
}

// translation is a change that a node made to the request.
type translation struct {
	node string
	NAT
}

// translated reports whether the destination of the conversation was changed by
// a node.
func (j *journey) translated(node string) bool {
	for _, t := range j.nat {
		if t.node == node && !t.Source {
			return true
		}
	}
	return false
}

// translateDest changes the destination of a packet that comes in or is the
// node's own: of a request where a rule says so, of what comes back where the
// request's source was changed.
func (j *journey) translateDest(h *Hop, p *Packet) {
	if j.back {
		j.restore(h, p, true)
		return
	}
	hook := plan.Prerouting.Hook
	if h.In == "" {
		hook = plan.OutputNAT.Hook
	}
	if r, ok := j.rule(h, *p, "nat", hook); ok && r.Verdict == "dnat" {
		port := cmp.Or(r.To.Port(), p.DstPort)
		t := NAT{Rule: r, From: netip.AddrPortFrom(p.Dst, p.DstPort), To: netip.AddrPortFrom(r.To.Addr(), port)}
		p.Dst, p.DstPort = r.To.Addr(), port
		j.note(h, t)
	}
}

// translateSource changes the source of a packet that goes out, likewise.
func (j *journey) translateSource(h *Hop, p *Packet) {
	if j.back {
		j.restore(h, p, false)
		return
	}
	r, ok := j.rule(h, *p, "nat", plan.Postrouting.Hook)
	if !ok {
		return
	}
	src := j.newSource(h, r)
	if !src.IsValid() || src == p.Src {
		return
	}
	t := NAT{Rule: r, Source: true, From: netip.AddrPortFrom(p.Src, p.SrcPort), To: netip.AddrPortFrom(src, cmp.Or(r.To.Port(), p.SrcPort))}
	p.Src, p.SrcPort = src, t.To.Port()
	j.note(h, t)
}

// newSource is the source address that a rule gives, none for one that changes none.
func (j *journey) newSource(h *Hop, r plan.NftRule) netip.Addr {
	switch r.Verdict {
	case "snat":
		return r.To.Addr()
	case "masquerade":
		if route, err := j.RouteTo(h.Node, plan.RouteQuery{Dst: h.Next, OIf: h.Out}); err == nil {
			return route.Src
		}
	}
	return netip.Addr{}
}

func (j *journey) note(h *Hop, t NAT) {
	h.NAT = append(h.NAT, t)
	j.nat = append(j.nat, translation{h.Node, t})
}

// restore takes what the node changed in the request back in a reply: in its
// destination what was the source, and the other way round.
func (j *journey) restore(h *Hop, p *Packet, dest bool) {
	for i := len(j.nat) - 1; i >= 0; i-- {
		t := j.nat[i]
		if t.node != h.Node || t.Source != dest {
			continue
		}
		back := NAT{Rule: t.Rule, Source: !dest, From: t.To, To: t.From}
		switch {
		case dest && p.Dst == t.To.Addr():
			p.Dst, p.DstPort = t.From.Addr(), t.From.Port()
		case !dest && p.Src == t.To.Addr() && p.SrcPort == t.To.Port():
			p.Src, p.SrcPort = t.From.Addr(), t.From.Port()
		default:
			continue
		}
		h.NAT = append(h.NAT, back)
		return
	}
}

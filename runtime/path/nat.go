package path

import (
	"cmp"
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// translation is a change that a node made to the request.
type translation struct {
	node string
	NAT
}

// translate does what a rule of type nat says with a request; what comes back is
// restored.
func (j *journey) translate(h *Hop, p *Packet, out ruleset.Outcome) {
	t := NAT{}
	t.Rule, t.By = j.nameOf(h.Node, out.By)
	switch out.Verdict {
	case "dnat", "redirect":
		j.translateDest(h, p, t, out)
	case "snat", "masquerade":
		t.Source = true
		j.translateSource(h, p, t, out)
	}
}

func (j *journey) translateDest(h *Hop, p *Packet, t NAT, out ruleset.Outcome) {
	t.From = netip.AddrPortFrom(p.Dst, p.DstPort)
	to, port := out.To.Addr(), out.To.Port()
	if out.Verdict == "redirect" {
		to = j.redirected(h, *p)
	}
	if to.IsValid() {
		p.Dst = to
	}
	if port != 0 {
		p.DstPort = port
	}
	t.To = netip.AddrPortFrom(p.Dst, p.DstPort)
	j.note(h, t)
}

// redirected is the address that a redirect sends to: the first one of the interface
// that the packet came in by, or that of the loopback.
func (j *journey) redirected(h *Hop, p Packet) netip.Addr {
	if h.In == "" {
		if p.Dst.Is6() {
			return netip.IPv6Loopback()
		}
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	for _, a := range j.link(h.Node, h.In).Addrs {
		if a.Addr().Is6() == p.Dst.Is6() && !a.Addr().IsLinkLocalUnicast() {
			return a.Addr()
		}
	}
	return netip.Addr{}
}

func (j *journey) translateSource(h *Hop, p *Packet, t NAT, out ruleset.Outcome) {
	t.From = netip.AddrPortFrom(p.Src, p.SrcPort)
	to := out.To.Addr()
	if out.Verdict == "masquerade" {
		route, err := j.RouteTo(h.Node, plan.RouteQuery{Dst: h.Next, OIf: h.Out})
		if err != nil {
			return
		}
		to = route.Src
	}
	if !to.IsValid() || to == p.Src {
		return
	}
	p.Src, p.SrcPort = to, cmp.Or(out.To.Port(), p.SrcPort)
	t.To = netip.AddrPortFrom(to, p.SrcPort)
	j.note(h, t)
}

func (j *journey) note(h *Hop, t NAT) {
	h.NAT = append(h.NAT, t)
	j.nat = append(j.nat, translation{h.Node, t})
}

// known changes the addresses of a packet whose conversation the node has translated
// already.
func (j *journey) known(h *Hop, p *Packet, leaving bool) {
	if !leaving {
		j.zone(h, p)
	}
	switch {
	case j.back:
		j.restore(h, p, !leaving)
	case j.established:
		j.repeat(h, p, leaving)
	}
}

// restore takes what the node changed in the request back in a reply: in its
// destination what was the source, and the other way round.
func (j *journey) restore(h *Hop, p *Packet, dest bool) {
	for i := len(j.nat) - 1; i >= 0; i-- {
		t := j.nat[i]
		if t.node != h.Node || t.Source != dest {
			continue
		}
		back := NAT{Rule: t.Rule, By: t.By, Source: !dest, From: t.To, To: t.From}
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

// repeat does to a later packet of a request what was done to its first.
func (j *journey) repeat(h *Hop, p *Packet, source bool) {
	for _, t := range j.nat {
		if t.node != h.Node || t.Source != source {
			continue
		}
		if source {
			p.Src, p.SrcPort = t.To.Addr(), t.To.Port()
		} else {
			p.Dst, p.DstPort = t.To.Addr(), t.To.Port()
		}
		h.NAT = append(h.NAT, t.NAT)
	}
}

// rewrite notes the addresses that a rule wrote into a packet, which no node restores in the
// reply.
func (j *journey) rewrite(h *Hop, p Packet, q *ruleset.Packet) {
	n := NAT{}
	n.Rule, n.By = j.nameOf(h.Node, j.wrote)
	if q.Dst != p.Dst {
		n.From, n.To = netip.AddrPortFrom(p.Dst, p.DstPort), netip.AddrPortFrom(q.Dst, q.DstPort)
		h.NAT = append(h.NAT, n)
	}
	if q.Src != p.Src {
		n.Source, n.From, n.To = true, netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(q.Src, q.SrcPort)
		h.NAT = append(h.NAT, n)
	}
}

package path

import (
	"cmp"
	"slices"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// defragPriority is where the fragments of a packet are put together at prerouting, in a node
// that tracks connections (NF_IP_PRI_CONNTRACK_DEFRAG).
const defragPriority = -400

// ipHeader is the size of the header of IPv4 without options, in bytes.
const ipHeader = 20

// piece is the size of what is sent of the packet at once.
func (p Packet) piece() int { return cmp.Or(p.PieceSize, p.Size) }

// fragment notes the size of the fragments in which a packet leaves by an interface: those of
// IPv6 only its sender makes (RFC 8200, section 4.5).
func (p *Packet) fragment(mtu int, sender bool) {
	if (p.Dst.Is4() || sender) && mtu > 0 && p.piece() > mtu {
		p.PieceSize = mtu
	}
}

// pieces takes the fragments of a packet through a chain that sees them before they are put
// together, and says how it ends if the chain stops one of them. The first one is seen as the
// packet is.
func (j *journey) pieces(node string, k hook, c ruleset.Rule, p *ruleset.Packet, size int) End {
	const unit = 8
	if size == 0 || !j.seesPieces(node, k, c.Chain.Priority) {
		p.Fragment = 0
		return nil
	}
	carried := (size - ipHeader) / unit * unit
	p.Fragment = ruleset.MoreFragments
	for begun := carried; carried > 0 && begun+ipHeader < p.Size; begun += carried {
		later := *p
		later.Fragment = uint16(begun / unit)
		if later.Size = min(size, p.Size-begun); p.Size-begun > size {
			later.Fragment |= ruleset.MoreFragments
		}
		if out := ruleset.Run(c.Table, c.Chain, &later); out.Verdict == "drop" || out.Verdict == "reject" {
			if k.frame = "fragments of the packet"; j.back {
				k.frame = "fragments of the reply"
			}
			return j.filtered(node, k, out.By, out.Verdict, out.Reset)
		}
	}
	return nil
}

// seesPieces reports whether a chain sees the fragments of a packet and not the whole: what
// is for the node itself is put together before input (ip_local_deliver), and a node that
// tracks connections does it before.
func (j *journey) seesPieces(node string, k hook, priority int) bool {
	switch {
	case k.family != "ip":
		return k.family == "bridge" || k.family == "netdev"
	case k.name == plan.Prerouting.Hook && priority < defragPriority:
		return true
	case k.name == plan.Input.Hook || k.name == plan.Output.Hook || k.in.Name == "" && k.portIn == "":
		return false
	}
	return !j.tracks(node)
}

// tracks reports whether a node tracks connections: it does where a rule needs that.
func (s *Snapshot) tracks(node string) bool {
	return slices.ContainsFunc(s.filterTables(node), func(t plan.FilterTable) bool {
		return slices.ContainsFunc(t.Chains, func(c plan.FilterChain) bool {
			return c.Type == "nat" || slices.ContainsFunc(c.Rules, func(r plan.FilterRule) bool { return slices.ContainsFunc(r.Exprs, needsTracking) })
		})
	})
}

func needsTracking(e plan.FilterExpr) bool {
	switch e := e.(type) {
	case plan.CtKey, plan.SetCt:
		return true
	case plan.XtMatch:
		return slices.Contains([]string{"conntrack", "state", "connmark", "connlimit", "connbytes", "helper"}, e.Name)
	case plan.XtTarget:
		return slices.Contains([]string{"CT", "CONNMARK"}, e.Name)
	}
	return false
}

package path

import (
	"slices"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// conntrackPriority is where a packet meets connection tracking at the hooks at which it
// comes to a node (NF_IP_PRI_CONNTRACK); rules before choose its zone.
const conntrackPriority = -200

// Zoned means that a node does not know what comes back, for it has tracked the request in
// another zone.
type Zoned struct {
	// Request and Reply are the zones, and By a rule that chose one of them.
	Request, Reply uint16
	By             RuleName
}

// zone finds the zone of a packet that comes to a node. What comes back in another one than
// the request was in is of no connection that the node knows.
func (j *journey) zone(h *Hop, p *Packet) {
	hookName := plan.Prerouting.Hook
	if h.In == "" {
		hookName = plan.Output.Hook
	}
	if !j.early(h.Node, hookName) && j.zones[h.Node] == 0 {
		return
	}
	k := j.at(h, hookName)
	q := j.seen(h.Node, k, *p)
	var by ruleset.Rule
	chains := slices.DeleteFunc(j.chains(h.Node, k, p.Dst.Is6()), func(r ruleset.Rule) bool { return r.Chain.Priority >= conntrackPriority })
	for _, c := range chains {
		if out := ruleset.Run(c.Table, c.Chain, q); out.Zoned.Place > 0 {
			by = out.Zoned
		}
	}
	if !j.back {
		if j.zones[h.Node] = q.Zone; by.Place > 0 {
			j.zonedBy = by
		}
		return
	}
	if was := j.zones[h.Node]; j.tracked[h.Node] && was != q.Zone {
		if by.Place == 0 {
			by = j.zonedBy
		}
		_, name := j.nameOf(h.Node, by)
		h.Zoned = &Zoned{was, q.Zone, name}
		delete(j.tracked, h.Node)
		j.nat = slices.DeleteFunc(j.nat, func(t translation) bool { return t.node == h.Node })
	}
}

// early reports whether the node has rules before connection tracking.
func (j *journey) early(node, hookName string) bool {
	return slices.ContainsFunc(j.filterTables(node), func(t plan.FilterTable) bool {
		return slices.ContainsFunc(t.Chains, func(c plan.FilterChain) bool { return c.Hook == hookName && c.Priority < conntrackPriority })
	})
}

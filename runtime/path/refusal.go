package path

import (
	"cmp"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// The tables of a new namespace besides main (<linux/rtnetlink.h>), and the
// priorities of its rules (ip-rule(8)).
const (
	localTable, defaultTable   = 255, 253
	mainPriority, lastPriority = 32766, 32767
)

// Decider is the route that decides about a packet, and the policy rule that leads
// to its table, as far as the lab's tables say; see [Refused].
func Decider(v plan.View, node string, q plan.RouteQuery) (plan.Rule, plan.Route) {
	return Of(v).decider(node, q)
}

// RefusalOf is the end that an error of RouteTo is.
func RefusalOf(v plan.View, node string, q plan.RouteQuery, err error) End {
	j := journey{Snapshot: Of(v)}
	return j.refusal(&Hop{Node: node, In: q.IIf, Query: q}, err)
}

// decider finds the route that decides about a packet, and the policy rule that
// leads to its table: the zero Rule is one of the kernel's own. Of a rule that
// refuses the route has no destination, and its Kind. The local table is left out, for
// it refuses nothing.
func (s *Snapshot) decider(node string, q plan.RouteQuery) (plan.Rule, plan.Route) {
	routes, err := s.Routes(node)
	if err != nil {
		return plan.Rule{}, plan.Route{}
	}
	q.Dst = q.Dst.WithZone("")
	for _, r := range s.policy(node, q) {
		if r.Kind != "" {
			return r, plan.Route{Kind: r.Kind}
		}
		if best, ok := longest(routes, r.Table, q); ok && best.Dst.Bits() >= r.Suppress {
			if r.Priority >= mainPriority || r.Table == s.vrfTable(node, q) {
				r = plan.Rule{}
			}
			return r, best
		}
	}
	return plan.Rule{}, plan.Route{}
}

// Suppressed is the first route that a packet would take if the policy rule that leads to its
// table did not leave out prefixes of its length (suppress_prefixlength).
func Suppressed(v plan.View, node string, q plan.RouteQuery) (rule plan.Rule, r plan.Route, ok bool) {
	s := Of(v)
	routes, err := s.Routes(node)
	if err != nil {
		return rule, r, false
	}
	for _, rule := range s.policy(node, q) {
		if best, found := longest(routes, rule.Table, q); rule.Kind == "" && found && best.Dst.Bits() < rule.Suppress {
			return rule, best, true
		}
	}
	return rule, r, false
}

// Orphan is the route of a node to an address that is in a table to which no policy rule
// leads, whatever the packet; ok is false for none.
func Orphan(v plan.View, node string, dst netip.Addr) (best plan.Route, ok bool) {
	s := Of(v)
	routes, err := s.Routes(node)
	rules, err2 := s.Rules(node)
	if err != nil || err2 != nil {
		return best, false
	}
	links, _ := s.Links(node)
	for _, r := range routes {
		led := func(rule plan.Rule) bool { return rule.Table == r.Table }
		if slices.ContainsFunc(links, func(l plan.Link) bool { return l.Table == r.Table && l.Kind == plan.VRF }) {
			continue
		}
		if r.Table == 0 || r.Table >= defaultTable && r.Table <= localTable || r.Kind != plan.Unicast || !r.Dst.Contains(dst) || slices.ContainsFunc(rules, led) {
			continue
		}
		if !ok || r.Dst.Bits() > best.Dst.Bits() {
			best, ok = r, true
		}
	}
	return best, ok
}

// policy are the rules that apply to a packet, in their order, the kernel's own
// included.
func (s *Snapshot) policy(node string, q plan.RouteQuery) []plan.Rule {
	rules, err := s.Rules(node)
	if err != nil {
		return nil
	}
	list := []plan.Rule{{Priority: mainPriority, Table: plan.MainTable}, {Priority: lastPriority, Table: defaultTable}}
	if table := s.vrfTable(node, q); table != 0 {
		list = append(list, plan.Rule{Priority: plan.VRFPriority, Table: table})
	}
	for _, r := range rules {
		if isFor(r, q) && r.Matches(q) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b plan.Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return list
}

// isFor reports whether a rule is of the family of a packet.
func isFor(r plan.Rule, q plan.RouteQuery) bool {
	return r.Is6() == q.Dst.Is6()
}

// Conditional is the first policy rule that applies to a packet if those of its conditions
// hold that are not evaluated; see [plan.Rule].
func Conditional(v plan.View, node string, q plan.RouteQuery) (plan.Rule, bool) {
	rules, err := v.Rules(node)
	if err != nil {
		return plan.Rule{}, false
	}
	i := slices.IndexFunc(rules, func(r plan.Rule) bool {
		return r.Other != "" && isFor(r, q) && r.MayMatch(q)
	})
	if i < 0 {
		return plan.Rule{}, false
	}
	return rules[i], true
}

// longest is the route of a table that the packet takes: the longest prefix, of
// these the lowest metric. A throw route is none.
func longest(routes []plan.Route, table int, q plan.RouteQuery) (best plan.Route, found bool) {
	for _, r := range routes {
		if tableOf(r) != table || !r.Dst.Contains(q.Dst) {
			continue
		}
		if !found || r.Dst.Bits() > best.Dst.Bits() || r.Dst.Bits() == best.Dst.Bits() && r.KernelMetric() < best.KernelMetric() {
			best, found = r, true
		}
	}
	return best, found && best.Kind != "throw"
}

// Thrown is the route of kind throw that ends the search in the table that decides about a
// packet; ok is false for none.
func Thrown(v plan.View, node string, q plan.RouteQuery) (r plan.Route, ok bool) {
	s := Of(v)
	routes, err := s.Routes(node)
	if err != nil {
		return r, false
	}
	for _, rule := range s.policy(node, q) {
		if best, _ := longest(routes, rule.Table, q); rule.Kind == "" && best.Kind == "throw" {
			return best, true
		}
	}
	return r, false
}

func tableOf(r plan.Route) int { return cmp.Or(r.Table, plan.MainTable) }

// badSource says why the source of a packet is not believed.
func (j *journey) badSource(h *Hop) End {
	e := BadSource{Node: h.Node, In: h.In, Src: h.Query.Src}
	if e.Own = j.isOwn(h.Node, e.Src); e.Own {
		return e
	}
	for _, scope := range []string{"all", plan.SettingName(h.In)} {
		if key := "net.ipv4.conf." + scope + ".rp_filter"; j.on(h.Node, key) {
			e.Key = key
			break
		}
	}
	if r, err := j.RouteTo(h.Node, plan.RouteQuery{Dst: e.Src}); err == nil && len(r.Hops) > 0 {
		e.Back = r.Hops[0].Dev
	}
	return e
}

package state

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// routeKey is what the kernel finds a route by; of those that have it in common, the
// first is used.
type routeKey struct {
	dst           netip.Prefix
	metric, table int
}

func keyOf(r plan.Route) routeKey { return routeKey{r.Dst.Masked(), r.KernelMetric(), r.Table} }

// sameRoute compares also whether the kernel made them, which String leaves out.
func sameRoute(a, b plan.Route) bool {
	return a.String() == b.String() && (a.Proto == plan.ProtoKernel) == (b.Proto == plan.ProtoKernel)
}

// routes deletes and adds routes, those to a destination in their order. What an interface
// that changes brings or takes away is left to the kernel.
func (d *differ) routes(now, want *Node) {
	unsettled := d.unsettled(now.Name)
	settled := func(list []plan.Route, ours bool) []plan.Route {
		return slices.DeleteFunc(slices.Clone(list), func(r plan.Route) bool {
			return (r.Proto == plan.ProtoKernel || !ours) && slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return unsettled[h.Dev] })
		})
	}
	is, wanted := settled(now.Routes, false), settled(want.Routes, true)
	var add []plan.Op
	for _, key := range keys(is, wanted) {
		a, b := withKey(is, key), withKey(wanted, key)
		n := common(a, b, sameRoute)
		for _, r := range slices.Backward(a[n:]) {
			d.do(plan.DelRoute{Node: now.Name, Route: r.Exact()})
		}
		for i, r := range b[n:] {
			if !d.reachable(now.Name, r) {
				continue
			}
			add = append(add, plan.AddRoute{Node: now.Name, Route: r, Append: n+i > 0})
		}
	}
	slices.SortStableFunc(add, func(a, b plan.Op) int { return cmp.Compare(gateways(a), gateways(b)) })
	d.do(add...)
}

// reachable reports whether all interfaces of a route are wanted, and can be.
func (d *differ) reachable(node string, r plan.Route) bool {
	return !slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool {
		l := d.want.Link(plan.Ref{Node: node, Link: h.Dev})
		return h.Dev != "" && (l == nil || d.before(l) == nil)
	})
}

// gateways orders routes: those to neighbours before those that lead through them.
func gateways(op plan.Op) int {
	if o, ok := op.(plan.AddRoute); ok && o.Route.HasGateway() {
		return 1
	}
	return 0
}

// unsettled are the interfaces of a node that ops so far make, delete, set up or down, or give
// and take addresses.
func (d *differ) unsettled(node string) map[string]bool {
	changed := map[string]bool{}
	mark := func(r plan.Ref) {
		if r.Node == node {
			changed[r.Link] = true
		}
	}
	for _, op := range d.ops {
		e := op.Effect()
		for _, l := range e.Links {
			mark(l.Ref())
		}
		for _, u := range slices.Concat(e.Added, e.Deleted) {
			mark(u.Ref)
		}
		for _, r := range append(slices.Clone(e.Gone), e.Of) {
			mark(r)
			if l := d.now.Link(r); l != nil && len(e.Gone) > 0 {
				mark(l.Peer)
			}
		}
	}
	return changed
}

func keys(lists ...[]plan.Route) []routeKey {
	var keys []routeKey
	seen := map[routeKey]bool{}
	for _, list := range lists {
		for _, r := range list {
			if key := keyOf(r); !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func withKey(list []plan.Route, key routeKey) []plan.Route {
	var of []plan.Route
	for _, r := range list {
		if keyOf(r) == key {
			of = append(of, r)
		}
	}
	return of
}

func (d *differ) delRules(now, want *Node) {
	for _, r := range slices.Backward(now.Rules) {
		if !slices.Contains(want.Rules, r) {
			d.do(plan.DelRule{Node: now.Name, Rule: r})
		}
	}
}

func (d *differ) addRules(now, want *Node) {
	for _, r := range want.Rules {
		if !slices.Contains(now.Rules, r) {
			d.do(plan.AddRule{Node: want.Name, Rule: r})
		}
	}
}

// settings writes those that differ, and of one family in a node those of the first rank
// only: they change others.
func (d *differ) settings(now, want *Node) {
	var ops []plan.SetSysctl
	for _, path := range slices.Sorted(maps.Keys(now.Settings)) {
		if _, kept := want.Settings[path]; kept || !d.hasScope(want, path) {
			continue
		}
		if value, known := d.now.Pristine.of(path); known {
			ops = append(ops, plan.SetSysctl{Node: now.Name, Key: dotted(path), Value: value, Was: now.Settings[path]})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(want.Settings)) {
		if !d.hasScope(now, path) {
			continue // a new interface takes those of others first
		}
		value := want.Settings[path]
		was, differs := now.Settings[path]
		if !differs {
			was, _ = d.now.Pristine.of(path)
		}
		if !sameValue(was, value) {
			ops = append(ops, plan.SetSysctl{Node: now.Name, Key: dotted(path), Value: value, Was: was})
		}
	}
	least := map[bool]int{}
	for _, op := range ops {
		six := strings.Contains(op.Key, "ipv6")
		if r, known := least[six]; !known || rank(op.Key) < r {
			least[six] = rank(op.Key)
		}
	}
	for _, op := range ops {
		if rank(op.Key) == least[strings.Contains(op.Key, "ipv6")] {
			d.do(op)
		}
	}
}

// sameValue compares values as the kernel reads them: by their words.
func sameValue(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// hasScope reports whether a node has the interface of a setting.
func (d *differ) hasScope(n *Node, path string) bool {
	parts := strings.Split(path, "/")
	return len(parts) != 5 || parts[3] == "all" || parts[3] == "default" || n.link(parts[3]) != nil
}

// rank is [plan.SettingRank]; settings that have no interfaces come first.
func rank(key string) int {
	path := "/" + settingPath(key)
	if !strings.Contains(path, "/conf/") {
		return 0
	}
	return plan.SettingRank(path)
}

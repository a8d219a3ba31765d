package restore

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// routeKey is what the kernel finds a route by; of those that have it in common, the
// first is used.
type routeKey struct {
	dst           netip.Prefix
	metric, table int
}

func keyOf(r plan.Route) routeKey { return routeKey{r.Dst.Masked(), r.KernelMetric(), r.Table} }

func sameRoute(a, b plan.Route) bool { return a.String() == b.String() && a.Proto == b.Proto }

// restoreRoutes adds the routes that are missing, and puts those to one destination in
// their order.
func (n node) restoreRoutes(v plan.View, apply func(plan.Op) error) error {
	routes, err := v.Routes(n.name)
	if err != nil {
		return err
	}
	now := byKey(routes)
	was := byKey(n.routes)
	errs := n.dropRoutesOfAddrs(routes, was, apply)
	var missing []plan.Op
	for _, r := range n.routes {
		key := keyOf(r)
		list := was[key]
		if len(list) == 0 {
			continue // done with the first of its key
		}
		delete(was, key)
		have := slices.DeleteFunc(now[key], func(r plan.Route) bool {
			return !slices.ContainsFunc(list, func(w plan.Route) bool { return sameRoute(r, w) })
		})
		same := common(list, have, sameRoute)
		for _, r := range slices.Backward(have[same:]) {
			errs = append(errs, apply(plan.DelRoute{Node: n.name, Route: r.Exact()}))
		}
		for i, r := range list[same:] {
			missing = append(missing, plan.AddRoute{Node: n.name, Route: r, Append: same+i > 0})
		}
	}
	return errors.Join(append(errs, addRoutes(v, missing, apply))...)
}

// dropRoutesOfAddrs deletes the routes that the kernel has added for addresses, which
// restoreAddrs has added again, where there were none: it adds none for those that it gives
// an interface by itself (init_loopback, net/ipv6/addrconf.c).
func (n node) dropRoutesOfAddrs(now []plan.Route, was map[routeKey][]plan.Route, apply func(plan.Op) error) (errs []error) {
	for _, r := range now {
		if r.Proto != plan.ProtoKernel || len(r.Hops) != 1 || len(was[keyOf(r)]) > 0 {
			continue
		}
		if slices.ContainsFunc(n.links, func(l plan.Link) bool {
			return l.Name == r.Hops[0].Dev && slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return a.Masked() == r.Dst })
		}) {
			errs = append(errs, apply(plan.DelRoute{Node: n.name, Route: r.Exact()}))
		}
	}
	return errs
}

func byKey(routes []plan.Route) map[routeKey][]plan.Route {
	m := map[routeKey][]plan.Route{}
	for _, r := range routes {
		m[keyOf(r)] = append(m[keyOf(r)], r)
	}
	return m
}

// addRoutes adds routes, those to neighbours before those that lead through them.
func addRoutes(v plan.View, ops []plan.Op, apply func(plan.Op) error) error {
	var errs []error
	through := func(op plan.Op) bool {
		return op.(plan.AddRoute).Route.HasGateway()
	}
	for _, later := range []bool{false, true} {
		for _, op := range ops {
			if o := op.(plan.AddRoute); through(op) == later {
				errs = append(errs, addRoute(v, o, apply))
			}
		}
	}
	return errors.Join(errs...)
}

// addRoute adds a route. The kernel keeps one whose gateway is on no link any more, but
// does not add it: such a gateway gets a route of its own for a moment. Ways over
// interfaces that are down cannot be added.
func addRoute(v plan.View, o plan.AddRoute, apply func(plan.Op) error) error {
	hops := o.Route.Hops
	o.Route.Hops = slices.DeleteFunc(slices.Clone(hops), func(h plan.NextHop) bool {
		l, err := v.Link(o.Node, h.Dev)
		return h.Dev != "" && (err != nil || !l.Up)
	})
	if len(hops) > 0 && len(o.Route.Hops) == 0 {
		return nil
	}
	err := apply(o)
	if !errors.Is(err, syscall.ENETUNREACH) && !errors.Is(err, syscall.EHOSTUNREACH) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	var temp []plan.Op
	for _, h := range o.Route.Hops {
		if h.Via.IsValid() {
			temp = append(temp, plan.AddRoute{Node: o.Node, Route: plan.ToGateway(h)})
		}
	}
	for _, op := range temp {
		_ = apply(op) // what matters is whether the route can be added now
	}
	err = apply(o)
	for _, op := range plan.InverseOf(temp) {
		_ = apply(op)
	}
	return err
}

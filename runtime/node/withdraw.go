package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/kernel"
	"nsl/runtime/plan"
)

// advertised are the addresses that hosts had of a prefix when a router began to advertise
// it, by service.
type advertised struct {
	mu     sync.Mutex
	before map[advertiser][]plan.AddrUse
}

type advertiser struct {
	home kernel.ID
	id   string
}

// begin notes what is there already, unless the end of the advertisements is undone.
func (a *advertised) begin(n *State, r *running) {
	s, ok := r.Service.(plan.RA)
	if !ok || s.Undo {
		s.Undo = false
		if ok {
			r.Service = s
		}
		return
	}
	list, _ := n.slaac(s) // what cannot be read is not deleted either
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.before == nil {
		a.before = map[advertiser][]plan.AddrUse{}
	}
	var before []plan.AddrUse
	for _, h := range list {
		before = append(before, h.AddrUse)
	}
	a.before[advertiser{r.ns.ID, r.ID}] = before
}

// forget drops what belongs to namespaces that end.
func (a *advertised) forget(ids []kernel.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.before, func(k advertiser, _ []plan.AddrUse) bool { return slices.Contains(ids, k.home) })
}

func (a *advertised) had(r *running, u plan.AddrUse) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Contains(a.before[advertiser{r.ns.ID, r.ID}], u)
}

// hostAddr is an address that a host has made of an advertised prefix.
type hostAddr struct {
	plan.AddrUse
	plan.AddrOptions
}

// slaac are those of all nodes.
func (n *State) slaac(s plan.RA) (list []hostAddr, err error) {
	nodes, err := n.kernel.Nodes()
	errs := []error{err}
	for _, node := range append(nodes, plan.Host) {
		links, err := n.kernel.Links(node)
		errs = append(errs, err)
		for _, l := range links {
			for _, a := range l.Special {
				if s.From(a) {
					list = append(list, hostAddr{plan.AddrUse{Ref: l.Ref(), Addr: a.Addr}, a.AddrOptions})
				}
			}
		}
	}
	return list, errors.Join(errs...)
}

// endOf ends a service. Where advertisements are undone, hosts lose the addresses that they
// have made since, and the default route: Linux would keep addresses for two hours more,
// whatever is advertised (RFC 4862, section 5.5.3).
func (n *State) endOf(r *running, o plan.Stop) error {
	errs := []error{n.services.end(r)}
	s, ok := o.Service.(plan.RA)
	if !ok || !s.Undo {
		return errors.Join(errs...)
	}
	list, err := n.slaac(s)
	errs = append(errs, err)
	for _, h := range list {
		if !n.advertised.had(r, h.AddrUse) {
			op := plan.DelAddr{Node: h.Node, Link: h.Link, Addr: h.Addr, AddrOptions: h.AddrOptions}
			errs = append(errs, n.kernel.Apply(context.Background(), op))
		}
	}
	return errors.Join(append(errs, n.forgetRouter(o.Node, s.Link))...)
}

// forgetRouter deletes the routes that advertisements of a router brought.
func (n *State) forgetRouter(router, link string) error {
	l, err := n.kernel.Link(router, link)
	if err != nil {
		return nil //nolint:nilerr // the routes went with the cable
	}
	nodes, err := n.kernel.Nodes()
	errs := []error{err}
	for _, node := range append(nodes, plan.Host) {
		routes, err := n.kernel.Routes(node)
		errs = append(errs, err)
		for _, route := range routes {
			if route.Advertised && len(route.Hops) == 1 && plan.HasAddr(l, route.Hops[0].Via) {
				err := n.kernel.Apply(context.Background(), plan.DelRoute{Node: node, Route: route.Exact()})
				if !errors.Is(err, unix.ESRCH) {
					errs = append(errs, err)
				}
			}
		}
	}
	return errors.Join(errs...)
}

package path

import (
	"cmp"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// Snapshot answers each question about a lab once, so that walks which ask the
// same again cost little. It holds only as long as the lab does not change, and
// is for one goroutine.
type Snapshot struct {
	plan.View
	nodes answer[[]string]
	links map[string]answer[[]plan.Link]
	// named are the places of a node's interfaces in the list of them, by their names.
	named   map[string]map[string]int
	peers   map[plan.Ref]answer[plan.Ref]
	routes  map[routeKey]answer[plan.Route]
	sysctls map[settingKey]answer[string]
	nft     map[string]answer[plan.NftState]
	tables  map[string]answer[[]plan.Neighbour]
	filters map[string]answer[plan.Ruleset]
	queues  map[string]answer[[]plan.Qdisc]
	rules   map[string]answer[[]plan.Rule]
	entries map[string]answer[[]plan.ForwardEntry]
	// uppers are the interfaces by their lower device; nil until it is needed.
	uppers map[plan.Ref][]plan.Link
	// outer are what became of the packets of tunnels that were followed.
	outer map[tunnelKey]carrier
	// domains are the segments that were found, by their interfaces.
	domains map[plan.Ref]*domain
}

type (
	routeKey struct {
		node string
		q    plan.RouteQuery
	}
	settingKey struct{ node, key string }
	tunnelKey  struct {
		tunnel plan.Ref
		remote netip.Addr
	}
)

// answer is an answer that was given.
type answer[T any] struct {
	value T
	err   error
	known bool
}

// once gives the answer to a question that may have been asked before.
func once[K comparable, T any](m map[K]answer[T], key K, ask func() (T, error)) (T, error) {
	a, ok := m[key]
	if !ok {
		a.value, a.err = ask()
		m[key] = a
	}
	return a.value, a.err
}

// Of is a snapshot of a lab; of one that is a snapshot already, or has one, it is
// that.
func Of(v plan.View) *Snapshot {
	switch s := v.(type) {
	case *Snapshot:
		return s
	case interface{ Snapshot() *Snapshot }:
		return s.Snapshot()
	}
	return &Snapshot{View: v, links: map[string]answer[[]plan.Link]{}, named: map[string]map[string]int{}, peers: map[plan.Ref]answer[plan.Ref]{},
		routes: map[routeKey]answer[plan.Route]{}, sysctls: map[settingKey]answer[string]{}, nft: map[string]answer[plan.NftState]{},
		tables: map[string]answer[[]plan.Neighbour]{}, filters: map[string]answer[plan.Ruleset]{}, queues: map[string]answer[[]plan.Qdisc]{},
		rules: map[string]answer[[]plan.Rule]{}, entries: map[string]answer[[]plan.ForwardEntry]{}, domains: map[plan.Ref]*domain{}, outer: map[tunnelKey]carrier{}}
}

// Nodes asks the lab once.
func (s *Snapshot) Nodes() ([]string, error) {
	if !s.nodes.known {
		s.nodes.value, s.nodes.err = s.View.Nodes()
		s.nodes.known = true
	}
	return s.nodes.value, s.nodes.err
}

// Links asks the lab once.
func (s *Snapshot) Links(node string) ([]plan.Link, error) {
	return once(s.links, node, func() ([]plan.Link, error) { return s.View.Links(node) })
}

// Link is one of Links.
func (s *Snapshot) Link(node, name string) (plan.Link, error) {
	links, err := s.Links(node)
	if err != nil {
		return plan.Link{}, err
	}
	if s.named[node] == nil {
		s.named[node] = make(map[string]int, len(links))
		for i, l := range links {
			s.named[node][l.Name] = i
		}
	}
	if i, ok := s.named[node][name]; ok {
		return links[i], nil
	}
	return s.View.Link(node, name) // which says that there is none
}

// Peer asks the lab once.
func (s *Snapshot) Peer(node, link string) (plan.Ref, error) {
	return once(s.peers, plan.Ref{Node: node, Link: link}, func() (plan.Ref, error) { return s.View.Peer(node, link) })
}

// RouteTo asks the lab once.
func (s *Snapshot) RouteTo(node string, q plan.RouteQuery) (plan.Route, error) {
	return once(s.routes, routeKey{node, q}, func() (plan.Route, error) { return s.View.RouteTo(node, q) })
}

// Sysctl asks the lab once.
func (s *Snapshot) Sysctl(node, key string) (string, error) {
	return once(s.sysctls, settingKey{node, key}, func() (string, error) { return s.View.Sysctl(node, key) })
}

// Nft asks the lab once.
func (s *Snapshot) Nft(node string) (plan.NftState, error) {
	return once(s.nft, node, func() (plan.NftState, error) { return s.View.Nft(node) })
}

// Neighbours asks the lab once.
func (s *Snapshot) Neighbours(node string) ([]plan.Neighbour, error) {
	return once(s.tables, node, func() ([]plan.Neighbour, error) { return s.View.Neighbours(node) })
}

// Forwarding asks the lab once.
func (s *Snapshot) Forwarding(node string) ([]plan.ForwardEntry, error) {
	return once(s.entries, node, func() ([]plan.ForwardEntry, error) { return s.View.Forwarding(node) })
}

// Ruleset asks the lab once.
func (s *Snapshot) Ruleset(node string) (plan.Ruleset, error) {
	return once(s.filters, node, func() (plan.Ruleset, error) { return s.View.Ruleset(node) })
}

// Qdiscs asks the lab once.
func (s *Snapshot) Qdiscs(node string) ([]plan.Qdisc, error) {
	return once(s.queues, node, func() ([]plan.Qdisc, error) { return s.View.Qdiscs(node) })
}

// Rules asks the lab once.
func (s *Snapshot) Rules(node string) ([]plan.Rule, error) {
	return once(s.rules, node, func() ([]plan.Rule, error) { return s.View.Rules(node) })
}

// eachLink calls f with all interfaces of the lab, until it returns false.
func (s *Snapshot) eachLink(f func(plan.Link) bool) bool {
	nodes, err := plan.AllNodes(s)
	if err != nil {
		return true
	}
	for _, node := range nodes {
		links, err := s.Links(node)
		if err != nil {
			continue
		}
		for _, l := range links {
			if !f(l) {
				return false
			}
		}
	}
	return true
}

// owners are the interfaces of the lab that have an address.
func (s *Snapshot) owners(a netip.Addr) []plan.Ref {
	var list []plan.Ref
	s.eachLink(func(l plan.Link) bool {
		if has(l, a) {
			list = append(list, l.Ref())
		}
		return true
	})
	return list
}

// eachUpper calls f with the interfaces whose lower device is one, until it
// returns false.
func (s *Snapshot) eachUpper(lower plan.Ref, f func(plan.Link) bool) bool {
	if s.uppers == nil {
		s.uppers = map[plan.Ref][]plan.Link{}
		s.eachLink(func(l plan.Link) bool {
			if l.Lower.Link != "" {
				s.uppers[l.Lower] = append(s.uppers[l.Lower], l)
			}
			return true
		})
	}
	for _, u := range s.uppers[lower] {
		if !f(u) {
			return false
		}
	}
	return true
}

// has reports whether an interface has an address.
func has(l plan.Link, a netip.Addr) bool {
	for _, p := range l.Addrs {
		if p.Addr() == a {
			return true
		}
	}
	return false
}

// isOwn reports whether an address is the node's own, whatever interface has it.
func (s *Snapshot) isOwn(node string, a netip.Addr) bool {
	if s.isOwnIn(node, "", a) {
		return true
	}
	links, err := s.Links(node)
	return err == nil && slices.ContainsFunc(links, func(l plan.Link) bool {
		return l.Kind == plan.VRF && s.isOwnIn(node, l.Name, a)
	})
}

// isOwnIn reports whether an address is the node's own in a VRF of it, or in none ("").
func (s *Snapshot) isOwnIn(node, vrf string, a netip.Addr) bool {
	r, err := s.RouteTo(node, plan.RouteQuery{Dst: a, OIf: vrf})
	return err == nil && r.Kind == "local"
}

// vrfTable is the table of the VRF that a packet is in: that of the interface by which it has to
// leave, or else came in; 0 for none.
func (s *Snapshot) vrfTable(node string, q plan.RouteQuery) int {
	l, err := s.Link(node, cmp.Or(q.Out(), q.IIf))
	if err == nil && l.VRF != "" {
		l, err = s.Link(node, l.VRF)
	}
	if err != nil {
		return 0
	}
	return l.Table
}

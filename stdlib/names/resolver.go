package names

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// resolver is the statement resolver.
type resolver struct {
	Nodes   syntax.NodeSet    `parser:"'resolver' @@"`
	None    *syntax.Keyword   `parser:"( (?= 'none') @@"`
	Servers *syntax.TargetSet `parser:"| '->' @@"`
	Search  []syntax.Domain   `parser:"('search' ('<' @@+ '>' | @@))? )"`
}

// Resolver is the verb resolver.
func Resolver() *verb.Verb {
	return verb.Define[resolver](verb.Spec{
		Name:    "resolver",
		Summary: "say which name servers a node asks: its /etc/resolv.conf",
		Usage:   []string{"resolver NODE|<NODE…>|* -> SERVER|<SERVER…> [search DOMAIN|<DOMAIN…>]", "resolver NODE|<NODE…>|* none"},
		Doc: `A server is an address, or a node that ` + "`dns`" + ` or a program answers in. They are asked in
their order, the next one only when the one before does not answer. Names that
are not found as written are tried with the domains after ` + "`search`" + `.

A node without a resolver of its own asks the name servers of the host, as with
` + "`ip netns exec`" + `; ` + "`none`" + ` restores that. ` + "`dns`, `dhcp` and `internet`" + ` set resolvers by themselves.`,
		Examples: []verb.Example{
			{Note: "A server two routers away.", Code: `ns red r1 ns1
link red <-> r1 10.0.1.0/24
link r1 <-> ns1 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route ns1 default via 10.0.2.1
dns ns1 { www.example.com 192.0.2.80 }
expect not dns red -> www.example.com
resolver red -> ns1 search example.com
expect dns red -> www is 192.0.2.80
`},
		},
	})
}

// Plan writes the files.
func (r *resolver) Plan(p *verb.Plan) {
	nodes, err := r.nodes(p)
	p.Err(p.At, err)
	for _, node := range nodes {
		next := plan.Resolver{}
		for _, d := range r.Search {
			next.Search = append(next.Search, d.Name())
		}
		if r.Servers != nil {
			next.Servers = r.addresses(p, node)
		}
		setResolver(p, p.At, node, next)
	}
}

// nodes are those whose resolver is set; each must be there.
func (r *resolver) nodes(p *verb.Plan) ([]string, error) {
	if r.Nodes.All != nil {
		return p.Nodes()
	}
	var nodes []string
	for _, ref := range r.Nodes.Refs() {
		if node, ok := p.Node(ref); ok && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	return nodes, nil
}

// addresses are those under which a node asks the servers.
func (r *resolver) addresses(p *verb.Plan, node string) []netip.Addr {
	targets, err := lab.Targets(p, *r.Servers)
	p.Err(p.At, err)
	var addrs []netip.Addr
	for i, t := range targets {
		a, answer := t.AddressFor(p, node)
		if answer != nil {
			at := p.At
			if words := r.Servers.Targets(); i < len(words) {
				at = words[i].Span
			}
			p.Fail(diag.Errorf(diag.NoAddress, at, "%s has no address, so it cannot be asked", t.Text).
				WithHelp("%s", answer.Fix))
			continue
		}
		addrs = append(addrs, a)
	}
	return addrs
}

// setResolver writes a node's resolv.conf where it says something else.
func setResolver(p *verb.Plan, at source.Span, node string, next plan.Resolver) {
	was, err := lab.OwnResolver(p, node)
	p.Err(at, err)
	if err == nil && !lab.SameResolver(was, next) {
		p.Do(at, plan.SetResolver{Node: node, Resolver: next, Was: was})
	}
}

// asksHere makes a node that has become a name server the resolver of those on
// its subnets that have none, and its own.
func asksHere(p *verb.Plan, at source.Span, server, domain string) {
	book, err := p.Book()
	if err != nil {
		p.Err(at, err)
		return
	}
	var search []string
	if domain != "" {
		search = []string{domain}
	}
	addrs := map[string]netip.Addr{server: netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	nodes := []string{server}
	theirs, snap := lab.OfNode(book.All(), server), path.Of(p)
	for _, six := range []bool{false, true} {
		for _, u := range book.All() {
			i := slices.IndexFunc(theirs, func(s plan.AddrUse) bool {
				return s.Addr.Addr().Is6() == six && lab.Shares(snap, s, u)
			})
			if i >= 0 && !addrs[u.Node].IsValid() {
				addrs[u.Node] = theirs[i].Addr.Addr()
				nodes = append(nodes, u.Node)
			}
		}
	}
	for _, node := range nodes {
		own, err := lab.OwnResolver(p, node)
		p.Err(at, err)
		if len(own.Servers) == 0 {
			setResolver(p, at, node, plan.Resolver{Servers: []netip.Addr{addrs[node]}, Search: search})
		}
	}
}

package names

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// internet is the statement internet.
type internet struct {
	Word  syntax.Keyword  `parser:"(?= 'internet') @@"`
	Iface *syntax.IfName  `parser:"((?! 'as' | '<' | '{') @@)?"`
	Only  *internetList   `parser:"@@?"`
	As    *syntax.NewName `parser:"('as' @@)?"`
	Lines []dnsRecord     `parser:"('{' (@@ ';')* '}')?"`
}

// internetList are the services that the outside has.
type internetList struct {
	Services []syntax.Free `parser:"'<' @@* '>'"`
}

// The outside's own network: one of those that documents use for the public
// internet (RFC 5737, RFC 3849).
const (
	outsideNet4, outsideNet6   = "203.0.113.0/24", "2001:db8:113::/64"
	outsideHost4, outsideHost6 = "203.0.113.2/24", "2001:db8:113::2/64"
	outsideOwn4, outsideOwn6   = "203.0.113.1/24", "2001:db8:113::1/64"
	// outsideNames is where names get addresses that have none (RFC 5737).
	outsideNames = "198.51.100.0/24"
)

// publicResolvers are the addresses of the two public name servers that labs
// usually ask, and their names.
func publicResolvers() []publicName {
	return []publicName{
		{"dns.google", []string{"8.8.8.8", "2001:4860:4860::8888"}},
		{"one.one.one.one", []string{"1.1.1.1", "2606:4700:4700::1111"}},
	}
}

// publicExample is the name that is there when a script gives none.
func publicExample() publicName {
	return publicName{"example.com", []string{"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"}}
}

type publicName struct {
	name  string
	addrs []string
}

func (n publicName) record() outsideName {
	o := outsideName{name: n.name}
	for _, a := range n.addrs {
		o.addrs = append(o.addrs, netip.MustParseAddr(a))
	}
	return o
}

const internetName = "internet"

// Internet is the verb internet.
func Internet() *verb.Verb {
	return verb.Define[internet](verb.Spec{
		Name:    "internet",
		Summary: "a stand-in for the outside: 8.8.8.8, 1.1.1.1, names and web pages, all in the lab",
		Usage:   []string{"internet [IFACE] [<dns web>] [as NAME] [{ NAME [ADDR…] ; … }]"},
		Lines:   true,
		Doc: `Makes a node ` + "`internet`" + ` (` + "`as`" + ` gives it another name) on a cable to the host, which gets
its default routes there. IFACE is the host's interface, if it is to have another name than
` + "`veth-host`" + `: with ` + "`internet eth0`" + ` the commands of texts work that take an ` + "`eth0`" + ` for granted. No packet ever leaves the lab. The host is 203.0.113.2 and
2001:db8:113::2 on that cable, the outside .1 and ::1.

It answers as the real ones would, with ICMP, DNS and HTTP, for

- 8.8.8.8, 1.1.1.1, 2001:4860:4860::8888 and 2606:4700:4700::1111;
- the addresses of the names in the block. A name without one gets the next of 198.51.100.0/24.
  Other records are written as for ` + "`dns`" + `. Without a block there is example.com (93.184.215.14).

All other names do not exist (NXDOMAIN). ` + "`<dns>` or `<web>`" + ` alone starts only that, ` + "`<>`" + ` only
ICMP. With dns, the host asks 8.8.8.8 from now on, and so does every node that has no name
server of its own.

The outside has no route to the lab's private subnets, as in real life: a ping gets an
answer only through ` + "`nat`" + `. It can also be a client of what the lab publishes.`,
		Examples: []verb.Example{
			{Note: "Why a private subnet needs nat.", Code: `ns red
bridge v-net-0 <red> 192.168.15.0/24
internet
forward host
route red default via 192.168.15.254
expect not ping red -> 8.8.8.8
nat 192.168.15.0/24
expect ping red -> <8.8.8.8 1.1.1.1>
expect dns red -> example.com
expect not dns red -> no.such.example
`},
			{Note: "The uplink that a text takes for granted.", Code: `ns red
bridge v-net-0 <red> 192.168.15.0/24
internet eth0
route red default via 192.168.15.254
sysctl -w net.ipv4.ip_forward=1
nat 192.168.15.0/24 out eth0
expect link eth0 up
expect ping red -> 8.8.8.8
`},
			{Note: "Names of one's own, and the outside as a client.", Code: `ns web
link host <-> web 10.0.0.0/24
internet as outside {
  news.example
  shop.example 192.0.2.7 2001:db8:5::7
  www.shop.example cname shop.example
}
expect dns host -> www.shop.example is <192.0.2.7 2001:db8:5::7>
expect dns host -> news.example is 198.51.100.1
expect ping host -> 192.0.2.7
expect ping outside -> host
`},
		},
	})
}

// Check finds services that there are not, and records that exclude each other.
func (n *internet) Check() diag.List {
	var list diag.List
	if n.Only != nil {
		for _, s := range n.Only.Services {
			if !s.Dynamic && s.Value != "dns" && s.Value != "web" {
				list.Add(diag.Errorf(diag.BadWord, s.Span, "the outside has no service %q", s.Value).
					WithHelp("it has dns and web: internet <dns web>; others are started with serve or spawn"))
			}
		}
	}
	return append(list, clashes(n.Lines)...)
}

// has reports whether a service is wanted.
func (n *internet) has(service string) bool {
	return n.Only == nil || slices.ContainsFunc(n.Only.Services, func(s syntax.Free) bool { return s.Value == service })
}

// Plan makes the node, its addresses, the host's way there, and the servers.
func (n *internet) Plan(p *verb.Plan) {
	name := syntax.NewName{Text: n.Word.Text}
	name.Value = internetName
	if n.As != nil {
		name = *n.As
	}
	if d := n.possible(p, name); d != nil {
		p.Fail(d)
		return
	}
	names := n.names(p)
	if p.Failed() {
		return
	}
	lab.AddNode(p, name)
	n.cable(p, name.Value)
	for _, a := range addressesOf(names) {
		p.Do(p.At, plan.AddAddr{Node: name.Value, Link: plan.Loopback, Addr: netip.PrefixFrom(a, a.BitLen())})
	}
	if n.has("dns") {
		p.Do(p.At, plan.Start{Node: name.Value, ID: "dns:53", Service: n.dns(names)})
		n.resolver(p)
	}
	if n.has("web") {
		p.Do(p.At, plan.Start{Node: name.Value, ID: "http:80", Service: plan.HTTP{Port: lab.HTTPPort}})
	}
}

// possible reports what keeps the outside from being made.
func (n *internet) possible(p *verb.Plan, name syntax.NewName) *diag.Diagnostic {
	if has, err := p.HasNode(name.Value); err == nil && has {
		return diag.NodeTaken(diag.NotOutside, name.Span, name.Value).
			WithHelp("one outside is enough; if it is a node of your own, give the outside another name: internet as outside")
	}
	if n.Iface != nil {
		if _, err := p.Link(plan.Host, n.Iface.Value); err == nil {
			return diag.LinkTaken(n.Iface.Span, plan.Host, n.Iface.Value)
		}
	}
	book, err := p.Book()
	p.Err(p.At, err)
	if err != nil {
		return nil
	}
	for _, net := range []string{outsideNet4, outsideNet6} {
		if prefix := netip.MustParsePrefix(net); !book.Free(prefix) {
			return diag.Errorf(diag.NotOutside, p.At, "%s, the outside's own subnet, is in use", prefix).
				WithHelp("is the outside there already? show addrs; otherwise number your own nodes from 192.168.0.0/16 or 10.0.0.0/8")
		}
	}
	return nil
}

// cable connects the outside with the host, which sends everything there that
// it knows no better way for.
func (n *internet) cable(p *verb.Plan, name string) {
	outer := &lab.Port{Ref: plan.Ref{Node: name, Link: lab.CableName(p, name, name, "")}, Addrs: mustPrefixes(outsideOwn4, outsideOwn6)}
	own := lab.CableName(p, plan.Host, plan.Host, "")
	if n.Iface != nil {
		own = n.Iface.Value
	}
	inner := &lab.Port{Ref: plan.Ref{Node: plan.Host, Link: own}, Addrs: mustPrefixes(outsideHost4, outsideHost6)}
	p.Do(p.At, plan.AddVeth{A: plan.LinkEnd{Node: inner.Node, Name: inner.Link}, B: plan.LinkEnd{Node: outer.Node, Name: outer.Link}})
	p.Do(p.At, append(inner.Ops(), outer.Ops()...)...)
	p.Do(p.At, inner.Up(), outer.Up())
	for _, gateway := range outer.Addrs {
		via := gateway.Addr()
		if !lab.HasDefaultRoute(p, plan.Host, via.Is6()) {
			p.Do(p.At, plan.AddRoute{Node: plan.Host, Route: plan.Route{
				Dst: lab.Anywhere(via.Is6()), Hops: []plan.NextHop{{Via: via, Dev: inner.Link}}}})
		}
	}
}

func mustPrefixes(list ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(list))
	for i, text := range list {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}

// resolver makes the host ask 8.8.8.8 if it has no name server, in a lab of IPv6
// its IPv6 address.
func (n *internet) resolver(p *verb.Plan) {
	own, err := lab.OwnResolver(p, plan.Host)
	p.Err(p.At, err)
	if err == nil && len(own.Servers) == 0 {
		next := slices.DeleteFunc(publicResolvers()[0].record().addrs, func(a netip.Addr) bool {
			return a.Is6() && !p.Auto().V6 || a.Is4() && p.Auto() == (verb.Auto{V6: true})
		})
		p.Do(p.At, plan.SetResolver{Node: plan.Host, Resolver: plan.Resolver{Servers: next, Search: own.Search}, Was: own})
	}
}

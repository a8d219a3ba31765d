package services

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// dhcp is the statement dhcp, of a server or of clients.
type dhcp struct {
	Server  *dhcpServer       `parser:"'dhcp' ( 'serve' @@"`
	Relay   *dhcpRelay        `parser:"| 'relay' @@"`
	Clients []syntax.Endpoint `parser:"| '<' @@+ '>' | @@ )"`
}

// dhcpServer is dhcp serve.
type dhcpServer struct {
	At   syntax.Endpoint   `parser:"@@"`
	Pool *syntax.AddrRange `parser:"@@?"`
	Opts []dhcpOption      `parser:"@@*"`
}

// dhcpOption is one option of dhcp serve; the words may be none.
type dhcpOption struct {
	Router *syntax.Free   `parser:"  'router' @@"`
	DNS    []syntax.Free  `parser:"| 'dns' ( '<' @@+ '>' | @@ )"`
	Domain *syntax.Domain `parser:"| 'domain' @@"`
	Host   *dhcpHost      `parser:"| 'host' @@"`
	Subnet *dhcpSubnet    `parser:"| 'subnet' @@"`
}

// dhcpHost is an address that is reserved.
type dhcpHost struct {
	MAC  *syntax.MAC      `parser:"( @@"`
	Node *syntax.Endpoint `parser:"| @@ )"`
	Addr syntax.Address   `parser:"@@"`
}

// dhcpSubnet is a subnet on which a relay is.
type dhcpSubnet struct {
	Net  syntax.Subnet     `parser:"@@"`
	Pool *syntax.AddrRange `parser:"@@?"`
}

// dhcpSpelling answers dhcp on r1, which is a server.
func dhcpSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if len(tokens) != 3 || !tokens[1].Is("on") || tokens[2].Dynamic {
		return nil
	}
	text := "dhcp serve " + tokens[2].Text
	return diag.UnexpectedWord(tokens[1].Span, "dhcp", "on").WithHelp("did you mean: %s", text).WithFix(tokens[0].Span.To(tokens[2].Span), "", text)
}

// DHCP is the verb dhcp.
func DHCP() *verb.Verb {
	return verb.Define[dhcp](verb.Spec{
		Name:     "dhcp",
		Spelling: dhcpSpelling,
		Summary:  "lend addresses to a segment, or ask for one",
		Usage: []string{
			"dhcp NODE[:IFACE]|<NODE[:IFACE]…>",
			"dhcp serve NODE[:IFACE] [FIRST..LAST] [router ADDR|none] [dns ADDR|<ADDR…>|none] [domain NAME]",
			"dhcp serve … [host MAC|NODE[:IFACE] ADDR]… [subnet SUBNET [FIRST..LAST]]…",
			"dhcp relay NODE[:IFACE] -> ADDR|NODE|<ADDR…>",
		},
		Doc: `Both sides are real, IPv4 (RFC 2131), and work with other programs (dhclient,
udhcpc, dnsmasq) as with each other.

` + "`dhcp serve`" + ` starts a server on one interface, which needs an address: its subnet is the
one that is served. It lends FIRST to LAST, or .100 to .199 if none are given (in a subnet smaller
than that, all), but no address that a node has already. It gives its clients

- the router: the server itself, if ` + "`router`" + ` names no other;
- the name servers: itself if ` + "`dns`" + ` runs in the same node, else those that its node asks;
- the domain, when ` + "`domain`" + ` names one or ` + "`dns`" + ` has one.

` + "`none`" + ` leaves an option out. With ` + "`host`" + ` a client always gets the same address, and no other client
gets that one: it is known by its hardware address, or by the interface that has it. The address
may be outside of FIRST to LAST.

` + "`dhcp relay`" + ` passes what the clients on an interface ask on to a server elsewhere, and the answers
back. The server knows the subnet by the relay's address: ` + "`subnet`" + ` says what it lends there, .100 to
.199 if no addresses are given, with the relay as the router. Its own subnet it serves then only
if FIRST..LAST are given. Relay and server need routes to each other.

` + "`kill r1 dhcp`" + ` ends the server; its clients keep their leases.

` + "`dhcp red`" + ` asks for an address and waits for it, 5 seconds at most. The interface is set up; an
automatic address is removed; red gets the address, the default route if it has none, and
the resolver. Without an interface's name it is the only one red has. A lease lasts a week
and is not renewed. When a test block ends, red releases the address.

For IPv6 there is no DHCP: write addresses with ` + "`addr`" + `, or use automatic ones (` + "`auto dual`" + `).`,
		Examples: dhcpExamples(),
	})
}

func dhcpExamples() []verb.Example {
	return []verb.Example{
		{Note: "A router that hands out addresses, itself as the way out, and names.", Code: `ns red blue r1
bridge r1:br0 <red blue> noaddr
addr r1:br0 10.0.0.254/24
dns r1
dhcp serve r1:br0 10.0.0.100..10.0.0.150
dhcp <red blue>
expect addr red 10.0.0.100
expect addr blue 10.0.0.101
expect route red -> 192.0.2.1 via 10.0.0.254
expect dns red -> blue.lab is 10.0.0.101
expect ping red -> blue
`},
		{Note: "A printer that always has the same address.", Code: `ns red printer r1
bridge r1:br0 <red printer> noaddr
addr r1:br0 10.0.0.254/24
mac red 02:00:00:00:00:07
dhcp serve r1:br0 host printer 10.0.0.9 host 02:00:00:00:00:07 10.0.0.150
dhcp <red printer>
expect addr red 10.0.0.150
expect addr printer 10.0.0.9
`},
		{Note: "One server for two subnets, each with a router that relays.", Code: `ns pc1 pc2 r1 srv
link pc1:eth0 <-> r1:lan1 noaddr
link pc2:eth0 <-> r1:lan2 noaddr
addr r1:lan1 10.0.1.254/24
addr r1:lan2 10.0.2.254/24
link r1:up 10.0.9.254/24 <-> srv:eth0 10.0.9.1/24
forward r1
route srv default via 10.0.9.254
dhcp serve srv:eth0 dns 10.0.9.1 subnet 10.0.1.0/24 subnet 10.0.2.0/24 10.0.2.50..10.0.2.60 host pc2 10.0.2.7
dhcp relay r1:lan1 -> srv
dhcp relay r1:lan2 -> 10.0.9.1
dhcp <pc1 pc2>
expect addr pc1 10.0.1.100/24
expect addr pc2 10.0.2.7/24
expect route pc1 -> default via 10.0.1.254
expect ping pc1 -> pc2
`},
	}
}

// Check finds options that are given twice, and families that do not fit.
func (d *dhcp) Check() diag.List {
	if d.Server == nil {
		return nil
	}
	list := d.Server.checkPool()
	once := slices.DeleteFunc(slices.Clone(d.Server.Opts), func(o dhcpOption) bool { return o.Host != nil || o.Subnet != nil })
	for _, twice := range lab.GivenTwice("dhcp", once) {
		list.Add(twice.WithHelp("write it once; several name servers are a list: dns <10.0.0.1 10.0.0.2>"))
	}
	for _, o := range d.Server.Opts {
		list.Add(o.problems()...)
	}
	return list
}

func (s *dhcpServer) checkPool() diag.List {
	if s.Pool == nil || s.Pool.Dynamic {
		return nil
	}
	if first, _ := s.Pool.Ends(); first.Is6() {
		return diag.List{noDHCPv6(s.Pool.Text)}
	}
	return nil
}

func noDHCPv6(at syntax.Text) *diag.Diagnostic {
	return diag.Errorf(diag.BadPool, at.Span, "dhcp lends IPv4 addresses; %s is IPv6", at.Value).
		WithHelp("write IPv6 addresses with addr, or let nsl choose them: auto dual")
}

// Word is the option's name.
func (o dhcpOption) Word() (string, syntax.Text) {
	switch {
	case o.Router != nil:
		return "router", o.Router.Text
	case o.Domain != nil:
		return "domain", o.Domain.Text
	}
	return "dns", o.DNS[0].Text
}

// isNone reports whether an option says that clients get nothing.
func isNone(words []syntax.Free) bool { return len(words) == 1 && words[0].Value == "none" }

// problems finds what is neither an IPv4 address nor none.
func (o dhcpOption) problems() diag.List {
	words := o.DNS
	switch {
	case o.Host != nil:
		words = []syntax.Free{{Text: o.Host.Addr.Text}}
	case o.Subnet != nil:
		return o.Subnet.problems()
	}
	if o.Router != nil {
		words = []syntax.Free{*o.Router}
	}
	if isNone(words) {
		return nil
	}
	var list diag.List
	for _, w := range words {
		list.Add(notIPv4(w.Text, syntax.Address{Text: w.Text}.Problem()))
	}
	return list
}

// notIPv4 is the problem of a word that has to be an IPv4 address.
func notIPv4(w syntax.Text, malformed *diag.Diagnostic) *diag.Diagnostic {
	switch {
	case w.Dynamic:
		return nil
	case malformed != nil:
		return malformed
	case syntax.Address{Text: w}.Addr().Is6():
		return noDHCPv6(w)
	}
	return nil
}

// Plan starts the server, or asks for addresses.
func (d *dhcp) Plan(p *verb.Plan) {
	if d.Server != nil {
		d.Server.plan(p)
		return
	}
	if d.Relay != nil {
		d.Relay.plan(p)
		return
	}
	var lent []plan.Leased
	for _, e := range d.Clients {
		lent = append(lent, d.lease(p, e, lent))
	}
}

package services

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// dhcp is the statement dhcp, of a server or of clients.
type dhcp struct {
	Server  *dhcpServer       `parser:"'dhcp' ( 'serve' @@"`
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
		},
		Doc: `Both sides are real, IPv4 (RFC 2131), and work with other programs (dhclient,
udhcpc, dnsmasq) as with each other.

` + "`dhcp serve`" + ` starts a server on one interface, which needs an address: its subnet is the
one that is served. It lends FIRST to LAST, or .100 to .199 if none are given (in a subnet smaller
than that, all), but no address that a node has already. It gives its clients

- the router: the server itself, if ` + "`router`" + ` names no other;
- the name servers: itself if ` + "`dns`" + ` runs in the same node, else those that its node asks;
- the domain, when ` + "`domain`" + ` names one or ` + "`dns`" + ` has one.

` + "`none`" + ` leaves an option out. ` + "`kill r1 dhcp`" + ` ends the server; its clients keep their leases.

` + "`dhcp red`" + ` asks for an address and waits for it, 5 seconds at most. The interface is set up; an
automatic address is removed; red gets the address, the default route if it has none, and
the resolver. Without an interface's name it is the only one red has. A lease lasts a week
and is not renewed. When a test block ends, red releases the address.

For IPv6 there is no DHCP: write addresses with ` + "`addr`" + `, or use automatic ones (` + "`auto dual`" + `).`,
		Examples: []verb.Example{
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
		},
	})
}

// Check finds options that are given twice, and families that do not fit.
func (d *dhcp) Check() diag.List {
	if d.Server == nil {
		return nil
	}
	list := d.Server.checkPool()
	for _, twice := range lab.GivenTwice("dhcp", d.Server.Opts) {
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
	if o.Router != nil {
		words = []syntax.Free{*o.Router}
	}
	if isNone(words) {
		return nil
	}
	var list diag.List
	for _, w := range words {
		a := syntax.Address{Text: w.Text}
		switch d := a.Problem(); {
		case w.Dynamic:
		case d != nil:
			list.Add(d)
		case a.Addr().Is6():
			list.Add(noDHCPv6(w.Text))
		}
	}
	return list
}

// Plan starts the server, or asks for addresses.
func (d *dhcp) Plan(p *verb.Plan) {
	if d.Server != nil {
		d.Server.plan(p)
		return
	}
	var lent []plan.Leased
	for _, e := range d.Clients {
		lent = append(lent, d.lease(p, e, lent))
	}
}

package names

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// dns is the statement dns.
type dns struct {
	Node  syntax.NodeRef `parser:"'dns' @@"`
	Opts  []dnsOption    `parser:"@@*"`
	Lines []dnsLine      `parser:"('{' (@@ ';')* '}')?"`
}

// dnsOption is one option of dns, before its block or as a line of it.
type dnsOption struct {
	Forward []syntax.Address `parser:"  'forward' ( '<' @@+ '>' | @@ )"`
	Domain  *syntax.Domain   `parser:"| 'domain' @@"`
	Zone    *syntax.Domain   `parser:"| 'zone' @@"`
}

// dnsLine is one line of the block.
type dnsLine struct {
	Option *dnsOption `parser:"  @@"`
	Record *dnsRecord `parser:"| @@"`
}

// labDomain is the domain of the lab's own names: blue.lab.
const labDomain = "lab"

// DNS is the verb dns.
func DNS() *verb.Verb {
	return verb.Define[dns](verb.Spec{
		Name:    "dns",
		Summary: "start a name server in a node, for the node and its neighbours",
		Usage: []string{
			"dns NODE [forward ADDR|<ADDR…>] [domain NAME] [zone NAME]",
			"dns NODE … { NAME ADDR… ; NAME cname NAME ; NAME mx [N] NAME ; NAME txt TEXT ; forward ADDR }",
		},
		Lines: true,
		Doc: `A real DNS server on port 53 of NODE, UDP and TCP, IPv4 and IPv6; ` + "`dig`" + ` works with it.
It looks in this order:

1. the hosts file of NODE: every node of the lab as ` + "`blue`" + ` and as ` + "`blue.lab`" + `, and the names
   that ` + "`name`" + ` gave; the same backwards (PTR);
2. the records of the block: addresses (A and AAAA), ` + "`cname`, `mx` and `txt`" + `;
3. the servers after ` + "`forward`" + `, in their order. Answers are cached for their time to
   live. Without ` + "`forward`" + ` other names are refused.

A name of one word belongs to the server's domain: ` + "`www`" + ` is ` + "`www.lab`" + `. ` + "`domain`" + ` gives the domain
another name. What is in the domain, or in a ` + "`zone`" + `, and has no record does not exist
(NXDOMAIN) and is never asked elsewhere.

Every node that has an address in a subnet of NODE, and no name server yet, asks
this one from now on, with ` + "`search lab`" + `, and so does NODE itself. ` + "`resolver`" + ` does it for others.`,
		Examples: []verb.Example{
			{Note: "The names of the lab, and some more.", Code: `ns red blue r1
bridge r1:br0 <red blue> 192.168.15.0/24
dns r1 {
  www 192.168.15.2
  intranet cname www
  printer.office.example 10.9.0.9 fd00:9::9
}
expect dns red -> blue.lab is 192.168.15.2
expect dns red -> intranet is 192.168.15.2
expect dns red -> printer.office.example is fd00:9::9
expect not dns red -> unknown.lab
`},
			{Note: "One that asks another for other names.", Code: `ns red r1 provider
link red <-> r1 10.0.1.0/24
link r1 <-> provider 10.0.2.0/24
dns provider { example.com 93.184.215.14 }
dns r1 forward 10.0.2.2
expect dns red -> example.com is 93.184.215.14
`},
		},
	})
}

// options are those in front of the block and those in it.
func (d *dns) options() []dnsOption {
	list := append([]dnsOption{}, d.Opts...)
	for _, l := range d.Lines {
		if l.Option != nil {
			list = append(list, *l.Option)
		}
	}
	return list
}

// Check finds records that exclude each other, and a domain that is named twice.
func (d *dns) Check() diag.List {
	list := clashes(d.records())
	for _, r := range d.records() {
		if r.isEmpty() {
			list.Add(diag.Errorf(diag.BadRecord, r.Name.Span, "%s has no record data", r.Name.Value).
				WithHelp("write its address, or another record: %s 10.0.0.2; %s cname NAME", r.Name.Value, r.Name.Value))
		}
	}
	var first *syntax.Domain
	for _, o := range d.options() {
		switch {
		case o.Domain == nil:
		case first != nil:
			list.Add(diag.GivenTwice(o.Domain.Span, "dns", "domain").
				WithHelp("the lab's names are in one domain; for other names use a zone: zone %s", o.Domain.Name()))
		default:
			first = o.Domain
		}
	}
	return list
}

func (d *dns) records() []dnsRecord {
	var list []dnsRecord
	for _, l := range d.Lines {
		if l.Record != nil {
			list = append(list, *l.Record)
		}
	}
	return list
}

// Plan starts the server, and makes it the resolver of its neighbours.
func (d *dns) Plan(p *verb.Plan) {
	node, ok := p.Node(d.Node)
	if !ok {
		return
	}
	server := d.service()
	d.reachable(p, node)
	running, err := lab.ServicesNow(p, node)
	p.Err(d.Node.Span, err)
	if clash := plan.Clash(running, server); clash != nil {
		p.Fail(diag.Errorf(diag.PortTaken, d.Node.Span, "port 53 of %s is taken by %s", node, clash.By).
			WithHelp("a node has one name server: add the records to its block, or end it first: kill %s :53", node))
	}
	if !p.Failed() {
		lab.StartService(p, d.Node.Text, node, server)
		asksHere(p, d.Node.Span, node, server.Domain)
	}
}

func (d *dns) service() plan.DNS {
	server := plan.DNS{Domain: labDomain}
	for _, o := range d.options() {
		switch {
		case o.Domain != nil:
			server.Domain = o.Domain.Name()
		case o.Zone != nil:
			server.Origins = append(server.Origins, o.Zone.Name())
		default:
			for _, a := range o.Forward {
				server.Forward = append(server.Forward, a.Addr())
			}
		}
	}
	for _, r := range d.records() {
		server.Records = append(server.Records, r.lines(server.Domain)...)
	}
	return server
}

// reachable warns of servers that the node knows no way to.
func (d *dns) reachable(p *verb.Plan, node string) {
	for _, o := range d.options() {
		for _, a := range o.Forward {
			if _, err := p.RouteTo(node, plan.RouteQuery{Dst: a.Addr()}); err != nil && !p.Uncertain() {
				p.Fail(diag.New(diag.NoResolver, diag.Warning, a.Span, "%s has no route to %s, its name server", node, a.Addr()).
					WithHelp("give it one first: route %s default via GATEWAY, or internet for a stand-in of the outside", node))
			}
		}
	}
}

package filter

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// redirect is the statement redirect.
type redirect struct {
	Ports []syntax.Redirected `parser:"'redirect' ( '<' @@+ '>' | @@ ) '->'"`
	To    syntax.RedirectTo   `parser:"@@"`
	Opts  []publishOption     `parser:"@@*"`
}

// Redirect is the verb redirect.
func Redirect() *verb.Verb {
	return verb.Define[redirect](verb.Spec{
		Name:    "redirect",
		Also:    []string{"redir", "tproxy", "transparent proxy"},
		Summary: "lead connections to a port to another port of the same node (transparent proxy)",
		Usage: []string{"redirect [ADDRESS:]PORT -> PORT [tcp|udp] [from SUBNET] [on NODE]",
			"redirect <PORT PORT…> -> ADDRESS:PORT …"},
		Doc: `NODE (the host, if none is named) takes connections to PORT to a port of its own. These are the
connections to NODE, from outside and its own, and those that pass it on their way to others: so
a proxy sees what its subnet asks the world. What NODE itself sends to others is left alone.

With ADDRESS only connections to that address are redirected, with ` + "`from SUBNET`" + ` only those from
there. PORT may be a range, 8000-8010, or a list. The protocol is tcp if none is given.

The server answers at the address of the interface that the connection came in by, and at the
loopback for NODE's own connections: it has to listen on all addresses, as ` + "`serve`" + ` does. For one
that listens on a single address name it after the arrow: 10.0.0.1:8080, or 127.0.0.1:8080, which
needs the setting ` + "`route_localnet`" + `. To lead connections to another node, see ` + "`publish`" + `.

` + "`del redirect PORT`" + ` removes the rules. ` + "`show nat`" + ` counts the connections.`,
		Examples: redirectExamples(),
		Spelling: redirectSpelling,
	})
}

func redirectExamples() []verb.Example {
	return []verb.Example{
		{Note: "A server with a port that needs no privileges, and that clients do not see.", Code: `auto dual
ns red web
link red <-> web
serve http web:8080
expect not tcp <red web> -> web:80
redirect 80 -> 8080 on web
expect http <red web> -> http://web/
expect http red -> http://[fd00:15::2]/
show nat web
del redirect 80 on web
expect not tcp red -> web:80
`},
		{Note: "A proxy and a name server see what a subnet asks the world.", Code: `ns pc r1 web
link pc 10.0.0.2/24 <-> r1 10.0.0.1/24
link r1 203.0.113.1/24 <-> web 203.0.113.9/24
nat 10.0.0.0/24 on r1
serve http web:80 body "the world"
serve http r1:3128 body "the proxy"
serve udp r1:5353
expect http pc -> http://203.0.113.9/ body contains "the world"
redirect 80 -> 3128 from 10.0.0.0/24 on r1
redirect 53 -> 5353 udp from 10.0.0.0/24 on r1
expect http pc -> http://203.0.113.9/ body contains "the proxy"
expect http r1 -> http://203.0.113.9/ body contains "the world"
expect udp pc -> 203.0.113.9:53
`},
		{Note: "A program that listens on the loopback only.", Code: `ns red web
link red 10.0.0.1/24 <-> web 10.0.0.2/24
serve tcp web:8080 addr 127.0.0.1
redirect 10.0.0.2:80 -> 127.0.0.1:8080 on web
expect tcp red -> web:80
`},
	}
}

// Check finds options that are given twice, and addresses of two families.
func (s *redirect) Check() diag.List {
	list := lab.GivenTwice("redirect", s.Opts)
	for _, o := range s.Opts {
		if o.From != nil && !o.From.Dynamic && !s.To.Dynamic {
			list.Add(otherFamily(o.From.Prefix().Addr(), o.From.Value, s.To.Address()))
		}
	}
	for _, port := range s.Ports {
		if !port.Dynamic && !s.To.Dynamic {
			list.Add(otherFamily(port.Addr(), port.Addr().String(), s.To.Address()))
		}
	}
	return list
}

// Plan adds the rules.
func (s *redirect) Plan(p *verb.Plan) {
	list, ok := publicationsOf(p, syntax.Opened(s.Ports), s.Opts)
	if !ok {
		return
	}
	node := list[0].node
	edit, ok := editNft(p, node)
	if !ok {
		return
	}
	s.checkTo(p, node)
	for i, pub := range list {
		s.port(p, edit, pub, portAt(p, s.Ports[i].Span, s.Opts))
	}
}

// checkTo finds an address that is not the node's, and one that nothing from outside reaches.
func (s *redirect) checkTo(p *verb.Plan, node string) {
	to := s.To.Addr()
	switch {
	case !to.IsValid():
	case to == netip.IPv6Loopback():
		p.Fail(diag.Errorf(diag.NotThere, s.To.Span, "the kernel drops packets from outside to ::1").
			WithHelp("IPv6 has no setting such as route_localnet: let the server listen on an address of %s, or on all", node))
	case to.IsLoopback():
		lab.SetSysctl(p, p.At, node, "net.ipv4.conf.all.route_localnet", "1")
	default:
		checkOpened(p, publication{node: node, addr: to}, s.To.Span, "redirects")
	}
}

// port redirects one port, or one range of ports.
func (s *redirect) port(p *verb.Plan, edit *nftEdit, pub publication, at source.Span) {
	checkOpened(p, pub, at, "redirects")
	if p.Failed() || !unopened(p, edit, pub, at) {
		return
	}
	comment := ruleComment("redirect " + pub.opened() + " -> " + s.To.Value + pub.protocol() + pub.limits())
	for _, c := range []plan.Chain{plan.Prerouting, plan.OutputNAT} {
		r := pub.dnat(c)
		r.To, r.Comment = netip.AddrPortFrom(s.To.Addr(), s.To.Port()), comment
		r.ToLocal = r.ToLocal && c == plan.OutputNAT
		if !s.To.Addr().IsValid() {
			r.Verdict = "redirect"
		}
		edit.add(p.At, r, 0)
	}
}

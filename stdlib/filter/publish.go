package filter

import (
	"net/netip"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// publish is the statement publish.
type publish struct {
	Ports []syntax.Published `parser:"'publish' ( '<' @@+ '>' | @@ ) '->'"`
	To    []syntax.PublishTo `parser:"( '<' @@+ '>' | @@ )"`
	Opts  []publishOption    `parser:"@@*"`
}

// publishOption is one option of publish.
type publishOption struct {
	Proto *syntax.Keyword `parser:"  (?= 'tcp' | 'udp') @@"`
	On    *syntax.NodeRef `parser:"| 'on' @@"`
	From  *syntax.Subnet  `parser:"| 'from' @@"`
}

// Publish is the verb publish.
func Publish() *verb.Verb {
	return verb.Define[publish](verb.Spec{
		Name:    "publish",
		Also:    []string{"expose", "dnat", "port forward", "port-forward", "portforward"},
		Summary: "make a port of an inner node reachable at a port of another (port forwarding, DNAT)",
		Usage: []string{"publish [ADDRESS:]PORT -> NODE:PORT [tcp|udp] [on NODE]", "publish [ADDRESS:]PORT -> ADDRESS:PORT [tcp|udp] [on NODE]",
			"publish PORT -> <NODE:PORT NODE:PORT …> [from SUBNET] …", "publish PORT-PORT -> NODE …", "publish <PORT PORT…> -> NODE …"},
		Doc: `A connection to PORT of the publishing node (the host, unless ` + "`on`" + ` names another)
leads to the target: from outside, from the publishing node itself, and from the
target's own subnet ("hairpin"). The protocol is tcp if none is given. A node as
the target is published for each address family that it has an address of. With
ADDRESS, only connections to that address of the publishing node are translated; an IPv6
address is written in brackets: ` + "`[fd00::1]:8080`" + `.

PORT may be a range, 8000-8010, or a list, ` + "`<80 443>`" + `; a target without a port gets each
connection at the port that it was made to, and so does one with the same range.

Several targets take turns: each new connection goes to the next one. With ` + "`from SUBNET`" + `
only connections from there are translated.

It does four things:

1. The publishing node forwards packets (` + "`forward`" + `).
2. DNAT rules translate the destination of new connections, in the chain
   prerouting for what comes in and in the chain output for what the node sends
   itself.
3. Connections of the node itself, and of the target's subnet, get the node's
   address as their source (masquerade), so that the answers come back through it.
   For connections to 127.0.0.1 that needs the setting ` + "`route_localnet`" + `; IPv6 has
   no such setting, so nothing is published at ::1.
4. A target with no default route gets one via the publishing node, as with ` + "`nat`" + `:
   the answers to others need a route.

` + "`del publish PORT`" + ` removes the rules, and leaves the settings and the route.
` + "`show nat`" + ` counts the connections.`,
		Examples: publishExamples(),
		Spelling: publishSpelling,
	})
}

func publishExamples() []verb.Example {
	return []verb.Example{
		{Note: "A web server on an inner network; lan cannot reach it otherwise.", Code: `ns red blue lan
bridge v-net-0 <red blue> 192.168.15.0/24
link host 192.168.1.1/24 <-> lan 192.168.1.3/24
serve http blue:80
expect not http lan -> http://192.168.15.2/
publish 8080 -> blue:80
expect http <lan red host> -> http://host:8080/
show nat
`},
		{Note: "Two servers take turns, for one subnet only.", Code: `ns s1 s2 lan other
bridge sw <s1 s2> 10.0.0.0/24
link host <-> lan 192.168.1.0/24
link host <-> other 192.168.2.0/24
serve http s1 body "one"
serve http s2 body "two"
publish 80 -> <s1:80 s2:80> from 192.168.1.0/24
expect http lan -> http://192.168.1.1/ body contains "one"
expect http lan -> http://192.168.1.1/ body contains "two"
expect not http other -> http://192.168.2.1/
`},
		{Note: "Ports that stay the same, a list and a range.", Code: `ns web lan
link host <-> web 10.0.0.0/24
link host <-> lan 192.168.1.0/24
serve http <web:80 web:443 web:8005>
publish <80 443> -> web
publish 8000-8010 -> web
expect http lan -> http://192.168.1.1:443/
expect http lan -> http://192.168.1.1:8005/
del publish <80 443>
expect not tcp lan -> 192.168.1.1:80
expect tcp lan -> 192.168.1.1:8005
`},
		{Note: "UDP, on one address of a router, to an address.", Code: `ns r1 pc
link r1 10.0.0.1/24 <-> pc 10.0.0.2/24
link host 192.168.1.1/24 <-> r1 192.168.1.2/24
serve udp pc:53
publish 192.168.1.2:5353 -> 10.0.0.2:53 udp on r1
expect udp host -> 192.168.1.2:5353
del publish 192.168.1.2:5353 udp on r1
`},
	}
}

// Check finds options that are given twice.
func (s *publish) Check() diag.List { return lab.GivenTwice("publish", s.Opts) }

// Plan adds the rules, turns forwarding on and gives the target a way back.
func (s *publish) Plan(p *verb.Plan) {
	list, ok := publicationsOf(p, s.Ports, s.Opts)
	if !ok {
		return
	}
	edit, ok := editNft(p, list[0].node)
	if !ok {
		return
	}
	way := ways{}
	for i, pub := range list {
		s.port(p, edit, pub, s.Ports[i].Span, way)
	}
}

// ways are the default routes that a statement adds: the node, and whether they are for IPv6.
type ways map[struct {
	node string
	v6   bool
}]bool

// port publishes one port, or one range of ports.
func (s *publish) port(p *verb.Plan, edit *nftEdit, pub publication, at source.Span, way ways) {
	var targets []publishTo
	for _, to := range s.To {
		p.Fail(keepsPorts(pub, to))
		targets = append(targets, targetsOf(p, pub, to)...)
	}
	if p.Failed() {
		return
	}
	at = portAt(p, at, s.Opts)
	checkOpened(p, pub, at, "publishes")
	if !unopened(p, edit, pub, at) {
		return
	}
	for i, to := range targets {
		s.one(p, edit, pub, to, turnOf(targets, i))
		s.wayBack(p, pub.node, to, way)
	}
}

// keepsPorts refuses a range that leads to other ports: the kernel would take any of them
// (NF_NAT_RANGE_PROTO_SPECIFIED, net/netfilter/nf_nat_core.c), not the one in the same place.
func keepsPorts(pub publication, to syntax.PublishTo) *diag.Diagnostic {
	ports := plan.PortRange(to.Ports())
	if ports.First == ports.Last || ports == pub.ports {
		return nil
	}
	return diag.Errorf(diag.OptionClash, to.Span, "a range of ports leads to the same ports, not from %s to %s", pub.ports, ports).
		WithHelp("leave %s out; write one statement for each port that changes", ports)
}

// turnOf is which of the connections that are left a target takes: of those of n targets
// of its family that come after it every n-th, and the last one all.
func turnOf(targets []publishTo, i int) uint32 {
	n := uint32(0)
	for _, t := range targets[i:] {
		if t.addr.Is6() == targets[i].addr.Is6() {
			n++
		}
	}
	if n == 1 {
		return 0
	}
	return n
}

// Word is the option's name.
func (o publishOption) Word() (string, syntax.Text) {
	switch {
	case o.Proto != nil:
		return "the protocol", o.Proto.Text
	case o.From != nil:
		return "from", o.From.Text
	}
	return "on", o.On.Text
}

// loopback6 is left out: an IPv6 packet from ::1 never leaves its node, so
// connections to it are refused at once rather than lost.
func loopback6() netip.Prefix { return netip.PrefixFrom(netip.IPv6Loopback(), 128) }

// one publishes one address of the target.
func (s *publish) one(p *verb.Plan, edit *nftEdit, pub publication, to publishTo, turn uint32) {
	v6 := to.addr.Is6()
	lab.SetSysctl(p, p.At, pub.node, lab.ForwardingKey(v6), "1")
	comment := ruleComment("publish " + pub.opened() + " -> " + s.toText() + pub.protocol() + pub.limits())
	if !v6 && (!pub.addr.IsValid() || pub.addr.IsLoopback()) {
		lab.SetSysctl(p, p.At, pub.node, "net.ipv4.conf.all.route_localnet", "1")
	}
	for _, c := range []plan.Chain{plan.Prerouting, plan.OutputNAT} {
		r := pub.dnat(c)
		r.To, r.Comment, r.Turn = netip.AddrPortFrom(to.addr, to.port()), comment, turn
		if v6 && c == plan.OutputNAT && r.ToLocal {
			r.Dst, r.NotDst = loopback6(), true
		}
		edit.add(p.At, r, 0)
	}
	back := plan.NftRule{Chain: plan.Postrouting, Dst: netip.PrefixFrom(to.addr, to.addr.BitLen()), Proto: pub.proto,
		Ports: to.ports(pub), Translated: true, Counter: true, Verdict: "masquerade", Comment: comment}
	own := back
	own.FromLocal = true
	edit.add(p.At, own, 0)
	if to.subnet.IsValid() {
		back.Src = to.subnet
		edit.add(p.At, back, 0)
	}
}

// toText is where the port leads to, as a statement has it.
func (s *publish) toText() string {
	words := make([]string, len(s.To))
	for i, to := range s.To {
		words[i] = to.Value
	}
	if len(words) == 1 {
		return words[0]
	}
	return "<" + strings.Join(words, " ") + ">"
}

// wayBack gives the target a default route via the publishing node when it has
// none and shares a subnet with that node.
func (s *publish) wayBack(p *verb.Plan, node string, to publishTo, way ways) {
	mine := struct {
		node string
		v6   bool
	}{to.node, to.addr.Is6()}
	if to.node == "" || to.node == node || way[mine] || lab.HasDefaultRoute(p, to.node, to.addr.Is6()) {
		return
	}
	way[mine] = true
	book, err := p.Book()
	p.Err(p.At, err)
	if err != nil {
		return
	}
	members, gateways := membersOf(book, to.subnet, node)
	p.Fail(defaultVia(p, path.Of(p), to.at.Span, lab.OfNode(members, to.node), gateways))
}

package links

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// bridge is the statement bridge.
type bridge struct {
	At      syntax.Endpoint       `parser:"'bridge' @@"`
	Members []member              `parser:"('<' @@* '>')?"`
	Subnets []syntax.SubnetOrAuto `parser:"@@*"`
	Opts    []bridgeOption        `parser:"@@*"`
}

// member is a node on the bridge, and the addresses it is to have.
type member struct {
	At    syntax.Endpoint `parser:"@@"`
	Addrs []syntax.IfAddr `parser:"@@*"`
	VLANs *portVLANs      `parser:"@@?"`
	More  []syntax.IfAddr `parser:"@@*"`
}

// bridgeOption is one option of bridge.
type bridgeOption struct {
	STP    *syntax.OnOff   `parser:"  'stp' @@"`
	VLAN   *syntax.OnOff   `parser:"| 'vlan-filtering' @@"`
	MTU    *syntax.MTU     `parser:"| 'mtu' @@"`
	MAC    *syntax.MAC     `parser:"| 'mac' @@"`
	NoAddr *syntax.Keyword `parser:"| (?= 'noaddr') @@"`
}

// Bridge is the verb bridge.
func Bridge() *verb.Verb {
	return verb.Define[bridge](verb.Spec{
		Name:    "bridge",
		Also:    []string{"switch", "hub", "lan"},
		Summary: "make a switch (a Linux bridge) with one cable for each member",
		Usage: []string{
			"bridge NAME <A B …> [SUBNET|auto] [stp on] [vlan-filtering on] [mtu N] [mac M] [noaddr]",
			"bridge NAME <A ADDR/LEN B …>",
			"bridge NAME <A vlan N B trunk N,N… [native N] …>",
			"bridge NODE:NAME <A B …>",
		},
		Doc: `The bridge is made on the host, or inside a node: ` + "`bridge r1:br0 <…>`" + `. Each
member gets a cable: ` + "`veth-red`" + ` in red and ` + "`veth-red-br`" + ` on the bridge.

Members are numbered .1, .2, … in the order written, from the subnet that is
named or from the next free one of the lab; the bridge's own address is the
last usable one (.254 of a /24), so that its node reaches the members. A member
may carry its address. ` + "`noaddr`" + ` numbers nothing; ` + "`auto`" + ` is the same as no
subnet named, for functions that pass one on.

With ` + "`vlan-filtering on`" + ` frames go only between ports in the same VLAN (IEEE 802.1Q). A
member may say its VLANs, in the words of ` + "`attach`" + `, and the bridge filters them then; one that
does not is in VLAN 1, and so is the bridge itself. A member that takes only tagged frames gets no
automatic address, nor does a bridge that has no member in VLAN 1.

Forwarding starts at once (forward delay 0), unless ` + "`stp on`" + ` asks for the
spanning tree protocol: then the first frame passes after 30 seconds.

A Linux bridge holds 1023 ports at most.`,
		Examples: []verb.Example{
			{Note: "A switch and two nodes; the host reaches them too.", Code: "ns red blue\nbridge v-net-0 <red blue>\nexpect ping red -> blue\nexpect ping host -> red\n"},
			{Note: "A bridge inside a router, with addresses by hand.", Code: "ns r1 pc1 pc2\nbridge r1:br0 <pc1 10.1.0.5/24 pc2>\nexpect ping pc2 -> 10.1.0.5\n"},
			{Note: "Two VLANs on one switch, and one in which both are.", Needs: "vlan-filtering", Code: `ns a b c d
bridge sw <a vlan 10 b vlan 10 c vlan 20 d trunk 20 native 10> 10.0.0.0/24
expect ping a -> <b d>
expect not ping a -> c
`},
		},
	})
}

// Check finds a bridge that has more members than the kernel takes ports, and
// auto together with a subnet.
func (b *bridge) Check() diag.List {
	list := lab.Repeated("bridge", b.Opts)
	for _, o := range b.Opts {
		if o.VLAN != nil && !o.VLAN.On() && b.hasVLANs() {
			list.Add(diag.Errorf(diag.OptionClash, o.VLAN.Span, "its ports have VLANs, which it has to filter for that").
				WithHelp("remove vlan-filtering off"))
		}
	}
	for _, s := range b.Subnets {
		if s.IsAuto() && len(b.Subnets) > 1 {
			list.Add(diag.Errorf(diag.OptionClash, s.Span, "auto and a subnet exclude each other").WithHelp("remove one of them"))
		}
	}
	if len(b.Members) > plan.MaxBridgePorts {
		list.Add(b.tooMany())
	}
	return list
}

// hasVLANs reports whether a member is to be in VLANs that the statement names.
func (b *bridge) hasVLANs() bool {
	return slices.ContainsFunc(b.Members, func(m member) bool { return m.VLANs != nil })
}

// inFirst reports whether frames without a tag are in the VLAN of the bridge itself.
func (m member) inFirst() bool {
	return m.VLANs == nil || plan.NativeVLAN(m.VLANs.list()) == plan.FirstVLAN
}

func (b *bridge) tooMany() *diag.Diagnostic {
	return diag.Errorf(diag.TooManyPorts, b.Members[plan.MaxBridgePorts].At.Span,
		"a Linux bridge holds %d ports at most; this one would have %d", plan.MaxBridgePorts, len(b.Members)).
		WithHelp("make two bridges and a link between them")
}

// Plan makes the bridge and the cables, and sets the members and the bridge up
// only then: ports that get a carrier while a large bridge grows cost time
// quadratic in its size.
func (b *bridge) Plan(p *verb.Plan) {
	br, ok := b.newBridge(p)
	if !ok {
		return
	}
	op := plan.AddBridge{Node: br.Node, Name: br.Link}
	op.VLANFiltering = b.hasVLANs()
	seg := &segment{p: p, at: p.At, own: br}
	for _, o := range b.Opts {
		o.apply(&op, seg)
	}
	cables := make([]plan.AddVeth, 0, len(b.Members))
	for _, m := range b.Members {
		if v, ok := b.cable(p, br, m, seg, op.MTU); ok {
			cables = append(cables, v)
		}
	}
	if p.Failed() {
		return
	}
	if len(b.Members) > 0 && !slices.ContainsFunc(b.Members, member.inFirst) {
		seg.leave(br) // it reaches none of them
	}
	seg.number(b.subnets())
	for _, o := range b.Opts {
		if o.MTU != nil {
			seg.fits(o.MTU.Int.Int(), o.MTU.Span)
		}
	}
	b.emit(p, op, seg, cables)
}

func (b *bridge) subnets() []netip.Prefix {
	var nets []netip.Prefix
	for _, s := range b.Subnets {
		if !s.IsAuto() {
			nets = append(nets, s.Prefix())
		}
	}
	return nets
}

func (b *bridge) emit(p *verb.Plan, op plan.AddBridge, seg *segment, cables []plan.AddVeth) {
	p.Do(b.At.Span, op)
	filterNotBridged(p, b.At, op.Node)
	for i, v := range cables {
		p.Do(b.Members[i].At.Span, append([]plan.Op{v}, b.Members[i].VLANs.set(v.A.Node, v.A.Name, v.A.Master)...)...)
	}
	for _, e := range seg.all() {
		p.Do(e.At, e.Ops()...)
	}
	for i, m := range b.Members {
		p.Do(m.At.Span, seg.members[i].Up())
	}
	p.Do(b.At.Span, seg.own.Up())
}

// newBridge resolves and reserves the bridge's name.
func (b *bridge) newBridge(p *verb.Plan) (*lab.Port, bool) {
	r, ok := newName(p, b.At)
	return &lab.Port{Ref: r, At: b.At.Span}, ok
}

// cable plans one member's cable. End A is the port: the kernel takes its
// master in the message that makes the pair.
func (b *bridge) cable(p *verb.Plan, br *lab.Port, m member, seg *segment, mtu int) (plan.AddVeth, bool) {
	e, ok := newEnd(p, m.At, "")
	if !ok {
		return plan.AddVeth{}, false
	}
	for _, a := range slices.Concat(m.Addrs, m.More) {
		e.Addrs = append(e.Addrs, a.Prefix())
	}
	seg.members = append(seg.members, e)
	if m.VLANs != nil && plan.NativeVLAN(m.VLANs.list()) == 0 {
		seg.leave(e)
	}
	portName := lab.CableName(p, br.Node, e.Node, "-br")
	return plan.AddVeth{
		A: plan.LinkEnd{Node: br.Node, Name: portName, MTU: mtu, Master: br.Link, Up: true},
		B: plan.LinkEnd{Node: e.Node, Name: e.Link, MTU: mtu},
	}, true
}

func (o bridgeOption) apply(op *plan.AddBridge, seg *segment) {
	switch {
	case o.STP != nil:
		op.STP = o.STP.On()
	case o.VLAN != nil:
		op.VLANFiltering = o.VLAN.On()
	case o.MTU != nil:
		op.MTU = o.MTU.Int.Int()
	case o.MAC != nil:
		op.MAC = o.MAC.Canonical()
	case o.NoAddr != nil:
		seg.noaddr = true
	}
}

// filterNotBridged keeps the packet filter of the bridge's node away from
// bridged frames: where br_netfilter is loaded it starts at 1 in every
// namespace, and the machine's configuration would decide about the lab's pings.
func filterNotBridged(p *verb.Plan, at syntax.Endpoint, node string) {
	for _, key := range []string{"net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"} {
		was, err := p.Sysctl(node, key)
		if err != nil || was == "0" {
			continue
		}
		p.Do(at.Span, plan.SetSysctl{Node: node, Key: key, Value: "0", Was: was, Optional: true})
	}
}

package filter

import (
	"net"
	"net/netip"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// publication is what a statement publishes: the same words mean the same one.
type publication struct {
	node, proto string
	addr        netip.Addr
	ports       plan.PortRange
	// from is where connections come from that are translated, or the zero Prefix.
	from netip.Prefix
}

// publicationsOf are those of a statement: one for each of its ports.
func publicationsOf(p *verb.Plan, ports []syntax.Published, opts []publishOption) (list []publication, ok bool) {
	pub, ok := publicationOf(p, opts)
	for _, port := range ports {
		pub.ports, pub.addr = plan.PortRange(port.Ports()), netip.Addr{}
		if a := port.Addr(); a.IsValid() && !a.IsUnspecified() {
			pub.addr = a
		}
		list = append(list, pub)
	}
	return list, ok
}

func publicationOf(p *verb.Plan, opts []publishOption) (publication, bool) {
	pub := publication{node: plan.Host, proto: "tcp"}
	for _, o := range opts {
		if o.Proto != nil {
			pub.proto = o.Proto.Value
			continue
		}
		if o.From != nil {
			pub.from = o.From.Prefix()
			continue
		}
		name, ok := p.Node(*o.On)
		if !ok {
			return pub, false
		}
		pub.node = name
	}
	return pub, true
}

// publicationIn is the one that a DNAT rule of a node belongs to.
func publicationIn(node string, r plan.NftRule) publication {
	pub := publication{node: node, proto: r.Proto, ports: r.Ports, from: r.Src}
	if !r.NotDst {
		pub.addr = r.Dst.Addr()
	}
	return pub
}

// String is the statement without its target, as del publish takes it.
func (b publication) String() string {
	text := b.opened() + b.protocol() + b.limits()
	if b.node != plan.Host {
		text += " on " + b.node
	}
	return text
}

// opened are the ports, and the address if one is named.
func (b publication) opened() string {
	if b.addr.IsValid() {
		return net.JoinHostPort(b.addr.String(), b.ports.String())
	}
	return b.ports.String()
}

// text names the port for messages: "tcp port 80 of host".
func (b publication) text() string {
	what := " port "
	if b.ports.First != b.ports.Last {
		what = " ports "
	}
	return b.proto + what + b.ports.String() + " of " + b.node
}

// protocol is the word after the target.
func (b publication) protocol() string {
	if b.proto == "tcp" {
		return ""
	}
	return " " + b.proto
}

// limit is an address that says which family is published, or the zero Addr.
func (b publication) limit() netip.Addr {
	if b.addr.IsValid() {
		return b.addr
	}
	return b.from.Addr()
}

// mayBe reports whether a family is published.
func (b publication) mayBe(v6 bool) bool { return !b.limit().IsValid() || b.limit().Is6() == v6 }

// limits are the words about where connections come from.
func (b publication) limits() string {
	if b.from.IsValid() {
		return " from " + b.from.String()
	}
	return ""
}

// dnat is the rule of the publication in a chain, to be filled in.
func (b publication) dnat(c plan.Chain) plan.NftRule {
	r := plan.NftRule{Chain: c, Src: b.from, ToLocal: !b.addr.IsValid(), Proto: b.proto, Ports: b.ports, Counter: true, Verdict: "dnat"}
	if b.addr.IsValid() {
		r.Dst = netip.PrefixFrom(b.addr, b.addr.BitLen())
	}
	return r
}

// overlaps reports whether a rule translates connections that the publication
// translates too.
func (b *publication) overlaps(r *plan.NftRule) bool {
	if r.Verdict != "dnat" && r.Verdict != "redirect" || r.Proto != b.proto || !b.ports.Overlaps(r.Ports) {
		return false
	}
	sameAddr := !b.addr.IsValid() || !r.Dst.IsValid() || r.NotDst || r.Dst.Addr() == b.addr
	sameSource := !b.from.IsValid() || !r.Src.IsValid() || b.from.Overlaps(r.Src)
	return sameAddr && sameSource
}

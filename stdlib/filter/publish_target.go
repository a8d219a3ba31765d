package filter

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// publishTo is where a publication leads to, in one family.
type publishTo struct {
	at   syntax.PublishTo
	addr netip.Addr
	// node has the address, or is "".
	node string
	// subnet is the one that the address is in, as its node has it.
	subnet netip.Prefix
}

// port is the target's, or 0 where each connection keeps its own.
func (t publishTo) port() uint16 {
	if ports := t.at.Ports(); ports.First == ports.Last {
		return ports.First
	}
	return 0
}

// ports are those of the target at which connections arrive.
func (t publishTo) ports(pub publication) plan.PortRange {
	if port := t.port(); port != 0 {
		return plan.OnePort(port)
	}
	return pub.ports
}

// targetsOf are the target's address for each family that is published.
func targetsOf(p *verb.Plan, pub publication, to syntax.PublishTo) []publishTo {
	book, err := p.Book()
	p.Err(p.At, err)
	t, d := lab.TargetOf(p, to.Target())
	p.Fail(d)
	if p.Failed() {
		return nil
	}
	if t.Addr.IsValid() {
		return fixed(p, pub, book, t.Addr, to)
	}
	if !p.HasNodeNow(t.Node) {
		p.Fail(verb.UnknownNode(p, to.Target().Text))
		return nil
	}
	all, err := lab.GlobalUses(p, t.Node, t.Link)
	p.Err(to.Span, err)
	own, _ := lab.GlobalUses(p, pub.node, "")
	var list []publishTo
	for _, v6 := range []bool{false, true} {
		if theirs := lab.UsesOf(all, v6); len(theirs) > 0 && pub.mayBe(v6) {
			a := lab.Closest(p, own, theirs).Addr
			list = append(list, publishTo{to, a.Addr(), t.Node, a.Masked()})
		}
	}
	if len(list) == 0 && !p.Uncertain() {
		p.Fail(noAddress(pub, t, to, len(all) > 0))
	}
	return list
}

func noAddress(pub publication, t lab.Target, to syntax.PublishTo, other bool) *diag.Diagnostic {
	if other {
		limit := pub.limit()
		return diag.Errorf(diag.FamilyMismatch, to.Span, "%s has no %s address", t.Text, lab.Family(limit.Is6())).
			WithHelp("%s is one: publish an address of the family that %s has", limit, t.Text)
	}
	return diag.Errorf(diag.NoAddress, to.Span, "%s has no address", t.Text).
		WithHelp("give it one first: addr %s 192.168.15.2/24 (or give its link a subnet)", t.Text)
}

// fixed is the target of a statement that names an address.
func fixed(p *verb.Plan, pub publication, book *plan.Book, a netip.Addr, at syntax.PublishTo) []publishTo {
	if !pub.mayBe(a.Is6()) {
		p.Fail(otherFamily(pub.limit(), pub.limit().String(), syntax.Address{Text: addressOf(at, a)}))
		return nil
	}
	to := publishTo{at: at, addr: a, node: lab.OwnerOf(p, pub.node, a)}
	for _, owner := range book.At(a) {
		if owner.Node == to.node {
			to.subnet = lab.AddrOf(book, owner, a).Masked()
		}
	}
	return []publishTo{to}
}

// addressOf is the address alone, at the place of a target.
func addressOf(at syntax.PublishTo, a netip.Addr) syntax.Text {
	t := at.Text
	t.Value = a.String()
	return t
}

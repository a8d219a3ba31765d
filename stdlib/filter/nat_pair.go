package filter

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// natPair is an address inside, and the one that it has outside.
type natPair struct {
	Inside  syntax.HostAddress `parser:"@@ '<->'"`
	Outside syntax.Address     `parser:"@@"`
}

func (t natPair) comment() string {
	return "nat " + t.Inside.Addr().String() + " <-> " + t.Outside.Addr().String()
}

// planPair translates one address in both directions. The destination is translated for
// what the node itself sends, too.
func (n *nat) planPair(p *verb.Plan) {
	node, out, ok := n.place(p)
	if !ok {
		return
	}
	n.checkOut(p, node)
	p.Fail(notOwn(p, node, n.Pair.Outside))
	book, err := p.Book()
	p.Err(p.At, err)
	edit, ok := editNft(p, node)
	if !ok || p.Failed() {
		return
	}
	inside, outside := n.Pair.Inside.Addr(), n.Pair.Outside.Addr()
	for _, r := range edit.state.All() {
		if r.Comment == n.Pair.comment() {
			p.Fail(diag.Errorf(diag.NameTaken, p.At, "%s is translated on %s already", inside, node))
			return
		}
	}
	lab.SetSysctl(p, p.At, node, lab.ForwardingKey(inside.Is6()), "1")
	for _, r := range n.Pair.rules(out) {
		// A pair is more than the subnet that it is in: its rules come first.
		place := 0
		if len(edit.state.In(r.Chain)) > 0 {
			place = 1
		}
		edit.add(p.At, r, place)
	}
	n.wayOut(p, book, node, inside, outside)
}

// wayOut gives the node inside a default route by way of the node that translates.
func (n *nat) wayOut(p *verb.Plan, book *plan.Book, node string, inside, outside netip.Addr) {
	for _, owner := range book.At(inside) {
		if owner.Node == node || lab.HasDefaultRoute(p, owner.Node, outside.Is6()) {
			continue
		}
		members, gateways := membersOf(book, lab.AddrOf(book, owner, inside).Masked(), node)
		p.Fail(defaultVia(p, path.Of(p), n.Pair.Inside.Span, lab.OfNode(members, owner.Node), gateways))
	}
}

func (t natPair) rules(out string) []plan.NftRule {
	inside, outside := t.Inside.Addr(), t.Outside.Addr()
	whole := func(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
	in := plan.NftRule{Dst: whole(outside), Counter: true, Verdict: "dnat", To: netip.AddrPortFrom(inside, 0), Comment: t.comment()}
	back := plan.NftRule{Chain: plan.Postrouting, Src: whole(inside), OIf: out, Counter: true, Verdict: "snat",
		To: netip.AddrPortFrom(outside, 0), Comment: t.comment()}
	var rules []plan.NftRule
	for _, c := range []plan.Chain{plan.Prerouting, plan.OutputNAT} {
		in.Chain = c
		rules = append(rules, in)
	}
	return append(rules, back)
}

// delPair deletes the rules of a pair.
func (n *nat) delPair(p *verb.Plan) {
	node, _, ok := n.place(p)
	if !ok {
		return
	}
	missing := diag.Errorf(diag.NotThere, p.At, "%s is not translated on %s", n.Pair.Inside.Addr(), node)
	delRules(p, p.At, node, "nat", missing, func(r plan.NftRule) bool { return r.Comment == n.Pair.comment() })
}

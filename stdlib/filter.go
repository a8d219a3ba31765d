package stdlib

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// peer is one side of a filter rule; the zero value is everybody.
type peer struct {
	text string
	at   source.Span
	// node is the node that is named, or that has the address that is; or "".
	node string
	// whole says that the node itself is named, not one of its addresses.
	whole bool
	// addrs are what is matched where the node itself does not filter.
	addrs []netip.Prefix
}

func (e peer) everybody() bool { return e.text == "" }

// peersOf are the sides that a set names; everybody where it names none.
func peersOf(p *verb.Plan, s *syntax.PeerSet) []peer {
	var list []peer
	for _, w := range s.Peers() {
		if e, ok := peerOf(p, w); ok {
			list = append(list, e)
		}
	}
	if len(s.Peers()) == 0 {
		return []peer{{}}
	}
	return list
}

func peerOf(p *verb.Plan, w syntax.Peer) (peer, bool) {
	e := peer{text: w.Value, at: w.Span}
	if a := w.Prefix(); a.IsValid() {
		e.addrs = []netip.Prefix{a}
		book, err := p.Book()
		p.Err(w.Span, err)
		if err == nil && a.IsSingleIP() && len(book.At(a.Addr())) == 1 {
			e.node = book.At(a.Addr())[0].Node
		}
		return e, err == nil
	}
	name, ok := p.Node(syntax.NodeRef(w))
	if !ok {
		return e, false
	}
	e.node, e.whole = name, true
	own, err := globalAddrs(p, name, "")
	p.Err(w.Span, err)
	for _, a := range own {
		e.addrs = append(e.addrs, netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
	}
	return e, err == nil
}

// filterRule is a statement about one pair of sides.
type filterRule struct {
	verb     string
	from, to peer
	proto    string
	port     uint16
	state    plan.ConnState
	on       string
}

// read puts the options together; the sides are filled in later.
func (f *Filter) read(verbName string) filterRule {
	r := filterRule{verb: verbName}
	for _, o := range f.Opts {
		switch {
		case o.On != nil:
			r.on = o.On.Value
		case o.Proto != nil:
			r.proto = o.Proto.Name.Value
			if o.Proto.Port != nil {
				r.port = uint16(o.Proto.Port.Number())
			}
		default:
			for _, s := range plan.ConnStates() {
				if s.Name == o.State.Value {
					r.state |= s.State
				}
			}
		}
	}
	return r
}

// String is the statement, and the comment of its rules: the same words mean
// the same rule.
func (r filterRule) String() string {
	w := []string{r.verb}
	add := func(when bool, word string) {
		if when {
			w = append(w, word)
		}
	}
	add(r.from.text != "", r.from.text)
	add(true, "->")
	add(r.to.text != "", r.to.text)
	add(r.proto != "", r.proto)
	add(r.port != 0, strconv.Itoa(int(r.port)))
	add(r.state != 0, strings.ReplaceAll(r.state.String(), ",", " "))
	add(r.on != "", "on "+r.on)
	return strings.Join(w, " ")
}

func (r filterRule) comment() string { return ruleComment(r.String()) }

func (f *Filter) plan(p *verb.Plan, verbName string) {
	r := f.read(verbName)
	for _, o := range f.Opts {
		if o.On != nil {
			p.Node(*o.On)
		}
	}
	from, to := peersOf(p, f.From), peersOf(p, f.To)
	if p.Failed() {
		return
	}
	edits := map[string]*nftEdit{}
	for _, r.from = range from {
		for _, r.to = range to {
			r.plan(p, p.At, edits)
		}
	}
}

// plan adds the rules of one pair. Edits are the tables that the statement has
// changed so far.
func (r filterRule) plan(p *verb.Plan, at source.Span, edits map[string]*nftEdit) {
	node, ok := r.place()
	if !ok {
		p.Fail(r.nowhere(at))
		return
	}
	rules := r.rules(p, node)
	if len(rules) == 0 {
		p.Fail(r.matchless(p, at, node))
		return
	}
	edit := edits[node]
	if edit == nil {
		if edit, ok = editNft(p, node); !ok {
			return
		}
		edits[node] = edit
	}
	if edit.standsFirst(rules) {
		p.Fail(diag.Errorf(diag.NameTaken, at, "%s has this rule already: %s", node, r).WithHelp("one is enough"))
		return
	}
	p.Fail(edit.noEffect(at, r, rules), edit.overruled(at, rules))
	edit.stack(at, rules)
}

// place is the node on which a rule acts.
func (r filterRule) place() (node string, ok bool) {
	switch {
	case r.on != "":
		return r.on, true
	case r.to.node != "":
		return r.to.node, true
	}
	return r.from.node, r.from.node != ""
}

func (r filterRule) nowhere(at source.Span) *diag.Diagnostic {
	d := diag.Errorf(diag.NowhereToAct, at, "%s: neither side is a node, so nobody would do it", r.verb)
	return d.WithHelp("say which node looks at the packets: %s on host", r)
}

// rules are the rules at a node, in the order to ask them.
func (r filterRule) rules(p *verb.Plan, node string) []plan.NftRule {
	own, err := globalAddrs(p, node, "")
	p.Err(p.At, err)
	isFrom, isTo := r.from.node == node, r.to.node == node
	var rules []plan.NftRule
	if isTo && !isFrom || !isFrom && r.to.mayBe(own) {
		rules = append(rules, r.at(plan.Input, r.from.addrs, r.to.unless(isTo))...)
	}
	if !isFrom && !isTo {
		rules = append(rules, r.at(plan.Forward, r.from.addrs, r.to.addrs)...)
	}
	if isFrom && !isTo || !isTo && r.from.mayBe(own) {
		rules = append(rules, r.at(plan.Output, r.from.unless(isFrom), r.to.addrs)...)
	}
	return rules
}

// mayBe reports whether a side that is not named as a node can be one with
// these addresses.
func (e peer) mayBe(own []netip.Prefix) bool {
	if e.everybody() {
		return true
	}
	return e.node == "" && slices.ContainsFunc(own, func(a netip.Prefix) bool { return e.addrs[0].Contains(a.Addr()) })
}

// unless are the addresses to match, none where the node itself is meant and
// does the filtering.
func (e peer) unless(self bool) []netip.Prefix {
	if self && e.whole {
		return nil
	}
	return e.addrs
}

// at are the rules in one chain, for each address of both sides.
func (r filterRule) at(c plan.Chain, from, to []netip.Prefix) []plan.NftRule {
	if r.from.whole && len(r.from.addrs) == 0 && c != plan.Output || r.to.whole && len(r.to.addrs) == 0 && c != plan.Input {
		return nil // a node with no address sends and gets nothing
	}
	var rules []plan.NftRule
	for _, src := range orAny(from) {
		for _, dst := range orAny(to) {
			base := plan.NftRule{Chain: c, Src: src, Dst: dst, State: r.state, Port: r.port, Counter: true,
				Verdict: verdicts()[r.verb], Comment: r.comment()}
			switch c {
			case plan.Input:
				base.IIf, base.NotIIf = plan.Loopback, true
			case plan.Output:
				base.OIf, base.NotOIf = plan.Loopback, true
			}
			if base.OneFamily() {
				rules = append(rules, r.protocols(base)...)
			}
		}
	}
	return rules
}

func orAny(list []netip.Prefix) []netip.Prefix {
	if len(list) == 0 {
		return []netip.Prefix{{}}
	}
	return list
}

func verdicts() map[string]string {
	return map[string]string{"block": "drop", "allow": "accept", "reject": "reject"}
}

// protocols are a rule for each protocol that the words mean: ICMP is two, and
// what is rejected is answered in TCP's way or with ICMP.
func (r filterRule) protocols(base plan.NftRule) []plan.NftRule {
	protos := []string{r.proto}
	switch v6, limited := base.Family(); {
	case r.proto == "icmp" && !limited:
		protos = []string{"icmp", "ipv6-icmp"}
	case r.proto == "icmp" && v6:
		protos = []string{"ipv6-icmp"}
	case r.proto == "" && r.verb == "reject":
		protos = []string{"tcp", ""}
	}
	var rules []plan.NftRule
	for _, base.Proto = range protos {
		rules = append(rules, base)
	}
	return rules
}

// matchless says why nothing can match.
func (r filterRule) matchless(p *verb.Plan, at source.Span, node string) *diag.Diagnostic {
	for _, e := range []peer{r.from, r.to} {
		if e.whole && len(e.addrs) == 0 && !p.Uncertain() {
			return diag.Errorf(diag.NoAddress, e.at, "%s has no address yet, so there are no packets to look at", e.text).
				WithHelp("write this behind its links and addresses")
		}
	}
	switch {
	case p.Uncertain():
		return nil
	case r.from.node == node && r.to.node == node:
		return diag.Errorf(diag.NowhereToAct, at, "what %s sends to itself passes no packet filter of the lab", node).
			WithHelp("packets to its own addresses stay on lo, which is always let alone")
	}
	return diag.Errorf(diag.FamilyMismatch, at, "%s and %s have no address family in common", r.from.text, r.to.text)
}

package filter

import (
	"net/netip"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// filterRule is a statement about one pair of sides.
type filterRule struct {
	verb     string
	from, to lab.Peer
	proto    string
	ports    plan.PortRange
	state    plan.ConnState
	// only is "forwarded" or "published", or "" for all packets.
	only string
	on   string
	// mark is what packets are marked with, or 0.
	mark uint32
}

// read puts the options together; the sides are filled in later.
func (f *filter) read(verbName string) filterRule {
	r := filterRule{verb: verbName}
	for _, o := range f.Opts {
		switch {
		case o.On != nil:
			r.on = o.On.Value
		case o.Proto != nil:
			r.proto = o.Proto.Name.Value
			if o.Proto.Port != nil {
				r.ports = plan.PortRange(o.Proto.Port.Range())
			}
		case o.Only != nil:
			r.only = o.Only.Value
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
	add(r.from.Text != "", r.from.Text)
	add(true, "->")
	add(r.to.Text != "", r.to.Text)
	add(r.proto != "", r.proto)
	add(!r.ports.Any(), r.ports.String())
	add(r.state != 0, strings.ReplaceAll(r.state.String(), ",", " "))
	add(r.only != "", r.only)
	add(r.on != "", "on "+r.on)
	return strings.Join(w, " ")
}

func (r filterRule) comment() string { return ruleComment(r.String()) }

func (f *filter) plan(p *verb.Plan, verbName string) {
	r := f.read(verbName)
	for _, o := range f.Opts {
		if o.On != nil {
			p.Node(*o.On)
		}
	}
	from, to := lab.PeersOf(p, f.From), lab.PeersOf(p, f.To)
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
		p.Fail(diag.RuleTaken(at, node, r.String()).WithHelp("one is enough"))
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
	case r.to.Node != "":
		return r.to.Node, true
	}
	return r.from.Node, r.from.Node != ""
}

func (r filterRule) nowhere(at source.Span) *diag.Diagnostic {
	d := diag.Errorf(diag.NowhereToAct, at, "%s: neither side is a node: add `on NODE`", r.verb)
	return d.WithHelp("name the node that filters: %s on host", r)
}

// rules are the rules at a node, in the order to ask them.
func (r filterRule) rules(p *verb.Plan, node string) []plan.NftRule {
	own, err := lab.GlobalAddrs(p, node, "")
	p.Err(p.At, err)
	isFrom, isTo := r.from.Node == node, r.to.Node == node
	var rules []plan.NftRule
	if r.only != "forwarded" && (isTo && !isFrom || !isFrom && r.to.MayBe(own)) {
		rules = append(rules, r.at(plan.Input, r.from.Addrs, r.to.Unless(isTo))...)
	}
	if !isFrom && !isTo {
		rules = append(rules, r.at(plan.Forward, r.from.Addrs, r.to.Addrs)...)
	}
	if r.only != "forwarded" && (isFrom && !isTo || !isTo && r.from.MayBe(own)) {
		rules = append(rules, r.at(plan.Output, r.from.Unless(isFrom), r.to.Addrs)...)
	}
	return rules
}

// at are the rules in one chain, for each address of both sides.
func (r filterRule) at(c plan.Chain, from, to []netip.Prefix) []plan.NftRule {
	if r.from.Whole && len(r.from.Addrs) == 0 && c != plan.Output || r.to.Whole && len(r.to.Addrs) == 0 && c != plan.Input {
		return nil // a node with no address sends and gets nothing
	}
	var rules []plan.NftRule
	for _, src := range orAny(from) {
		for _, dst := range orAny(to) {
			base := plan.NftRule{Chain: c, Src: src, Dst: dst, State: r.state, Ports: r.ports,
				Translated: r.only == "published", Counter: true,
				Verdict: lab.Verdicts()[r.verb], Mark: r.mark, Comment: r.comment()}
			if r.mark != 0 {
				base.Verdict = "mark"
			}
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
	for _, e := range []lab.Peer{r.from, r.to} {
		if e.Whole && len(e.Addrs) == 0 && !p.Uncertain() {
			return diag.NoAddressYet(e.At, e.Text)
		}
	}
	switch {
	case p.Uncertain():
		return nil
	case r.only == "forwarded" && (r.from.Node == node || r.to.Node == node):
		return diag.Errorf(diag.NowhereToAct, at, "%s forwards nothing that it sends or receives itself", node).
			WithHelp("name the router that filters: on NODE")
	case r.from.Node == node && r.to.Node == node:
		return diag.Errorf(diag.NowhereToAct, at, "what %s sends to itself passes no packet filter of the lab", node).
			WithHelp("packets to its own addresses stay on lo, which is never filtered")
	}
	return diag.Errorf(diag.FamilyMismatch, at, "%s and %s have no address family in common", r.from.Text, r.to.Text)
}

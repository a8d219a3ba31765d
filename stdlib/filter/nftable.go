package filter

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// nftEdit changes the lab's table in one node. It follows what the statement
// has planned so far.
type nftEdit struct {
	p     *verb.Plan
	node  string
	state plan.NftState
}

// editNft starts from the table as it is.
func editNft(p *verb.Plan, node string) (*nftEdit, bool) {
	state, err := p.Nft(node)
	p.Err(p.At, err)
	return &nftEdit{p: p, node: node, state: state}, err == nil
}

// chain makes a chain, and the table, where they are missing.
func (e *nftEdit) chain(at source.Span, c plan.Chain) (made bool) {
	if !e.state.Exists {
		e.p.Do(at, plan.AddNftTable{Node: e.node})
		e.state.Exists = true
	}
	if slices.Contains(e.state.Chains, c) {
		return false
	}
	e.p.Do(at, plan.AddNftChain{Node: e.node, Chain: c})
	e.state.Put(c, nil)
	return true
}

// add puts a rule at a place of its chain; 0 is the end.
func (e *nftEdit) add(at source.Span, r plan.NftRule, place int) {
	e.chain(at, r.Chain)
	there := e.state.In(r.Chain)
	e.p.Do(at, plan.AddNftRule{Node: e.node, Rule: r, Place: place})
	i := len(there)
	if place > 0 {
		i = min(i, place-1)
	}
	e.state.Put(r.Chain, plan.WithRule(there, i, r))
}

// del deletes the rules that match, and the chains and the table that are
// empty then. It returns how many rules there were.
func (e *nftEdit) del(at source.Span, match func(plan.NftRule) bool) (deleted int) {
	for _, c := range slices.Clone(e.state.Chains) {
		gone := 0
		for i, r := range slices.Backward(e.state.In(c)) {
			if match(*r) {
				e.p.Do(at, plan.DelNftRule{Node: e.node, Rule: *r, Place: i + 1})
				e.state.Put(c, plan.WithoutRule(e.state.In(c), i))
				gone++
			}
		}
		if gone > 0 {
			e.sweep(at, c)
		}
		deleted += gone
	}
	return deleted
}

// sweep deletes a chain with nothing left in it, and then the table.
func (e *nftEdit) sweep(at source.Span, c plan.Chain) {
	left := e.state.In(c)
	if len(left) == 1 && *left[0] == discovery(c) {
		e.p.Do(at, plan.DelNftRule{Node: e.node, Rule: discovery(c), Place: 1})
	} else if len(left) > 0 {
		return
	}
	e.p.Do(at, plan.DelNftChain{Node: e.node, Chain: c})
	e.state.Drop(c)
	if len(e.state.Chains) == 0 {
		e.p.Do(at, plan.DelNftTable{Node: e.node})
		e.state.Exists = false
	}
}

// discovery lets neighbour discovery and multicast membership pass, which
// connection tracking leaves alone (noct_valid_new,
// net/netfilter/nf_conntrack_proto_icmpv6.c): it is first in each filter
// chain, because IPv6 does not work without it, as IPv4 does not without ARP, which no such
// chain sees.
func discovery(c plan.Chain) plan.NftRule {
	return plan.NftRule{Chain: c, Proto: "ipv6-icmp", State: plan.StateUntracked, Verdict: "accept", Comment: "neighbour discovery passes"}
}

// delRules deletes the rules of a node that a statement of a verb made. Missing
// is the finding that there are none, or nil; the rules that exist are added to it.
func delRules(p *verb.Plan, at source.Span, node, verbName string, missing *diag.Diagnostic, match func(plan.NftRule) bool) {
	edit, ok := editNft(p, node)
	if !ok {
		return
	}
	there := statementsOf(edit.state, verbName)
	if edit.del(at, match) == 0 && missing != nil && !p.Uncertain() {
		p.Fail(missing.WithHelp("%s", lab.Listed("there is:", there, node+" has no "+verbName+" at all")))
	}
}

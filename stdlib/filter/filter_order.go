package filter

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// stack puts rules on top of their chains, in their order, after the one that
// lets neighbour discovery pass: the first that matches decides, so a later
// statement wins.
func (e *nftEdit) stack(at source.Span, rules []plan.NftRule) {
	next := map[plan.Chain]int{}
	for _, r := range rules {
		if e.chain(at, r.Chain) {
			e.add(at, discovery(r.Chain), 0)
		}
		if next[r.Chain] == 0 {
			next[r.Chain] = e.top(r.Chain)
		}
		e.add(at, r, next[r.Chain])
		next[r.Chain]++
	}
}

// top is the place of the first rule that may be overruled.
func (e *nftEdit) top(c plan.Chain) int {
	if there := e.state.In(c); len(there) > 0 && *there[0] == discovery(c) {
		return 2
	}
	return 1
}

// standsFirst reports whether the rules are there already, with nothing on top
// of them.
func (e *nftEdit) standsFirst(rules []plan.NftRule) bool {
	next := map[plan.Chain]int{}
	for _, r := range rules {
		if next[r.Chain] == 0 {
			next[r.Chain] = e.top(r.Chain)
		}
		there := e.state.In(r.Chain)
		if i := next[r.Chain] - 1; i >= len(there) || *there[i] != r {
			return false
		}
		next[r.Chain]++
	}
	return true
}

// noEffect warns of an allow where nothing is forbidden.
func (e *nftEdit) noEffect(at source.Span, r filterRule, rules []plan.NftRule) *diag.Diagnostic {
	if r.verb != "allow" || e.p.Uncertain() {
		return nil
	}
	for _, there := range e.state.All() {
		if slices.ContainsFunc(rules, func(mine plan.NftRule) bool { return there.Chain == mine.Chain && lab.Forbids(*there) }) {
			return nil
		}
	}
	return diag.New(diag.NoEffect, diag.Warning, at, "nothing on %s forbids these packets, so this changes nothing", e.node).
		WithHelp("what no statement blocks passes; block first, then allow: the later statement wins")
}

// overruled warns of an earlier statement of which the new rules leave nothing.
func (e *nftEdit) overruled(at source.Span, rules []plan.NftRule) *diag.Diagnostic {
	for _, r := range rules {
		for _, old := range e.state.In(r.Chain) {
			// The cheapest first: there may be thousands.
			if covers(&r, old) && lab.Forbids(r) != lab.Forbids(*old) && !covers(old, &r) &&
				*old != discovery(old.Chain) && old.Verdict != plan.Foreign {
				return diag.New(diag.Overruled, diag.Warning, at, "this overrides an earlier statement: %s", old.Comment).
					WithHelp("the later statement wins; write the narrower one after this one")
			}
		}
	}
	return nil
}

// covers reports whether every packet that small matches, big matches too.
func covers(big, small *plan.NftRule) bool {
	return within(big.Src, small.Src) && within(big.Dst, small.Dst) &&
		(big.Proto == "" || big.Proto == small.Proto) && big.Ports.Covers(small.Ports) && (!big.Translated || small.Translated) &&
		(big.State == 0 || small.State != 0 && big.State&small.State == small.State)
}

func within(big, small netip.Prefix) bool {
	return !big.IsValid() || small.IsValid() && big.Bits() <= small.Bits() && big.Contains(small.Addr())
}

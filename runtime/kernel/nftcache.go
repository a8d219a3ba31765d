package kernel

import (
	"slices"

	"github.com/google/nftables"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// nftCache is the lab's table as the kernel had it at one generation of the namespace's
// rules, which each change of any program counts up (NFT_MSG_GETGEN, nf_tables_api.c).
// Thousands of rules that are added one by one are so not read thousands of times.
type nftCache struct {
	valid bool
	gen   uint32
	state plan.NftState // without rules
	rules map[string][]placedRule
	lists map[string][]*plan.NftRule // of rules, as a state has them
}

// placedRule is a rule of a chain with the number that the kernel has for it.
type placedRule struct {
	rule   *plan.NftRule
	count  plan.NftCount
	handle uint64
}

// table is the lab's table as it is now, but for what its rules have counted. The caller
// must not change it.
func (h *handle) table(c *nftables.Conn) (*nftCache, error) {
	gen, err := c.GetGen()
	if t := &h.nftTable; err == nil && t.valid && t.gen == gen.ID {
		return t, nil
	}
	for range rtnl.Tries {
		t, readErr := readTable(c)
		if readErr != nil {
			return nil, readErr
		}
		h.nftTable = *t
		if err != nil {
			return &h.nftTable, nil // a kernel that does not count, before Linux 3.18
		}
		// The library does not see whether a change interrupted a dump.
		now, err := c.GetGen()
		if err != nil {
			return nil, err
		}
		if now.ID == gen.ID {
			h.nftTable.valid, h.nftTable.gen = true, gen.ID
			return &h.nftTable, nil
		}
		gen = now
	}
	return nil, rtnl.ErrChanged
}

func readTable(c *nftables.Conn) (*nftCache, error) {
	st, err := nftTables(c)
	t := &nftCache{state: st, rules: map[string][]placedRule{}, lists: map[string][]*plan.NftRule{}}
	if err != nil || !st.Exists {
		return t, err
	}
	chains, err := labChains(c)
	for _, nc := range chains {
		ch, err := planChain(nc)
		if err != nil {
			continue // not a base chain
		}
		t.state.Chains = append(t.state.Chains, ch)
		rules, err := rulesOf(c, ch)
		if err != nil {
			return t, err
		}
		for _, r := range rules {
			rule, count := decodeRule(r, ch)
			t.rules[ch.Name] = append(t.rules[ch.Name], placedRule{&rule, count, r.Handle})
			t.lists[ch.Name] = append(t.lists[ch.Name], &rule)
		}
	}
	return t, err
}

// now is the state with all rules, but for what they have counted.
func (t *nftCache) now() plan.NftState {
	st := t.state
	st.Chains, st.Others = slices.Clone(st.Chains), slices.Clone(st.Others)
	for _, ch := range st.Chains {
		st.Lists = append(st.Lists, t.lists[ch.Name])
	}
	return st
}

// counted is the state with what its rules have counted.
func (t *nftCache) counted() plan.NftState {
	st := t.now()
	for _, ch := range st.Chains {
		for _, r := range t.rules[ch.Name] {
			st.Counts = append(st.Counts, r.count)
		}
	}
	return st
}

// added is a rule as its chain has it.
func (t *nftCache) added(r plan.NftRule, handle uint64) placedRule {
	for _, ch := range t.state.Chains {
		if ch.Name == r.Chain.Name {
			r.Chain = ch
		}
	}
	r = canonical(r)
	return placedRule{rule: &r, handle: handle}
}

// changed follows the one change that was made to a chain's rules: the rule at an index
// was deleted or, with a new one, that was put before it. Where another program made one
// too, the table is read again when it is needed.
func (h *handle) changed(c *nftables.Conn, chain string, at int, added ...placedRule) {
	t := &h.nftTable
	gen, err := c.GetGen()
	if err != nil || !t.valid || gen.ID != t.gen+1 {
		t.valid = false
		return
	}
	t.gen = gen.ID
	if len(added) == 0 {
		t.rules[chain] = slices.Delete(t.rules[chain], at, at+1)
		t.lists[chain] = plan.WithoutRule(t.lists[chain], at)
		return
	}
	t.rules[chain] = slices.Insert(t.rules[chain], at, added...)
	t.lists[chain] = plan.WithRule(t.lists[chain], at, *added[0].rule)
}

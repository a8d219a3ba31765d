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
}

// placedRule is a rule of a chain with the number that the kernel has for it.
type placedRule struct {
	rule   plan.NftRule
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
	t := &nftCache{state: st, rules: map[string][]placedRule{}}
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
			t.rules[ch.Name] = append(t.rules[ch.Name], placedRule{rule, count, r.Handle})
		}
	}
	return t, err
}

// now is the state with all rules.
func (t *nftCache) now() plan.NftState {
	st := t.state
	st.Chains, st.Others = slices.Clone(st.Chains), slices.Clone(st.Others)
	total := 0
	for _, list := range t.rules {
		total += len(list)
	}
	st.Rules = make([]plan.NftRule, 0, total+4) // who plans a few more need not copy all
	for _, ch := range st.Chains {
		for _, r := range t.rules[ch.Name] {
			st.Rules, st.Counts = append(st.Rules, r.rule), append(st.Counts, r.count)
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
	return placedRule{rule: canonical(r), handle: handle}
}

// changed follows the one change that was made to a chain's rules. Where another
// program made one too, the table is read again when it is needed.
func (h *handle) changed(c *nftables.Conn, chain string, edit func([]placedRule) []placedRule) {
	t := &h.nftTable
	gen, err := c.GetGen()
	if err != nil || !t.valid || gen.ID != t.gen+1 {
		t.valid = false
		return
	}
	t.gen = gen.ID
	t.rules[chain] = edit(t.rules[chain])
}

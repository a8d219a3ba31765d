package kernel

import (
	"fmt"
	"slices"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// stagedRule is a rule that is to be added: first in its chain, after the rule whose number
// it has as its position, or last.
type stagedRule struct {
	chain string
	first bool
	added *nftables.Rule
	rule  *plan.NftRule
}

// Stage takes rules that are to be added to the lab's table of a node; DoStaged adds them in
// one transaction. The kernel needs time for each transaction that grows with the rules that
// are there (nf_tables_commit_chain_prepare, nft_chain_validate), so that thousands of them,
// added one by one, would take minutes. Until then [World.Nft] has them.
//
// It takes all of the ops or none: none if there are others among them, if they are another
// node's than those that it has, or if the place of one cannot be named before those that it
// follows are there.
func (w *World) Stage(ops []plan.Op) bool {
	rules := make([]plan.AddNftRule, len(ops))
	for i, op := range ops {
		o, ok := op.(plan.AddNftRule)
		if !ok || i > 0 && o.Node != rules[0].Node {
			return false
		}
		rules[i] = o
	}
	if len(rules) == 0 {
		return false
	}
	h, err := w.acquire(rules[0].Node)
	if err != nil {
		return false // what does them says it
	}
	w.mu.Lock()
	begun := w.staging != nil
	fits := !begun || w.staging == h
	w.mu.Unlock()
	if !fits || !h.stage(rules) {
		w.release(h)
		return false
	}
	if begun {
		w.release(h) // it is held since the first
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.staging = h
	return true
}

// DoStaged adds what Stage has taken: all, or nothing if there is an error.
func (w *World) DoStaged() error {
	w.mu.Lock()
	h := w.staging
	w.staging = nil
	w.mu.Unlock()
	if h == nil {
		return nil
	}
	defer w.release(h)
	return h.doStaged()
}

// stage notes the rules in the table that is remembered, and as staged.
func (h *handle) stage(rules []plan.AddNftRule) (taken bool) {
	err := h.withNft(func(c *nftables.Conn, _ bool) error {
		t := &h.nftTable
		if len(h.staged) == 0 {
			var err error
			if t, err = h.table(c); err != nil {
				return err
			}
		}
		for i, o := range rules {
			if !t.valid || !h.stageRule(t, o) {
				h.unstage(t, i)
				return nil
			}
		}
		taken = true
		return nil
	})
	return taken && err == nil
}

func (h *handle) stageRule(t *nftCache, o plan.AddNftRule) bool {
	chain := o.Rule.Chain.Name
	there := t.rules[chain]
	rule, err := labRule(o.Rule)
	at := len(there)
	if o.Place > 0 {
		at = o.Place - 1
	}
	if err != nil || at > len(there) || !slices.ContainsFunc(t.state.Chains, func(c plan.Chain) bool { return c.Name == chain }) {
		return false
	}
	first := at == 0 && len(there) > 0
	if !first && at < len(there) {
		if rule.Position = there[at-1].handle; rule.Position == 0 {
			return false
		}
	}
	placed := t.added(o.Rule, 0)
	t.rules[chain] = slices.Insert(there, at, placed)
	t.lists[chain] = plan.WithRule(t.lists[chain], at, *placed.rule)
	h.staged = append(h.staged, stagedRule{chain, first, rule, placed.rule})
	return true
}

// unstage gives back the last n rules that were staged.
func (h *handle) unstage(t *nftCache, n int) {
	for range n {
		last := h.staged[len(h.staged)-1]
		h.staged = h.staged[:len(h.staged)-1]
		at := slices.IndexFunc(t.rules[last.chain], func(p placedRule) bool { return p.rule == last.rule })
		t.rules[last.chain] = slices.Delete(t.rules[last.chain], at, at+1)
		t.lists[last.chain] = plan.WithoutRule(t.lists[last.chain], at)
	}
}

// doStaged adds the staged rules in one transaction, if the table is as it was when they
// were staged.
func (h *handle) doStaged() error {
	rules, want := h.staged, map[string]int{}
	for _, r := range rules {
		want[r.chain] = len(h.nftTable.rules[r.chain])
	}
	h.staged = nil
	return h.withNft(func(c *nftables.Conn, again bool) error {
		if again {
			if t, err := h.table(c); err != nil || t.counts(want) {
				return err // a try whose answer was lost has added them
			}
		}
		if gen, err := c.GetGen(); !again && (err != nil || !h.nftTable.valid || gen.ID != h.nftTable.gen) {
			return fmt.Errorf("rules of %s: %w", h.name, unix.ESTALE)
		}
		for _, r := range rules {
			if r.first {
				c.InsertRule(r.added)
			} else {
				c.AddRule(r.added)
			}
		}
		if err := c.Flush(); err != nil {
			return err
		}
		h.placed(c, rules, !again)
		return nil
	})
}

// counts reports whether the chains have so many rules.
func (t *nftCache) counts(want map[string]int) bool {
	for chain, n := range want {
		if len(t.rules[chain]) != n {
			return false
		}
	}
	return true
}

// placed notes the numbers that the kernel has given to rules that are in the table which is
// remembered.
func (h *handle) placed(c *nftables.Conn, rules []stagedRule, remembered bool) {
	t := &h.nftTable
	gen, err := c.GetGen()
	if err != nil || !remembered || !t.valid || gen.ID != t.gen+1 {
		t.valid = false
		return
	}
	t.gen = gen.ID
	numbers := map[string]map[*plan.NftRule]uint64{}
	for _, r := range rules {
		if numbers[r.chain] == nil {
			numbers[r.chain] = map[*plan.NftRule]uint64{}
		}
		numbers[r.chain][r.rule] = r.added.Handle
	}
	for chain, of := range numbers {
		list := t.rules[chain]
		for i := range list {
			if n := of[list[i].rule]; n != 0 {
				list[i].handle = n
			}
		}
	}
}

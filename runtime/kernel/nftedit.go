package kernel

import (
	"errors"
	"fmt"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// labRule is a rule as the library has it.
func labRule(r plan.NftRule) (*nftables.Rule, error) {
	exprs, err := ruleExprs(r)
	return &nftables.Rule{
		Table:    labTable(),
		Chain:    &nftables.Chain{Table: labTable(), Name: r.Chain.Name},
		Exprs:    exprs,
		UserData: comment(r.Comment),
	}, err
}

// addNftRule adds a rule at its place, or after all others.
func (h *handle) addNftRule(o plan.AddNftRule) error {
	rule, err := labRule(o.Rule)
	if err != nil {
		return err
	}
	chain, had := o.Rule.Chain.Name, -1
	return h.withNft(func(c *nftables.Conn, _ bool) error {
		t, err := h.table(c)
		if err != nil {
			return err
		}
		there := t.rules[chain]
		if had < 0 {
			had = len(there)
		}
		at := had
		if o.Place > 0 {
			at = o.Place - 1
		}
		if len(there) == had+1 && at <= had && *there[at].rule == canonical(o.Rule) {
			return nil // a try whose answer was lost has added it
		}
		if err := place(c, rule, there, at); err != nil {
			return err
		}
		if err := c.Flush(); err != nil {
			return err
		}
		h.changed(c, chain, at, t.added(o.Rule, rule.Handle))
		return nil
	})
}

// place gives the library a rule that is to be added before the rule at a place.
func place(c *nftables.Conn, rule *nftables.Rule, there []placedRule, at int) error {
	switch {
	case at > len(there):
		return fmt.Errorf("place %d of %d rules: %w", at+1, len(there), unix.ENOENT)
	case at == 0 && len(there) > 0:
		c.InsertRule(rule)
		return nil
	case at < len(there):
		rule.Position = there[at-1].handle
	}
	c.AddRule(rule)
	return nil
}

// delNftRule deletes the rule at a place, or the last one that is equal: it
// undoes an addition.
func (h *handle) delNftRule(o plan.DelNftRule) error {
	chain, had := o.Rule.Chain.Name, -1
	return h.withNft(func(c *nftables.Conn, _ bool) error {
		t, err := h.table(c)
		if err != nil {
			return err
		}
		rules := t.rules[chain]
		if had < 0 {
			had = len(rules)
		}
		if len(rules) == had-1 {
			return nil // a try whose answer was lost has deleted it
		}
		at := find(rules, o)
		if at < 0 {
			return fmt.Errorf("rule %q: %w", o.Rule.String(), unix.ENOENT)
		}
		gone := &nftables.Rule{Table: labTable(), Chain: &nftables.Chain{Table: labTable(), Name: chain}, Handle: rules[at].handle}
		if err := errors.Join(c.DelRule(gone), c.Flush()); err != nil {
			return err
		}
		h.changed(c, chain, at)
		return nil
	})
}

// find is where the rule is that is to be deleted, or -1.
func find(rules []placedRule, o plan.DelNftRule) int {
	for i := len(rules) - 1; i >= 0; i-- {
		if (o.Place == 0 || i == o.Place-1) && *rules[i].rule == canonical(o.Rule) {
			return i
		}
	}
	return -1
}

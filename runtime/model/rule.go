package model

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// kernelRules are the rules of a new namespace (ip-rule(8)).
func kernelRules() [2][]plan.Rule {
	four := []plan.Rule{{Table: localTable}, {Priority: 32766, Table: mainTable}, {Priority: 32767, Table: defaultTable}}
	six := []plan.Rule{{Table: localTable, V6: true}, {Priority: 32766, Table: mainTable, V6: true}}
	return [2][]plan.Rule{four, six}
}

// kernelsOwn tells the rules of a new namespace from others.
func kernelsOwn(r plan.Rule) bool {
	r.V6 = false
	if r.Other == ofVRF {
		return true
	}
	return slices.Contains(kernelRules()[v4], r)
}

func ruleError(n *node, r plan.Rule, err error) error {
	return fmt.Errorf("rule %s in %s: %w", r, n.name, err)
}

// norm is a rule as the kernel reports it back, and its family.
func norm(r plan.Rule) (plan.Rule, int, error) {
	any6 := r.Is6()
	any4 := r.From.Addr().Is4() || r.To.Addr().Is4()
	if any6 && any4 {
		return r, 0, syscall.EINVAL
	}
	for _, p := range []*netip.Prefix{&r.From, &r.To} {
		if p.IsValid() && p.Bits() == 0 {
			*p = netip.Prefix{}
		}
	}
	if r.Table == 0 && r.Kind == "" {
		r.Table = mainTable
	}
	r.V6 = any6 && !r.From.IsValid() && !r.To.IsValid()
	if any6 {
		return r, v6, nil
	}
	return r, v4, nil
}

// addRule puts a rule after those of the same priority. Without one it gets
// the number before that of the second rule (fib_default_rule_pref).
func (n *node) addRule(r plan.Rule) error {
	r, f, err := norm(r)
	if err != nil {
		return ruleError(n, r, err)
	}
	if r.Priority == 0 && len(n.rules[f]) > 1 && n.rules[f][1].Priority > 0 {
		r.Priority = n.rules[f][1].Priority - 1
	}
	// A source or destination that is not given is no difference to the kernel
	// here (fib4_rule_compare, fib6_rule_compare).
	same := func(o plan.Rule) bool {
		return o.Priority == r.Priority && alike(o, r) && covers(r, o)
	}
	if slices.ContainsFunc(n.rules[f], same) {
		return ruleError(n, r, syscall.EEXIST)
	}
	i := len(n.rules[f])
	for i > 0 && n.rules[f][i-1].Priority > r.Priority {
		i--
	}
	n.rules[f] = slices.Insert(n.rules[f], i, r)
	n.unmerged = n.unmerged || f == v4
	return nil
}

// alike reports whether two rules differ in nothing but addresses and priority. Not is no
// difference to the kernel here (rule_exists, net/core/fib_rules.c).
func alike(r, o plan.Rule) bool {
	o.From, o.To, o.Priority, o.Not, o.V6 = r.From, r.To, r.Priority, r.Not, r.V6
	return r == o
}

// covers reports whether what a rule says of addresses, another one says too.
func covers(r, o plan.Rule) bool {
	return (!r.From.IsValid() || o.From == r.From) && (!r.To.IsValid() || o.To == r.To)
}

// delRule deletes the first rule that has all that is given.
func (n *node) delRule(r plan.Rule) error {
	r, f, err := norm(r)
	if err != nil {
		return ruleError(n, r, err)
	}
	i := slices.IndexFunc(n.rules[f], func(o plan.Rule) bool {
		return (r.Priority == 0 || o.Priority == r.Priority) && covers(r, o) && alike(r, wanted(r, o))
	})
	if i < 0 {
		return ruleError(n, r, syscall.ENOENT)
	}
	n.rules[f] = slices.Delete(n.rules[f], i, i+1)
	n.unmerged = n.unmerged || f == v4
	return nil
}

// wanted is a rule without those conditions that a deletion does not name.
func wanted(r, o plan.Rule) plan.Rule {
	if r.IIf == "" {
		o.IIf = ""
	}
	if r.OIf == "" {
		o.OIf = ""
	}
	if r.FWMark == 0 {
		o.FWMark = 0
	}
	if r.Proto == "" {
		o.Proto = ""
	}
	if r.SPort == (plan.PortRange{}) {
		o.SPort = r.SPort
	}
	if r.DPort == (plan.PortRange{}) {
		o.DPort = r.DPort
	}
	if r.Kind == "" {
		o.Kind = ""
	}
	return o
}

// Rules are the policy rules of both families but the kernel's own three.
func (m *Model) Rules(node string) ([]plan.Rule, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	var rules []plan.Rule
	for _, list := range n.rules {
		for _, r := range list {
			if !kernelsOwn(r) {
				rules = append(rules, r)
			}
		}
	}
	return rules, nil
}

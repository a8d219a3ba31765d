package kernel

import (
	"nsl/runtime/kernel/nfread"
	"nsl/runtime/plan"
)

// Ruleset is all of a node's packet filter, the lab's table and those of others, and
// its IPsec policies.
func (w *World) Ruleset(node string) (r plan.Ruleset, err error) {
	err = w.Inside(node, func() error {
		r, err = nfread.Read(w.netlink)
		r.Policies = ipsecPolicies(w.netlink)
		return err
	})
	return r, err
}

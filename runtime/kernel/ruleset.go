package kernel

import (
	"nsl/runtime/kernel/content"
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

// Tables are the tables of nftables of a node, as the kernel describes them.
func (w *World) Tables(node string) (list []plan.Item, err error) {
	err = w.Inside(node, func() error {
		list, err = content.Tables(w.netlink)
		return err
	})
	return list, err
}

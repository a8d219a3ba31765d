package model

import (
	"fmt"
	"slices"
	"strconv"
	"syscall"

	"nsl/runtime/plan"
)

// nftTable is the lab's nftables table of a node.
type nftTable struct {
	chains []plan.Chain
	rules  map[string][]plan.NftRule
}

func nftError(n *node, what string, err error) error {
	return fmt.Errorf("nft %s in %s: %w", what, n.name, err)
}

func (n *node) addNftTable() error {
	if n.nft != nil {
		return nftError(n, "table", syscall.EEXIST)
	}
	n.nft = &nftTable{rules: map[string][]plan.NftRule{}}
	return nil
}

func (n *node) delNftTable() error {
	if n.nft == nil {
		return nftError(n, "table", syscall.ENOENT)
	}
	n.nft = nil
	return nil
}

func (n *node) addNftChain(c plan.Chain) error {
	switch {
	case !nftHook(c.Hook) || !nftPriority(c.Priority):
		return nftError(n, "chain "+c.Name, syscall.EINVAL)
	case n.nft == nil:
		return nftError(n, "chain "+c.Name, syscall.ENOENT)
	case n.nft.index(c.Name) >= 0:
		return nftError(n, "chain "+c.Name, syscall.EEXIST)
	}
	n.nft.chains = append(n.nft.chains, c)
	return nil
}

// nftHook tells the hooks of the families ip, ip6 and inet (nft(8)).
func nftHook(hook string) bool {
	return slices.Contains([]string{"prerouting", "input", "forward", "output", "postrouting"}, hook)
}

// nftPriority tells the standard priorities of those families, and numbers.
func nftPriority(p string) bool {
	if slices.Contains([]string{"raw", "mangle", "dstnat", "filter", "security", "srcnat"}, p) {
		return true
	}
	_, err := strconv.ParseInt(p, 10, 32)
	return err == nil
}

func (t *nftTable) index(chain string) int {
	return slices.IndexFunc(t.chains, func(c plan.Chain) bool { return c.Name == chain })
}

func (n *node) delNftChain(name string) error {
	i := -1
	if n.nft != nil {
		i = n.nft.index(name)
	}
	switch {
	case i < 0:
		return nftError(n, "chain "+name, syscall.ENOENT)
	case len(n.nft.rules[name]) > 0:
		return nftError(n, "chain "+name, syscall.EBUSY)
	}
	n.nft.chains = slices.Delete(n.nft.chains, i, i+1)
	return nil
}

func (n *node) addNftRule(r plan.NftRule) error {
	if err := n.checkNftRule(r); err != nil {
		return nftError(n, "rule "+r.String(), err)
	}
	i := n.nft.index(r.Chain.Name)
	r = canonical(r, n.nft.chains[i])
	n.nft.rules[r.Chain.Name] = append(n.nft.rules[r.Chain.Name], r)
	return nil
}

func (n *node) checkNftRule(r plan.NftRule) error {
	both := r.Src.IsValid() && r.Dst.IsValid()
	switch {
	case both && r.Src.Addr().Is6() != r.Dst.Addr().Is6(),
		!slices.Contains([]string{"masquerade", "accept", "drop"}, r.Verdict):
		return syscall.EINVAL
	case n.nft == nil:
		return syscall.ENOENT
	}
	i := n.nft.index(r.Chain.Name)
	if i < 0 {
		return syscall.ENOENT
	}
	// Only where the source may still be changed (nft_masq_validate).
	if c := n.nft.chains[i]; r.Verdict == "masquerade" && (c.Type != "nat" || c.Hook != "postrouting") {
		return syscall.EOPNOTSUPP
	}
	return nil
}

// canonical is a rule as the kernel tells it back: without host bits, and with
// the chain as it is.
func canonical(r plan.NftRule, c plan.Chain) plan.NftRule {
	r.Chain, r.Src, r.Dst = c, r.Src.Masked(), r.Dst.Masked()
	r.NotDst = r.NotDst && r.Dst.IsValid()
	return r
}

// delNftRule deletes the last rule that is equal: it takes back an addition.
func (n *node) delNftRule(r plan.NftRule) error {
	if n.nft == nil || n.nft.index(r.Chain.Name) < 0 {
		return nftError(n, "rule "+r.String(), syscall.ENOENT)
	}
	name := r.Chain.Name
	r = canonical(r, n.nft.chains[n.nft.index(name)])
	for i, o := range slices.Backward(n.nft.rules[name]) {
		if o == r {
			n.nft.rules[name] = slices.Delete(n.nft.rules[name], i, i+1)
			return nil
		}
	}
	return nftError(n, "rule "+r.String(), syscall.ENOENT)
}

// Nft is the lab's table in a node, rules by the chains' order.
func (m *Model) Nft(node string) (plan.NftState, error) {
	n, err := m.node(node)
	if err != nil || n.nft == nil {
		return plan.NftState{}, err
	}
	st := plan.NftState{Exists: true, Chains: slices.Clone(n.nft.chains)}
	for _, c := range st.Chains {
		st.Rules = append(st.Rules, n.nft.rules[c.Name]...)
	}
	return st, nil
}

package model

import (
	"fmt"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// nftTable is the lab's nftables table of a node.
type nftTable struct {
	chains []plan.Chain
	rules  map[string][]*plan.NftRule // see plan.NftState.Lists
}

func nftError(n *node, what string, err error) error {
	return fmt.Errorf("nft %s in %s: %w", what, n.name, err)
}

func (n *node) addNftTable() error {
	if n.nft != nil {
		return nftError(n, "table", syscall.EEXIST)
	}
	n.nft = &nftTable{rules: map[string][]*plan.NftRule{}}
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
	_, known := plan.ChainPriority(c.Priority)
	switch {
	case !nftHook(c.Hook) || !known:
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

func (n *node) addNftRule(o plan.AddNftRule) error {
	r := o.Rule
	if err := n.checkNftRule(o); err != nil {
		return nftError(n, "rule "+r.String(), err)
	}
	rules := n.nft.rules[r.Chain.Name]
	at := len(rules)
	if o.Place != 0 {
		at = o.Place - 1
	}
	r = canonical(r, n.nft.chains[n.nft.index(r.Chain.Name)])
	if at == len(rules) {
		n.nft.rules[r.Chain.Name] = append(rules, &r) // after what readers have of it
		return nil
	}
	n.nft.rules[r.Chain.Name] = plan.WithRule(rules, at, r)
	return nil
}

// checkNftRule finds what is wrong in the order that the kernel world does, which
// looks for the place before it asks the kernel.
func (n *node) checkNftRule(o plan.AddNftRule) error {
	r := o.Rule
	if !wellFormed(r) {
		return syscall.EINVAL
	}
	if n.nft == nil || n.nft.index(r.Chain.Name) < 0 || o.Place-1 > len(n.nft.rules[r.Chain.Name]) {
		return syscall.ENOENT
	}
	if c := n.nft.chains[n.nft.index(r.Chain.Name)]; !mayAct(r.Verdict, c) {
		return syscall.EOPNOTSUPP
	}
	return nil
}

func wellFormed(r plan.NftRule) bool {
	switch {
	case !r.OneFamily(),
		!slices.Contains([]string{"masquerade", "snat", "dnat", "redirect", "accept", "drop", "reject", "mark"}, r.Verdict),
		(r.Verdict == "dnat" || r.Verdict == "snat") && !r.To.IsValid(),
		r.Verdict == "redirect" && (r.To.IsValid() || r.To.Port() == 0):
		return false
	case !r.Ports.Any():
		return r.Proto == "tcp" || r.Proto == "udp"
	}
	return slices.Contains([]string{"", "tcp", "udp", "icmp", "ipv6-icmp"}, r.Proto)
}

// mayAct reports where the kernel lets a rule act: the source may be changed only
// at the end (nft_masq_validate), the destination only before routing
// (nft_nat_validate, nft_redir_validate), and a packet that has left is not rejected any more
// (nft_reject_inet_validate).
func mayAct(verdict string, c plan.Chain) bool {
	switch verdict {
	case "masquerade", "snat":
		return c.Type == "nat" && c.Hook == "postrouting"
	case "dnat", "redirect":
		return c.Type == "nat" && (c.Hook == "prerouting" || c.Hook == "output")
	case "reject":
		return c.Hook != "postrouting"
	}
	return true
}

// canonical is a rule as the kernel reports it back: without host bits, and with
// the chain as it is.
func canonical(r plan.NftRule, c plan.Chain) plan.NftRule {
	r.Chain, r.Src, r.Dst = c, r.Src.Masked(), r.Dst.Masked()
	r.NotDst = r.NotDst && r.Dst.IsValid()
	r.NotIIf, r.NotOIf = r.NotIIf && r.IIf != "", r.NotOIf && r.OIf != ""
	return r
}

// delNftRule deletes the rule at a place, or the last one that is equal: it
// undoes an addition.
func (n *node) delNftRule(o plan.DelNftRule) error {
	name := o.Rule.Chain.Name
	if n.nft == nil || n.nft.index(name) < 0 {
		return nftError(n, "rule "+o.Rule.String(), syscall.ENOENT)
	}
	r := canonical(o.Rule, n.nft.chains[n.nft.index(name)])
	for i, there := range slices.Backward(n.nft.rules[name]) {
		if *there == r && (o.Place == 0 || o.Place == i+1) {
			n.nft.rules[name] = plan.WithoutRule(n.nft.rules[name], i)
			return nil
		}
	}
	return nftError(n, "rule "+o.Rule.String(), syscall.ENOENT)
}

// Nft is the lab's table in a node, rules by the chains' order.
func (m *Model) Nft(node string) (plan.NftState, error) {
	n, err := m.node(node)
	if err != nil || n.nft == nil {
		return plan.NftState{}, err
	}
	st := plan.NftState{Exists: true, Chains: slices.Clone(n.nft.chains)}
	for _, c := range st.Chains {
		st.Lists = append(st.Lists, slices.Clip(n.nft.rules[c.Name]))
	}
	return st, nil
}

// CountedNft is Nft: no packet ever passed.
func (m *Model) CountedNft(node string) (plan.NftState, error) {
	st, err := m.Nft(node)
	st.Counts = make([]plan.NftCount, len(st.Rules()))
	return st, err
}

// setItem keeps the tables of other programs; of other items the model has its own.
func (n *node) setItem(o plan.SetItem) {
	if o.Was.Kind != plan.TableItem && o.Is.Kind != plan.TableItem {
		return
	}
	n.filters = slices.DeleteFunc(slices.Clone(n.filters), func(i plan.Item) bool { return i.Key == o.Was.Key || i.Key == o.Is.Key })
	if o.Is.Kind != "" {
		n.filters = append(n.filters, o.Is)
	}
}

package kernel

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// labTable is the lab's table (nft(8)).
func labTable() *nftables.Table {
	return &nftables.Table{Family: nftables.TableFamilyINet, Name: plan.NftTable}
}

// addTable creates the table of a node; the host's is marked, if anything is.
func (w *World) addTable(h *handle) error {
	w.mu.Lock()
	m := w.marks
	w.mu.Unlock()
	if m != nil && h == w.host {
		h.nftMu.Lock()
		defer h.nftMu.Unlock()
		h.nftTable.valid = false
		return h.addMarkedTable(m.text)
	}
	return h.addTable()
}

// addTable creates the table; one that is there already is an error (EEXIST),
// or taking the op back would delete another program's.
func (h *handle) addTable() error {
	return h.withNft(func(c *nftables.Conn, again bool) error {
		c.CreateTable(labTable())
		err := c.Flush()
		if again && errors.Is(err, unix.EEXIST) {
			return nil
		}
		return err
	})
}

func (h *handle) delTable() error {
	return h.withNft(func(c *nftables.Conn, again bool) error {
		c.DelTable(labTable())
		err := c.Flush()
		if again && errors.Is(err, unix.ENOENT) {
			return nil
		}
		return err
	})
}

func (h *handle) addChain(ch plan.Chain) error {
	nc, err := labChain(ch)
	if err != nil {
		return err
	}
	return h.withNft(func(c *nftables.Conn, again bool) error {
		there, err := findChain(c, ch.Name)
		if err != nil {
			return err
		}
		if there != nil && again {
			return nil
		}
		if there != nil {
			return fmt.Errorf("chain %s: %w", ch.Name, unix.EEXIST)
		}
		c.AddChain(nc)
		return c.Flush()
	})
}

// delChain refuses to delete a chain with rules, as nft(8) does: without
// NLM_F_NONREC, which the library does not set, the kernel takes them along.
func (h *handle) delChain(ch plan.Chain) error {
	return h.withNft(func(c *nftables.Conn, again bool) error {
		if there, err := findChain(c, ch.Name); again && there == nil {
			return err
		}
		if rules, err := rulesOf(c, ch); err == nil && len(rules) > 0 {
			return unix.EBUSY
		}
		c.DelChain(&nftables.Chain{Table: labTable(), Name: ch.Name})
		return c.Flush()
	})
}

// Nft is the lab's table in a node. Rules of a form that no op makes, which
// another program must have put there, are plan.Foreign.
func (w *World) Nft(node string) (plan.NftState, error) {
	return w.nft(node, (*handle).table, (*nftCache).now)
}

// CountedNft is the table with what its rules have counted.
func (w *World) CountedNft(node string) (plan.NftState, error) {
	return w.nft(node, func(_ *handle, c *nftables.Conn) (*nftCache, error) { return readTable(c) }, (*nftCache).counted)
}

func (w *World) nft(node string, read func(*handle, *nftables.Conn) (*nftCache, error), state func(*nftCache) plan.NftState) (st plan.NftState, err error) {
	return look(w, node, func(h *handle) (plan.NftState, error) {
		err := h.withNft(func(c *nftables.Conn, _ bool) error {
			t, err := read(h, c)
			if err == nil {
				st = state(t)
			}
			return err
		})
		return st, err
	})
}

// nftTables reports whether the lab's table is there, and which others are.
func nftTables(c *nftables.Conn) (st plan.NftState, err error) {
	tables, err := c.ListTables()
	for _, t := range tables {
		if t.Family == nftables.TableFamilyINet && t.Name == plan.NftTable {
			st.Exists = true
		} else {
			st.Others = append(st.Others, families[t.Family]+" "+t.Name)
		}
	}
	return st, err
}

// families are the address families of tables as nft(8) names them.
var families = map[nftables.TableFamily]string{
	nftables.TableFamilyINet: "inet", nftables.TableFamilyIPv4: "ip", nftables.TableFamilyIPv6: "ip6",
	nftables.TableFamilyARP: "arp", nftables.TableFamilyBridge: "bridge", nftables.TableFamilyNetdev: "netdev",
}

// labChains are the table's chains; ENOENT when there is no table.
func labChains(c *nftables.Conn) ([]*nftables.Chain, error) {
	if _, err := c.ListTableOfFamily(plan.NftTable, nftables.TableFamilyINet); err != nil {
		return nil, err
	}
	all, err := c.ListChainsOfTableFamily(nftables.TableFamilyINet)
	if err != nil {
		return nil, err
	}
	var ours []*nftables.Chain
	for _, nc := range all {
		if nc.Table.Name == plan.NftTable {
			ours = append(ours, nc)
		}
	}
	return ours, nil
}

func findChain(c *nftables.Conn, name string) (*nftables.Chain, error) {
	chains, err := labChains(c)
	if err != nil {
		return nil, err
	}
	for _, nc := range chains {
		if nc.Name == name {
			return nc, nil
		}
	}
	return nil, nil
}

func rulesOf(c *nftables.Conn, ch plan.Chain) ([]*nftables.Rule, error) {
	return c.GetRules(labTable(), &nftables.Chain{Table: labTable(), Name: ch.Name})
}

// hooks are the hooks of the families ip, ip6 and inet (nft(8)).
var hooks = map[string]nftables.ChainHook{
	"prerouting": unix.NF_INET_PRE_ROUTING, "input": unix.NF_INET_LOCAL_IN,
	"forward": unix.NF_INET_FORWARD, "output": unix.NF_INET_LOCAL_OUT,
	"postrouting": unix.NF_INET_POST_ROUTING,
}

// labChain is a base chain with policy accept.
func labChain(ch plan.Chain) (*nftables.Chain, error) {
	hook, ok := hooks[ch.Hook]
	if !ok {
		return nil, fmt.Errorf("hook %q: %w", ch.Hook, unix.EINVAL)
	}
	n, ok := plan.ChainPriority(ch.Priority)
	if !ok {
		return nil, fmt.Errorf("priority %q: %w", ch.Priority, unix.EINVAL)
	}
	prio := nftables.ChainPriority(n)
	accept := nftables.ChainPolicyAccept
	return &nftables.Chain{
		Name: ch.Name, Table: labTable(), Type: nftables.ChainType(ch.Type),
		Hooknum: &hook, Priority: &prio, Policy: &accept,
	}, nil
}

// planChain is the reverse of labChain.
func planChain(nc *nftables.Chain) (plan.Chain, error) {
	if nc.Hooknum == nil || nc.Priority == nil {
		return plan.Chain{}, unix.EINVAL
	}
	for _, ch := range []plan.Chain{plan.Prerouting, plan.OutputNAT, plan.Postrouting, plan.Input, plan.Forward, plan.Output, plan.MarkIn, plan.MarkOut} {
		ours, err := labChain(ch)
		if err == nil && ch.Name == nc.Name && ours.Type == nc.Type &&
			*ours.Hooknum == *nc.Hooknum && *ours.Priority == *nc.Priority {
			return ch, nil
		}
	}
	return otherChain(nc), nil
}

// otherChain spells a base chain that is none of the plan's.
func otherChain(nc *nftables.Chain) plan.Chain {
	ch := plan.Chain{Name: nc.Name, Type: string(nc.Type), Priority: strconv.Itoa(int(*nc.Priority))}
	for name, n := range hooks {
		if n == *nc.Hooknum {
			ch.Hook = name
		}
	}
	return ch
}

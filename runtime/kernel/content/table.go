package content

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// sizeofNfgenmsg is that of struct nfgenmsg (<linux/netfilter/nfnetlink.h>).
const sizeofNfgenmsg = 4

// part is a kind of messages that a table of nftables is described by.
type part struct {
	get, add int
	// table is the attribute with the name of the table; drop are those that the kernel
	// gives, and counts are those that count.
	table, name  int
	drop, counts []int
}

// Attributes of sets, objects and flow tables (enum nft_*_attributes,
// <linux/netfilter/nf_tables.h>).
const (
	setTable, setName, setFlags, setID, setHandle, setTimeout = 1, 2, 3, 10, 16, 11
	listTable, listSet, listElements, listSetID               = 1, 2, 3, 4
	elemExpiration                                            = 6
	// What the kernel says of a set, and refuses in a request (since Linux 6.15).
	setType, setCount = 19, 20
)

// Flags of sets.
const anonymous, evaluated, timeouts = 1, 0x20, 0x10

func tablePart() part {
	return part{unix.NFT_MSG_GETTABLE, unix.NFT_MSG_NEWTABLE, unix.NFTA_TABLE_NAME, 0, []int{unix.NFTA_TABLE_USE, 4}, nil}
}

// parts are what is in a table, each after what it may refer to.
func parts() []part {
	return []part{
		{unix.NFT_MSG_GETCHAIN, unix.NFT_MSG_NEWCHAIN, unix.NFTA_CHAIN_TABLE, unix.NFTA_CHAIN_NAME, []int{unix.NFTA_CHAIN_HANDLE, unix.NFTA_CHAIN_USE}, []int{unix.NFTA_CHAIN_COUNTERS}},
		{unix.NFT_MSG_GETOBJ, unix.NFT_MSG_NEWOBJ, 1, 2, []int{5, 6}, []int{4}},
		{unix.NFT_MSG_GETFLOWTABLE, unix.NFT_MSG_NEWFLOWTABLE, 1, 2, []int{4, 5}, nil},
		{unix.NFT_MSG_GETSET, unix.NFT_MSG_NEWSET, setTable, setName, []int{setHandle, setType, setCount}, nil},
		{unix.NFT_MSG_GETRULE, unix.NFT_MSG_NEWRULE, unix.NFTA_RULE_TABLE, unix.NFTA_RULE_CHAIN, []int{unix.NFTA_RULE_HANDLE, unix.NFTA_RULE_POSITION}, nil},
	}
}

func nft(kind int) int { return unix.NFNL_SUBSYS_NFTABLES<<8 | kind }

// tables are those of nftables, each as the messages that make it.
func (r *reader) tables() error {
	c, err := r.dialer.DialProtocol(unix.NETLINK_NETFILTER)
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return nil // a kernel without netfilter
	}
	if err != nil {
		return err
	}
	defer c.Close()
	t := tablePart()
	all, err := dump(c, nft(t.get), nft(t.add), make([]byte, sizeofNfgenmsg))
	if err != nil || len(all) == 0 {
		return err
	}
	byTable := map[string]*described{}
	var order []string
	for _, m := range all {
		d := &described{conn: c}
		d.add(t, m)
		key := tableKey(t, m)
		byTable[key] = d
		order = append(order, key)
	}
	for _, p := range parts() {
		msgs, err := dump(c, nft(p.get), nft(p.add), make([]byte, sizeofNfgenmsg))
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if d := byTable[tableKey(p, m)]; d != nil {
				d.add(p, m)
			}
		}
	}
	for _, key := range order {
		d := byTable[key]
		if d.err != nil {
			return d.err
		}
		r.items = append(r.items, plan.Item{Kind: plan.TableItem, Key: key, Sum: d.sum.String(), Data: d.data.String(),
			Text: "table " + familyName(key[0]) + " " + key[1:]})
	}
	return nil
}

func tableKey(p part, m []byte) string {
	return string(m[:1]) + unix.ByteSliceToString(rtnl.Attribute(m, sizeofNfgenmsg, p.table))
}

func familyName(f byte) string {
	names := map[byte]string{unix.NFPROTO_INET: "inet", unix.NFPROTO_IPV4: "ip", unix.NFPROTO_IPV6: "ip6",
		unix.NFPROTO_ARP: "arp", unix.NFPROTO_BRIDGE: "bridge", unix.NFPROTO_NETDEV: "netdev"}
	return names[f]
}

// described are the messages that make a table, and what of them does not count.
type described struct {
	conn      *rtnl.Conn
	data, sum bytes.Buffer
	sets      int
	err       error
}

// put adds a message: its type, its length, its body.
func put(b *bytes.Buffer, kind int, body []byte) {
	head := binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, uint32(kind)), uint32(len(body)))
	b.Write(append(head, body...))
}

func (d *described) add(p part, m []byte) {
	m = without(append([]byte{m[0], 0, 0, 0}, m[sizeofNfgenmsg:]...), sizeofNfgenmsg, p.drop...)
	switch p.add {
	case unix.NFT_MSG_NEWSET:
		d.addSet(m)
		return
	case unix.NFT_MSG_NEWRULE:
		put(&d.sum, p.add, counted(m))
	default:
		put(&d.sum, p.add, without(m, sizeofNfgenmsg, p.counts...))
	}
	put(&d.data, p.add, m)
}

// addSet adds a set with its elements. A set of one rule has a number instead of a name,
// by which the rule finds it in one batch; elements that come and go do not count.
func (d *described) addSet(m []byte) {
	d.sets++
	flags := beNumber(rtnl.Attribute(m, sizeofNfgenmsg, setFlags))
	name := append([]byte(nil), rtnl.Attribute(m, sizeofNfgenmsg, setName)...)
	m = rtnl.WithAttribute(m, setID, binary.BigEndian.AppendUint32(nil, uint32(d.sets)))
	put(&d.data, unix.NFT_MSG_NEWSET, m)
	put(&d.sum, unix.NFT_MSG_NEWSET, m)
	ask := []byte{m[0], 0, 0, 0}
	ask = rtnl.WithAttribute(ask, listTable, rtnl.Attribute(m, sizeofNfgenmsg, setTable))
	ask = rtnl.WithAttribute(ask, listSet, name)
	lists, err := dump(d.conn, nft(unix.NFT_MSG_GETSETELEM), nft(unix.NFT_MSG_NEWSETELEM), ask)
	if err != nil {
		d.err = err
	}
	for _, e := range lists {
		e = rtnl.WithAttribute(append([]byte{m[0], 0, 0, 0}, e[sizeofNfgenmsg:]...), listSetID, binary.BigEndian.AppendUint32(nil, uint32(d.sets)))
		put(&d.data, unix.NFT_MSG_NEWSETELEM, e)
		if flags&(evaluated|timeouts) == 0 {
			put(&d.sum, unix.NFT_MSG_NEWSETELEM, e)
		}
	}
}

func beNumber(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// counted is a rule without what its expressions have counted.
func counted(m []byte) []byte {
	return eachExpr(m, func(name string, e []byte) []byte {
		switch name {
		case "counter", "quota", "last", "connlimit", "limit":
			return without(e, 0, unix.NFTA_EXPR_DATA)
		}
		return e
	})
}

// eachExpr is a rule whose expressions are what edit makes of them.
func eachExpr(m []byte, edit func(name string, e []byte) []byte) []byte {
	return rewrite(m, sizeofNfgenmsg, func(a attribute) (attribute, bool) {
		if a.kind() != unix.NFTA_RULE_EXPRESSIONS {
			return a, true
		}
		a.value = rewrite(a.value, 0, func(e attribute) (attribute, bool) {
			e.value = edit(unix.ByteSliceToString(rtnl.Attribute(e.value, 0, unix.NFTA_EXPR_NAME)), e.value)
			return e, true
		})
		return a, true
	})
}

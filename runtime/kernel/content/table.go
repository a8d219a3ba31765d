package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"

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
		{unix.NFT_MSG_GETSET, unix.NFT_MSG_NEWSET, setTable, setName, []int{setHandle}, nil},
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

// writeTable empties a table, or deletes it, if it is there, and makes it again, in one
// transaction.
func writeTable(d rtnl.Dialer, was, is plan.Item) error {
	c, err := d.DialProtocol(unix.NETLINK_NETFILTER)
	if err != nil {
		return err
	}
	defer c.Close()
	item := is
	if is.Kind == "" {
		item = was
	}
	family := item.Key[0]
	name := rtnl.WithAttribute([]byte{family, 0, 0, 0}, unix.NFTA_TABLE_NAME, append([]byte(item.Key[1:]), 0))
	if was.Kind != "" && is.Kind != "" {
		// In its place among the other tables, if it is as it was.
		if emptied, ok := emptied([]byte(was.Data)); ok && c.Batch(append(emptied, made([]byte(is.Data))...)) == nil {
			return nil
		}
	}
	batch := []rtnl.Request{
		{Kind: nft(unix.NFT_MSG_NEWTABLE), Flags: unix.NLM_F_CREATE, Body: name}, // so that it can be deleted
		{Kind: nft(unix.NFT_MSG_DELTABLE), Body: name},
	}
	batch = append(batch, made([]byte(is.Data))...)
	return c.Batch(batch)
}

// messages are those of a description, each its kind, its length and its body.
func messages(data []byte) iter.Seq2[int, []byte] {
	return func(yield func(kind int, body []byte) bool) {
		for len(data) >= 8 {
			kind, size := int(binary.NativeEndian.Uint32(data)), int(binary.NativeEndian.Uint32(data[4:]))
			body := data[8 : 8+size]
			data = data[8+size:]
			if !yield(kind, body) {
				return
			}
		}
	}
}

// emptied are the requests that delete what is in a table of only chains and rules.
func emptied(data []byte) (list []rtnl.Request, ok bool) {
	for kind, body := range messages(data) {
		head := []byte{body[0], 0, 0, 0}
		switch kind {
		case unix.NFT_MSG_NEWTABLE:
			head = rtnl.WithAttribute(head, unix.NFTA_RULE_TABLE, rtnl.Attribute(body, sizeofNfgenmsg, unix.NFTA_TABLE_NAME))
			list = append(list, rtnl.Request{Kind: nft(unix.NFT_MSG_DELRULE), Body: head})
		case unix.NFT_MSG_NEWCHAIN:
			for _, typ := range []int{unix.NFTA_CHAIN_TABLE, unix.NFTA_CHAIN_NAME} {
				head = rtnl.WithAttribute(head, typ, rtnl.Attribute(body, sizeofNfgenmsg, typ))
			}
			list = append(list, rtnl.Request{Kind: nft(unix.NFT_MSG_DELCHAIN), Body: head})
		case unix.NFT_MSG_NEWRULE:
		default:
			return nil, false
		}
	}
	return list, true
}

// made are the requests that make what was described.
func made(data []byte) (list []rtnl.Request) {
	names := map[string]uint32{}
	for kind, body := range messages(data) {
		flags := unix.NLM_F_CREATE
		switch kind {
		case unix.NFT_MSG_NEWSET:
			name := unix.ByteSliceToString(rtnl.Attribute(body, sizeofNfgenmsg, setName))
			if beNumber(rtnl.Attribute(body, sizeofNfgenmsg, setFlags))&anonymous != 0 {
				names[name] = beNumber(rtnl.Attribute(body, sizeofNfgenmsg, setID))
				body = renamed(body, sizeofNfgenmsg, setName, name)
			}
		case unix.NFT_MSG_NEWSETELEM:
			if name := unix.ByteSliceToString(rtnl.Attribute(body, sizeofNfgenmsg, listSet)); names[name] != 0 {
				body = renamed(body, sizeofNfgenmsg, listSet, name)
			}
		case unix.NFT_MSG_NEWRULE:
			flags |= unix.NLM_F_APPEND
			body = withCompat(bySetID(body, names))
		}
		list = append(list, rtnl.Request{Kind: nft(kind), Flags: flags, Body: body})
	}
	return list
}

// renamed is a message in which the name of a set is one that the kernel is to complete.
func renamed(m []byte, fixed, typ int, name string) []byte {
	pattern := "__set%d"
	if len(name) > 5 && name[:5] == "__map" {
		pattern = "__map%d"
	}
	return rewrite(m, fixed, func(a attribute) (attribute, bool) {
		if a.kind() == typ {
			a.value = append([]byte(pattern), 0)
		}
		return a, true
	})
}

// bySetID is a rule that finds its own sets by their numbers.
func bySetID(m []byte, names map[string]uint32) []byte {
	return eachExpr(m, func(expr string, e []byte) []byte {
		if expr != "lookup" {
			return e
		}
		return rewrite(e, 0, func(a attribute) (attribute, bool) {
			if a.kind() != unix.NFTA_EXPR_DATA {
				return a, true
			}
			name := unix.ByteSliceToString(rtnl.Attribute(a.value, 0, unix.NFTA_LOOKUP_SET))
			if id := names[name]; id != 0 {
				a.value = rtnl.WithAttribute(renamed(a.value, 0, unix.NFTA_LOOKUP_SET, name), unix.NFTA_LOOKUP_SET_ID, binary.BigEndian.AppendUint32(nil, id))
			}
			return a, true
		})
	})
}

// withCompat adds, to a rule with extensions of iptables, the protocol that it matches:
// they look for it there, and a dump does not have it (nft_parse_compat,
// net/netfilter/nft_compat.c).
func withCompat(m []byte) []byte {
	extended, protocol, next := false, uint32(0), false
	eachExpr(m, func(name string, e []byte) []byte {
		data := rtnl.Attribute(e, 0, unix.NFTA_EXPR_DATA)
		switch name {
		case "match", "target":
			extended = true
		case "cmp":
			if v := rtnl.Attribute(rtnl.Attribute(data, 0, unix.NFTA_CMP_DATA), 0, unix.NFTA_DATA_VALUE); next && len(v) > 0 {
				protocol = uint32(v[0])
			}
		}
		next = name == "meta" && beNumber(rtnl.Attribute(data, 0, unix.NFTA_META_KEY)) == unix.NFT_META_L4PROTO ||
			name == "payload" && isProtocolField(m[0], data)
		return e
	})
	if !extended {
		return m
	}
	compat := rtnl.WithAttribute(nil, unix.NFTA_RULE_COMPAT_PROTO, binary.BigEndian.AppendUint32(nil, protocol))
	compat = rtnl.WithAttribute(compat, unix.NFTA_RULE_COMPAT_FLAGS, make([]byte, 4))
	return rtnl.WithAttribute(m, unix.NFTA_RULE_COMPAT|unix.NLA_F_NESTED, compat)
}

// isProtocolField reports an expression that loads the protocol of a packet's header.
func isProtocolField(family byte, data []byte) bool {
	offset := map[byte]uint32{unix.NFPROTO_IPV4: 9, unix.NFPROTO_IPV6: 6}[family]
	return offset != 0 && beNumber(rtnl.Attribute(data, 0, unix.NFTA_PAYLOAD_BASE)) == unix.NFT_PAYLOAD_NETWORK_HEADER &&
		beNumber(rtnl.Attribute(data, 0, unix.NFTA_PAYLOAD_OFFSET)) == offset && beNumber(rtnl.Attribute(data, 0, unix.NFTA_PAYLOAD_LEN)) == 1
}

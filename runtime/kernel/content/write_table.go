package content

import (
	"encoding/binary"
	"iter"
	"slices"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

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

// emptied are the requests that delete what is in a table of only chains, rules and sets: the
// rules, and with them their own sets, then the other sets, whose elements may lead to chains.
func emptied(data []byte) (list []rtnl.Request, ok bool) {
	var sets, chains []rtnl.Request
	for kind, body := range messages(data) {
		head := []byte{body[0], 0, 0, 0}
		switch kind {
		case unix.NFT_MSG_NEWTABLE:
			head = rtnl.WithAttribute(head, unix.NFTA_RULE_TABLE, rtnl.Attribute(body, sizeofNfgenmsg, unix.NFTA_TABLE_NAME))
			list = append(list, rtnl.Request{Kind: nft(unix.NFT_MSG_DELRULE), Body: head})
		case unix.NFT_MSG_NEWCHAIN:
			chains = append(chains, rtnl.Request{Kind: nft(unix.NFT_MSG_DELCHAIN), Body: only(head, body, unix.NFTA_CHAIN_TABLE, unix.NFTA_CHAIN_NAME)})
		case unix.NFT_MSG_NEWSET:
			if beNumber(rtnl.Attribute(body, sizeofNfgenmsg, setFlags))&anonymous == 0 {
				sets = append(sets, rtnl.Request{Kind: nft(unix.NFT_MSG_DELSET), Body: only(head, body, setTable, setName)})
			}
		case unix.NFT_MSG_NEWRULE, unix.NFT_MSG_NEWSETELEM:
		default:
			return nil, false
		}
	}
	return slices.Concat(list, sets, chains), true
}

// only adds attributes of a message to a head.
func only(head, body []byte, types ...int) []byte {
	for _, typ := range types {
		head = rtnl.WithAttribute(head, typ, rtnl.Attribute(body, sizeofNfgenmsg, typ))
	}
	return head
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

package nftables

import (
	"slices"

	"nsl/runtime/nfmsg"
)

// header is a field of a header.
func header(typ *datatype, base, offset uint32, protocol, number byte) *field {
	f := &field{typ: typ, base: base, offset: offset, size: typ.size, order: networkOrder}
	f.typeof = udata(3, slices.Concat(udata32(0, 7), udata(1, slices.Concat(udata32(0, uint32(protocol)), udata32(1, uint32(number))))))
	return f
}

// meta is a field of what is known of the packet.
func meta(typ *datatype, key uint32) *field {
	return &field{typ: typ, order: hostOrder, load: func(e nfmsg.Exprs) nfmsg.Exprs { return e.Meta(key) },
		typeof: udata(3, slices.Concat(udata32(0, 9), udata(1, udata32(0, key))))}
}

// connection is a field of what is known of the connection.
func connection(typ *datatype, key uint32) *field {
	const anyDirection = 0xffffffff
	return &field{typ: typ, order: hostOrder, load: func(e nfmsg.Exprs) nfmsg.Exprs { return e.Ct(key) },
		typeof: udata(3, slices.Concat(udata32(0, 12), udata(1, slices.Concat(udata32(0, key), udata32(1, anyDirection)))))}
}

// field is what a rule may compare.
type field struct {
	typ *datatype
	// load loads it to register 1; of size bytes at an offset of a header, if base is not 0.
	load               func(e nfmsg.Exprs) nfmsg.Exprs
	base, offset, size uint32
	// network and transport are the protocols that it needs, 0 for none.
	network, transport byte
	// order is that of its bytes.
	order uint32
	// typeof describes it in the user data of a set; nil for none.
	typeof []byte
	// means is what equality with a value says of the protocols.
	means func(r *rule, value []byte)
}

func metaField(key string) *field {
	switch key {
	case "iifname":
		return meta(ifname(), nfmsg.MetaIIfName)
	case "oifname":
		return meta(ifname(), nfmsg.MetaOIfName)
	case "iif":
		return meta(ifindex(), 4)
	case "oif":
		return meta(ifindex(), 5)
	case "mark":
		return meta(mark(), nfmsg.MetaMark)
	case "skuid":
		return meta(number32(29), 10)
	case "skgid":
		return meta(number32(30), 11)
	case "pkttype":
		return meta(pkttype(), 19)
	case "l4proto":
		f := meta(protocol(), nfmsg.MetaL4Proto)
		f.means = func(r *rule, v []byte) { r.transport = v[0] }
		return f
	case "nfproto":
		f := meta(nfproto(), nfmsg.MetaNFProto)
		f.means = func(r *rule, v []byte) {
			need(r.family == inet)
			r.network = v[0]
		}
		return f
	}
	fail(ErrUnsupported)
	return nil
}

// headerField is a field of a header.
func headerField(protocolName, name string) *field {
	f := headers()[protocolName+" "+name]
	need(f != nil)
	switch protocolName + " " + name {
	case "ip protocol", "ip6 nexthdr":
		f.means = func(r *rule, v []byte) { r.transport = v[0] }
	}
	f.network = map[string]byte{"ip": ip, "ip6": ip6, "icmp": ip, "icmpv6": ip6}[protocolName]
	f.transport = map[string]byte{"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}[protocolName]
	return f
}

// headers are the fields of headers, with their places and the numbers of header and field in
// nft's own enumerations (include/proto.h).
func headers() map[string]*field {
	const network, transport = nfmsg.NetworkHeader, nfmsg.TransportHeader
	return map[string]*field{
		"ip saddr":    header(ipv4(), network, 12, 12, 11),
		"ip daddr":    header(ipv4(), network, 16, 12, 12),
		"ip protocol": header(protocol(), network, 9, 12, 9),
		"ip ttl":      header(byteNumber(), network, 8, 12, 8),
		"ip6 saddr":   header(ipv6(), network, 8, 13, 8),
		"ip6 daddr":   header(ipv6(), network, 24, 13, 9),
		"ip6 nexthdr": header(protocol(), network, 6, 13, 6),
		"tcp sport":   header(service(), transport, 0, 8, 1),
		"tcp dport":   header(service(), transport, 2, 8, 2),
		"tcp flags":   header(tcpFlag(), transport, 13, 8, 8),
		"udp sport":   header(service(), transport, 0, 6, 1),
		"udp dport":   header(service(), transport, 2, 6, 2),
		"th sport":    header(service(), transport, 0, 11, 1),
		"th dport":    header(service(), transport, 2, 11, 2),
		"icmp type":   header(icmpType(), transport, 0, 4, 1),
		"icmpv6 type": header(icmpv6Type(), transport, 0, 14, 1),
	}
}

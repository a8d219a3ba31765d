package ruleset

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// payload names a field of a header.
func (w *writer) payload(e plan.Payload) field {
	f := field{name: fmt.Sprintf("@%s+%d", e.Base, e.Offset), kind: "hex", dst: e.Dst}
	set := func(name, kind string) { f.name, f.kind = name, kind }
	switch e.Base {
	case "link":
		names := map[int]string{0: "ether daddr", 6: "ether saddr"}
		if name, ok := names[e.Offset]; ok {
			set(name, "mac")
		} else if e.Offset == 12 {
			set("ether type", "ether")
		}
	case "network":
		w.network(e, set)
	case "transport":
		w.transport(e, set)
	}
	return f
}

func (w *writer) network(e plan.Payload, set func(name, kind string)) {
	type known struct{ name, kind string }
	names := map[string]map[int]known{
		"ip": {1: {"ip dscp", "dscp"}, 4: {"ip id", "port"}, 2: {"ip length", "port"}, 6: {"ip frag-off", "hex"}, 8: {"ip ttl", "number"}, 9: {"ip protocol", "proto"},
			12: {"ip saddr", "addr"}, 16: {"ip daddr", "addr"}},
		"ip6": {0: {"ip6 dscp", "dscp6"}, 4: {"ip6 length", "port"}, 6: {"ip6 nexthdr", "proto"}, 7: {"ip6 hoplimit", "number"}, 8: {"ip6 saddr", "addr"}, 24: {"ip6 daddr", "addr"}},
		"arp": {0: {"arp htype", "port"}, 2: {"arp ptype", "ether"}, 4: {"arp hlen", "number"}, 5: {"arp plen", "number"}, 6: {"arp operation", "arpop"}, 8: {"arp saddr ether", "mac"}, 14: {"arp saddr ip", "addr"}, 24: {"arp daddr ip", "addr"}},
	}
	if k, ok := names[w.family][e.Offset]; ok {
		set(k.name, k.kind)
	}
}

func (w *writer) transport(e plan.Payload, set func(name, kind string)) {
	proto := w.proto
	switch {
	case proto == "icmp" || proto == "ipv6-icmp":
		name := headerOf(proto)
		if e.Offset == 0 {
			set(name+" type", "icmptype"+name)
		} else if e.Offset == 1 {
			set(name+" code", "number")
		}
	case e.Offset == 13:
		set("tcp flags", "tcpflags")
	case proto == "udp" && e.Offset == 4:
		set("udp length", "port")
	case proto == "tcp" && e.Offset == 14:
		set("tcp window", "port")
	case e.Offset == 0 && e.Len == 2:
		set(orTh(proto)+" sport", "port")
	case e.Offset == 2 && e.Len == 2:
		set(orTh(proto)+" dport", "port")
	}
}

func orTh(proto string) string {
	if proto == "" {
		return "th"
	}
	return proto
}

func metaField(e plan.MetaKey) field {
	kinds := map[string]string{"iifname": "name", "oifname": "name", "l4proto": "proto", "nfproto": "nfproto", "protocol": "ether",
		"mark": "host", "length": "host", "iif": "host", "oif": "host", "iifkind": "name", "oifkind": "name", "ibrname": "name", "obrname": "name", "skuid": "host",
		"skgid": "host", "iifgroup": "group", "oifgroup": "group", "pkttype": "pkttype", "priority": "class", "day": "day", "hour": "hour", "random": "host",
		"cpu": "host", "sdif": "host", "sdifname": "name", "iiftype": "hex", "oiftype": "hex"}
	name := "meta " + e.Key
	if strings.HasSuffix(e.Key, "name") || strings.HasSuffix(e.Key, "group") || e.Key == "iif" || e.Key == "oif" {
		name = e.Key
	}
	kind, ok := kinds[e.Key]
	if !ok {
		kind = "hex"
	}
	return field{name: name, kind: kind, dst: e.Dst}
}

func ctKind(key string) string {
	switch key {
	case "state", "status", "direction":
		return key
	case "packets", "bytes", "avgpkt":
		return "long"
	case "zone":
		return "zone"
	case "saddr", "daddr", "ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr":
		return "addr"
	case "proto-src", "proto-dst":
		return "port"
	}
	return "host"
}

func fibField(e plan.Fib) field {
	addr := "daddr"
	if e.Source {
		addr = "saddr"
	}
	if e.Back {
		addr += " . iif"
	}
	return field{name: "fib " + addr + " " + e.Result, kind: map[bool]string{true: "addrtype", false: "host"}[e.Result == "type"], dst: e.Dst}
}

// value writes a value of a field.
func (w *writer) value(f field, b []byte) string {
	switch f.kind {
	case "addr":
		return addrText(b) + prefixLen(f.mask, b)
	case "port", "ether":
		if len(b) >= 2 {
			return twoBytes(f.kind, binary.BigEndian.Uint16(b))
		}
	case "dscp", "dscp6", "direction", "pkttype", "group", "class", "day", "hour", "long", "zone":
		return f.worded(b)
	case "number", "proto", "nfproto", "icmptypeicmp", "icmptypeicmpv6", "tcpflags":
		if len(b) >= 1 {
			return oneByte(f, b[0])
		}
	case "name":
		return strconv.Quote(strings.TrimRight(string(b), "\x00") + map[bool]string{true: "*"}[len(b) < 16 && !slices.Contains(b, 0)])
	case "mac":
		return net.HardwareAddr(b).String()
	case "arpop":
		if len(b) == 2 && b[0] == 0 && b[1] >= 1 && b[1] <= 2 {
			return []string{"request", "reply"}[b[1]-1]
		}
	case "host", "state", "status", "addrtype":
		switch {
		case len(b) >= 4 && f.network:
			return fourBytes(f.kind, binary.BigEndian.Uint32(b))
		case len(b) >= 4:
			return fourBytes(f.kind, number(b))
		}
	}
	return fmt.Sprintf("%#x", b)
}

func twoBytes(kind string, n uint16) string {
	names := map[uint16]string{etherIPv4: "ip", etherIPv6: "ip6", etherARP: "arp"}
	if name, ok := names[n]; ok && kind == "ether" {
		return name
	}
	return strconv.Itoa(int(n))
}

func oneByte(f field, n byte) string {
	names := map[string]map[byte]string{
		"proto":          {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 47: "gre", 50: "esp", 132: "sctp", 2: "igmp"},
		"nfproto":        {2: "ipv4", 10: "ipv6"},
		"icmptypeicmp":   {0: "echo-reply", 3: "destination-unreachable", 5: "redirect", 8: "echo-request", 11: "time-exceeded"},
		"icmptypeicmpv6": {1: "destination-unreachable", 2: "packet-too-big", 3: "time-exceeded", 128: "echo-request", 129: "echo-reply", 133: "nd-router-solicit", 134: "nd-router-advert", 135: "nd-neighbor-solicit", 136: "nd-neighbor-advert"},
	}
	if name, ok := names[f.kind][n]; ok {
		return name
	}
	if f.kind == "tcpflags" {
		text := flagNames(n)
		if f.mask != nil {
			text += " / " + flagNames(f.mask[0])
		}
		return text
	}
	return strconv.Itoa(int(n))
}

func fourBytes(kind string, n uint32) string {
	switch kind {
	case "state":
		return plan.ConnState(n).String()
	case "addrtype":
		if names := addrTypes(); int(n) < len(names) {
			return names[n]
		}
	}
	return strconv.Itoa(int(n))
}

// addrText is an address; nft compares only the bytes that a short prefix has.
func addrText(b []byte) string {
	size := 4
	if len(b) > 4 {
		size = 16
	}
	a, _ := netip.AddrFromSlice(append(slices.Clone(b), make([]byte, max(0, size-len(b)))...))
	return a.String()
}

// prefixLen is "/24" where a mask, or a value that is cut off, leaves bits out.
func prefixLen(mask, b []byte) string {
	if mask != nil {
		if ones, bits := net.IPMask(mask).Size(); bits > 0 && ones < bits {
			return "/" + strconv.Itoa(ones)
		}
		return ""
	}
	if len(b) < 4 || len(b) > 4 && len(b) < 16 {
		return "/" + strconv.Itoa(8*len(b))
	}
	return ""
}

// prefixBetween is the prefix from one address to another, "" for none.
func prefixBetween(from, last []byte) string {
	a, ok := netip.AddrFromSlice(from)
	if !ok {
		return ""
	}
	for bits := 0; bits <= a.BitLen(); bits++ {
		p := netip.PrefixFrom(a, bits)
		if p.Masked().Addr() == a && slices.Equal(plan.LastAddr(p).AsSlice(), last) {
			return p.String()
		}
	}
	return ""
}

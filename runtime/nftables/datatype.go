package nftables

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"nsl/runtime/plan"
	"strconv"
	"strings"
)

// datatype is a type of values: its number in nft (include/datatype.h) and its size.
type datatype struct {
	id, size uint32
	// native: numbers are in the order of the machine, and not in that of the network.
	native bool
	// ordered: there are ranges. bits: a value is a set of bits.
	ordered, bits bool
	// parse reads a value; ok is false for what is none.
	parse func(text string) (value []byte, ok bool)
}

// read reads one value.
func (d *datatype) read(t token) []byte {
	v, ok := d.parse(t.text)
	need(ok && (!t.quoted || d.id == ifname().id || d.id == ifindex().id))
	return v
}

// span reads a value, a range or a prefix, of which bits is the length; -1 for others.
func (d *datatype) span(t token) (from, to []byte, bits int) {
	if before, length, found := strings.Cut(t.text, "/"); found && (d.id == ipv4().id || d.id == ipv6().id) {
		p, err := netip.ParsePrefix(t.text)
		v, ok := d.parse(before)
		need(err == nil && ok && length != "")
		if p.Bits() == p.Addr().BitLen() {
			return v, v, -1
		}
		first := p.Masked().Addr().AsSlice()
		need(bytes.Equal(first, v)) // host bits are left to the program
		return first, plan.LastAddr(p).AsSlice(), p.Bits()
	}
	if before, after, found := strings.Cut(t.text, "-"); found && d.ordered && !t.quoted {
		if from, ok := d.parse(before); ok {
			to, ok := d.parse(after)
			need(ok && bytes.Compare(from, to) < 0 && (!d.native))
			return from, to, -1
		}
	}
	v := d.read(t)
	return v, v, -1
}

// numbers are a parser of numbers of a size, and of names for some.
func numbers(size uint32, native bool, names map[string]uint32) func(text string) ([]byte, bool) {
	return func(text string) ([]byte, bool) {
		n, ok := names[text]
		if !ok {
			v, err := strconv.ParseUint(text, 0, int(8*size))
			n, ok = uint32(v), err == nil
		}
		switch {
		case size == 1:
			return []byte{byte(n)}, ok
		case size == 2:
			return binary.BigEndian.AppendUint16(nil, uint16(n)), ok
		case native:
			return binary.NativeEndian.AppendUint32(nil, n), ok
		}
		return binary.BigEndian.AppendUint32(nil, n), ok
	}
}

func addresses(six bool) func(text string) ([]byte, bool) {
	return func(text string) ([]byte, bool) {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Is6() != six || a.Zone() != "" || a.Is4In6() {
			return nil, false
		}
		return a.AsSlice(), true
	}
}

func ipv4() *datatype { return &datatype{id: 7, size: 4, ordered: true, parse: addresses(false)} }
func ipv6() *datatype { return &datatype{id: 8, size: 16, ordered: true, parse: addresses(true)} }

// service is a port. The names are those of services(5) that are used most.
func service() *datatype {
	return &datatype{id: 13, size: 2, ordered: true, parse: numbers(2, false, map[string]uint32{"ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25,
		"domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80, "pop3": 110, "ntp": 123, "imap2": 143, "snmp": 161, "bgp": 179,
		"https": 443, "imaps": 993, "pop3s": 995, "mysql": 3306, "postgresql": 5432, "http-alt": 8080})}
}

func protocol() *datatype {
	return &datatype{id: 12, size: 1, parse: numbers(1, false, map[string]uint32{"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51,
		"icmpv6": 58, "ipv6-icmp": 58, "sctp": 132, "ospf": 89, "vrrp": 112})}
}

func nfproto() *datatype {
	return &datatype{id: 38, size: 1, parse: numbers(1, false, map[string]uint32{"ipv4": ip, "ipv6": ip6})}
}

func byteNumber() *datatype {
	return &datatype{id: 4, size: 1, ordered: true, parse: numbers(1, false, nil)}
}

func mark() *datatype { return number32(19) }

func number32(id uint32) *datatype {
	return &datatype{id: id, size: 4, native: true, parse: numbers(4, true, nil)}
}

// ifindex is the number of an interface: only that of the loopback is the same everywhere.
func ifindex() *datatype {
	return &datatype{id: 20, size: 4, native: true, parse: func(text string) ([]byte, bool) {
		return binary.NativeEndian.AppendUint32(nil, 1), text == "lo"
	}}
}

func pkttype() *datatype {
	return &datatype{id: 28, size: 1, parse: numbers(1, false, map[string]uint32{"host": 0, "unicast": 0, "broadcast": 1, "multicast": 2, "other": 3})}
}

// ifname is the name of an interface, "*" at its end for all that begin so.
func ifname() *datatype {
	return &datatype{id: 41, size: 16, native: true, parse: func(text string) ([]byte, bool) {
		v := make([]byte, 16)
		copy(v, text)
		return v, text != "" && len(text) < 16 && !strings.ContainsAny(text, " /!*\\") || len(text) > 1 && strings.IndexByte(text, '*') == len(text)-1
	}}
}

func ctState() *datatype {
	return &datatype{id: 26, size: 4, native: true, bits: true, parse: numbers(4, true,
		map[string]uint32{"invalid": 1, "established": 2, "related": 4, "new": 8, "untracked": 64})}
}

func tcpFlag() *datatype {
	return &datatype{id: 16, size: 1, bits: true, parse: numbers(1, false, map[string]uint32{"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ecn": 64, "cwr": 128})}
}

func icmpType() *datatype {
	return &datatype{id: 14, size: 1, parse: numbers(1, false, map[string]uint32{"echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5,
		"echo-request": 8, "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
		"timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16, "address-mask-request": 17, "address-mask-reply": 18})}
}

func icmpv6Type() *datatype {
	return &datatype{id: 29, size: 1, parse: numbers(1, false, map[string]uint32{"destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3,
		"parameter-problem": 4, "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
		"mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133, "nd-router-advert": 134, "nd-neighbor-solicit": 135,
		"nd-neighbor-advert": 136, "nd-redirect": 137, "router-renumbering": 138, "ind-neighbor-solicit": 141, "ind-neighbor-advert": 142,
		"mld2-listener-report": 143})}
}

// named is a type by its name in nft(8), for sets and maps; nil for others.
func named(name string) *datatype {
	switch name {
	case "ipv4_addr":
		return ipv4()
	case "ipv6_addr":
		return ipv6()
	case "inet_service":
		return service()
	case "inet_proto":
		return protocol()
	case "ifname":
		return ifname()
	case "mark":
		return mark()
	}
	return nil
}

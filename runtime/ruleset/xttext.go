package ruleset

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// xtWords is an extension in nft's words where it has some, and else its name.
func xtWords(e plan.XtMatch) string {
	d, native := e.Data, binary.NativeEndian
	switch {
	case (e.Name == "tcp" || e.Name == "udp") && len(d) >= 8:
		return portWords(e.Name, d)
	case e.Name == "multiport" && len(d) >= 48:
		var ports []string
		for i := 0; i < int(d[1]) && i < 15; i++ {
			ports = append(ports, strconv.Itoa(int(native.Uint16(d[2+2*i:]))))
		}
		return "th " + []string{"sport", "dport", "port"}[d[0]%3] + " { " + strings.Join(ports, ", ") + " }"
	case e.Name == "state" && len(d) >= 4:
		return "ct state " + plan.ConnState(native.Uint32(d)).String()
	case e.Name == "conntrack" && len(d) >= 154 && native.Uint16(d[146:])&^xtStateAlias == 1:
		return "ct state " + not2(native.Uint16(d[148:])&1 != 0) + plan.ConnState(native.Uint16(d[150:])).String()
	case e.Name == "icmp" && len(d) >= 3:
		return "icmp type " + icmpWords("icmptypeicmp", d)
	case e.Name == "icmp6" && len(d) >= 3:
		return "icmpv6 type " + icmpWords("icmptypeicmpv6", d)
	case e.Name == "mark" && len(d) >= 8:
		return fmt.Sprintf("meta mark %#x", native.Uint32(d))
	case e.Name == "length" && len(d) >= 4:
		return fmt.Sprintf("meta length %d-%d", native.Uint16(d), native.Uint16(d[2:]))
	case (e.Name == "ttl" || e.Name == "hl") && len(d) >= 2:
		return "ip ttl " + []string{"", "!= ", "< ", "> "}[d[0]&3] + strconv.Itoa(int(d[1]))
	case e.Name == "iprange" && len(d) >= 65:
		return rangeWords(d)
	case e.Name == "ip" && len(d) >= 28:
		return ebtWords(d)
	}
	return xtMoreWords(e)
}

func not2(b bool) string {
	if b {
		return "!= "
	}
	return ""
}

func icmpWords(kind string, d []byte) string {
	text := oneByte(field{kind: kind}, d[0])
	if d[0] == 3 && kind == "icmptypeicmp" && d[1] == 4 && d[2] == 4 {
		return text + " code frag-needed (fragmentation needed)"
	}
	if d[1] == d[2] && d[1] != 0 {
		text += " code " + strconv.Itoa(int(d[1]))
	}
	return text
}

// portWords is struct xt_tcp or xt_udp: two ranges, and after them TCP's flags.
func portWords(name string, d []byte) string {
	native := binary.NativeEndian
	var words []string
	for i, side := range []string{"sport", "dport"} {
		from, to := native.Uint16(d[4*i:]), native.Uint16(d[4*i+2:])
		if from == 0 && to == 0xFFFF {
			continue
		}
		words = append(words, name, side, plan.PortRange{First: from, Last: to}.String())
	}
	if name == "tcp" && len(d) >= 12 && d[9] != 0 {
		words = append(words, "tcp flags", flagNames(d[10])+" / "+flagNames(d[9]))
	}
	return strings.Join(words, " ")
}

// ebtWords is struct ebt_ip_info.
func ebtWords(d []byte) string {
	const src, dst, proto, dport = 1, 2, 8, 32
	var words []string
	for i, name := range []string{"ip saddr", "ip daddr"} {
		if d[18]&(src<<i) != 0 {
			words = append(words, name, addrText(d[4*i:4*i+4])+prefixLen(d[8+4*i:12+4*i], nil))
		}
	}
	if d[18]&proto != 0 {
		words = append(words, "ip protocol", oneByte(field{kind: "proto"}, d[17]))
	}
	if d[18]&dport != 0 {
		words = append(words, "dport", strconv.Itoa(int(binary.NativeEndian.Uint16(d[24:]))))
	}
	return strings.Join(words, " ")
}

func rangeWords(d []byte) string {
	addr := func(at int) string {
		a, _ := netip.AddrFromSlice(d[at : at+4])
		return a.String()
	}
	if d[64]&1 != 0 {
		return "ip saddr " + addr(0) + "-" + addr(16)
	}
	return "ip daddr " + addr(32) + "-" + addr(48)
}

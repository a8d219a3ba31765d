package xtables

import (
	"encoding/binary"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// change is a target that changes a header, or what is known of a packet: its revision, and
// its options, each with what it makes of the value.
type change struct {
	revision uint32
	tables   []string
	options  map[string]func(p *parser, value string) []byte
}

// changes are the targets that are structures of the kernel only (<linux/netfilter/xt_NAME.h>).
func changes(six bool) map[string]change {
	mangle := []string{"mangle"}
	byteOf := func(mode byte) func(p *parser, value string) []byte {
		return func(p *parser, value string) []byte { return []byte{mode, byte(p.small(value))} }
	}
	dscp := func(p *parser, value string) []byte { return []byte{p.dscp(value)} }
	list := map[string]change{
		"DSCP":     {0, mangle, map[string]func(p *parser, value string) []byte{"--set-dscp": dscp, "--set-dscp-class": dscp}},
		"TOS":      {1, mangle, map[string]func(p *parser, value string) []byte{"--set-tos": tosValue}},
		"CLASSIFY": {0, nil, map[string]func(p *parser, value string) []byte{"--set-class": classValue}},
	}
	if six {
		list["HL"] = change{0, mangle, map[string]func(p *parser, value string) []byte{"--hl-set": byteOf(0), "--hl-inc": byteOf(1), "--hl-dec": byteOf(2)}}
		return list
	}
	list["TTL"] = change{0, mangle, map[string]func(p *parser, value string) []byte{"--ttl-set": byteOf(0), "--ttl-inc": byteOf(1), "--ttl-dec": byteOf(2)}}
	list["NETMAP"] = change{0, []string{"nat"}, map[string]func(p *parser, value string) []byte{"--to": netmapValue}}
	return list
}

// changeOption reads an option of such a target.
func (p *parser) changeOption(w string) bool {
	read := changes(p.cmd.Six)[p.rule.target].options[w]
	if read == nil {
		return false
	}
	if p.rule.data.change != nil {
		p.unsupported()
	}
	p.rule.data.change = read(p, p.next())
	return true
}

// changed adds such a target.
func (r *rule) changed(p *parser, c change, e nfmsg.Exprs) nfmsg.Exprs {
	if len(r.data.change) == 0 || c.tables != nil && !oneOf(p.cmd.Table, c.tables...) {
		p.unsupported()
	}
	return e.Extension("target", r.target, c.revision, r.data.change)
}

// small reads a number of one byte.
func (p *parser) small(text string) uint32 {
	n := p.number32(text)
	if n > 0xff {
		p.unsupported()
	}
	return n
}

// tosValue reads VALUE[/MASK], or a name of RFC 1349.
func tosValue(p *parser, text string) []byte {
	if v, ok := map[string]byte{"minimize-delay": 0x10, "maximize-throughput": 8, "maximize-reliability": 4, "minimize-cost": 2, "normal-service": 0}[strings.ToLower(text)]; ok {
		return []byte{v, 0x3f}
	}
	value, mask, found := strings.Cut(text, "/")
	if !found {
		mask = "0xff"
	}
	return []byte{byte(p.small(value)), byte(p.small(mask))}
}

// classValue reads MAJOR:MINOR, which are hexadecimal (tc(8)).
func classValue(p *parser, text string) []byte {
	major, minor, found := strings.Cut(text, ":")
	a, errA := strconv.ParseUint(major, 16, 16)
	b, errB := strconv.ParseUint(minor, 16, 16)
	if !found || errA != nil || errB != nil {
		p.unsupported()
	}
	return nfmsg.Native32(uint32(a<<16 | b))
}

// netmapValue reads the subnet that addresses are moved to
// (struct nf_nat_ipv4_multi_range_compat).
func netmapValue(p *parser, text string) []byte {
	prefix, ok := prefixOf(text)
	if !ok || !prefix.Addr().Is4() {
		p.unsupported()
		return nil
	}
	first := binary.BigEndian.Uint32(prefix.Addr().AsSlice())
	last := first | uint32(1<<(32-prefix.Bits())-1)
	const mapsAddresses = 1
	data := append(nfmsg.Native32(1), nfmsg.Native32(mapsAddresses)...)
	data = binary.BigEndian.AppendUint32(data, first)
	data = binary.BigEndian.AppendUint32(data, last)
	return append(data, 0, 0, 0, 0)
}

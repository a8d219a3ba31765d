package xtables

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// number32 reads a number as C writes them.
func (p *parser) number32(text string) uint32 {
	n, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		p.unsupported()
	}
	return uint32(n)
}

// masked reads VALUE[/MASK].
func (p *parser) masked() (value, mask uint32) {
	v, m, found := strings.Cut(p.next(), "/")
	mask = 0xffffffff
	if found {
		mask = p.number32(m)
	}
	return p.number32(v), mask
}

func markOption(p *parser, m *match) {
	not := p.inverted()
	value, mask := p.masked()
	m.native = func(_ *parser, e nfmsg.Exprs) nfmsg.Exprs {
		e = e.Meta(nfmsg.MetaMark)
		if mask != 0xffffffff {
			e = e.Mask(nfmsg.Native32(mask))
		}
		return e.Compare(nfmsg.CompareOp(not), nfmsg.Native32(value))
	}
}

// stateOption reads states of connections (struct xt_conntrack_mtinfo3).
func stateOption(flags uint16) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		const flagsAt, invertAt, maskAt = 146, 148, 150
		if p.inverted() {
			binary.NativeEndian.PutUint16(m.data[invertAt:], 1)
		}
		mask := uint16(0)
		for name := range strings.SplitSeq(p.next(), ",") {
			bit, ok := map[string]uint16{"INVALID": 1, "ESTABLISHED": 2, "RELATED": 4, "NEW": 8, "SNAT": 0x40, "DNAT": 0x80, "UNTRACKED": 0x100}[strings.ToUpper(name)]
			if !ok {
				p.unsupported()
			}
			mask |= bit
		}
		binary.NativeEndian.PutUint16(m.data[flagsAt:], flags)
		binary.NativeEndian.PutUint16(m.data[maskAt:], mask)
	}
}

func commentOption(p *parser, m *match) {
	text := p.next()
	if len(text) >= len(m.data) {
		p.unsupported()
		return
	}
	copy(m.data, text)
}

// rangeOption reads FROM-TO (struct xt_iprange_mtinfo).
func rangeOption(side int) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		const flagsAt = 64
		flag := byte(1) << side
		if p.inverted() {
			flag |= 0x10 << side
		}
		from, to, ok := strings.Cut(p.next(), "-")
		a, errFrom := netip.ParseAddr(from)
		b, errTo := netip.ParseAddr(to)
		if !ok || errFrom != nil || errTo != nil || a.Is6() != p.cmd.Six || b.Is6() != p.cmd.Six || b.Less(a) {
			p.unsupported()
			return
		}
		copy(m.data[32*side:], a.AsSlice())
		copy(m.data[32*side+16:], b.AsSlice())
		m.data[flagsAt] |= flag
	}
}

func macOption(p *parser, m *match) {
	const invertAt = 8
	if p.inverted() {
		m.data[invertAt] = 1
	}
	mac, err := net.ParseMAC(p.next())
	if err != nil || len(mac) != 6 {
		p.unsupported()
		return
	}
	copy(m.data, mac)
}

// typeOption reads types of addresses (struct xt_addrtype_info_v1).
func typeOption(side int) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		const flagsAt = 4
		if p.inverted() {
			m.data[flagsAt] |= 1 << side
		}
		names := []string{"UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT"}
		mask := uint16(0)
		for name := range strings.SplitSeq(p.next(), ",") {
			i := slices.Index(names, strings.ToUpper(name))
			if i < 0 {
				p.unsupported()
				return
			}
			mask |= 1 << i
		}
		binary.NativeEndian.PutUint16(m.data[2*side:], mask)
	}
}

func limitIface(flag byte) func(p *parser, m *match) {
	return func(_ *parser, m *match) { m.data[4] |= flag }
}

func connmarkOption(p *parser, m *match) {
	not := p.inverted()
	value, mask := p.masked()
	copy(m.data, nfmsg.Native32(value))
	copy(m.data[4:], nfmsg.Native32(mask))
	if not {
		m.data[8] = 1
	}
}

func pkttypeOption(p *parser, m *match) {
	not := p.inverted()
	i := slices.Index([]string{"unicast", "broadcast", "multicast"}, p.next())
	if i < 0 {
		p.unsupported()
		return
	}
	copy(m.data, nfmsg.Native32(uint32(i)))
	if not {
		m.data[4] = 1
	}
}

func lengthOption(p *parser, m *match) {
	not := p.inverted()
	from, to, ranged := strings.Cut(p.next(), ":")
	if !ranged {
		to = from
	}
	binary.NativeEndian.PutUint16(m.data, p.port(from))
	binary.NativeEndian.PutUint16(m.data[2:], p.port(to))
	if not {
		m.data[4] = 1
	}
}

func ttlOption(mode byte) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		m.data[0] = mode
		if p.inverted() {
			m.data[0] = 1
		}
		n, err := strconv.ParseUint(p.next(), 10, 8)
		if err != nil || m.data[0] == 1 && mode != 0 {
			p.unsupported()
		}
		m.data[1] = byte(n)
	}
}

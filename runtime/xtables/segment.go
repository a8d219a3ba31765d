package xtables

import (
	"encoding/binary"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// portRange is a range of ports, and tcpFlags are those flags of a mask that are set.
type portRange struct {
	set, not bool
	from, to uint16
}

type tcpFlags struct {
	set, not   bool
	mask, want byte
}

// segment compares ports and flags.
func (m *match) segment(e nfmsg.Exprs) nfmsg.Exprs {
	if m.flags.set {
		e = e.Payload(nfmsg.TransportHeader, 13, 1).Mask([]byte{m.flags.mask}).Compare(nfmsg.CompareOp(m.flags.not), []byte{m.flags.want})
	}
	for i, r := range m.ports {
		if r.set {
			e = r.exprs(e.Payload(nfmsg.TransportHeader, uint32(2*i), 2))
		}
	}
	return e
}

func (r portRange) exprs(e nfmsg.Exprs) nfmsg.Exprs {
	switch {
	case r.from == r.to:
		return e.Compare(nfmsg.CompareOp(r.not), port(r.from))
	case r.from == 0 && !r.not:
		return e.Compare(nfmsg.AtMost, port(r.to))
	}
	return e.Between(nfmsg.CompareOp(r.not), port(r.from), port(r.to))
}

func source(p *parser, m *match)      { m.ports[0] = p.ports() }
func destination(p *parser, m *match) { m.ports[1] = p.ports() }

// ports reads a port or a range of ports.
func (p *parser) ports() portRange {
	r := portRange{set: true, not: p.inverted()}
	text := p.next()
	from, to, ranged := strings.Cut(text, ":")
	r.from, r.to = 0, 0xffff
	if from != "" {
		r.from = p.port(from)
	}
	if to != "" {
		r.to = p.port(to)
	}
	if !ranged {
		r.to = r.from
	}
	if r.from > r.to || ranged && (r.from == 0 && r.to == 0xffff || r.from == 0 && r.not) {
		p.unsupported()
	}
	return r
}

// services are ports with a name (services(5)).
func services() map[string]uint16 {
	return map[string]uint16{"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
		"http": 80, "www": 80, "pop3": 110, "ntp": 123, "imap": 143, "imap2": 143, "snmp": 161, "bgp": 179, "https": 443, "imaps": 993, "pop3s": 995,
		"mysql": 3306, "postgresql": 5432}
}

func (p *parser) port(text string) uint16 {
	if n, ok := services()[text]; ok {
		return n
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		p.unsupported()
	}
	return uint16(n)
}

func flagsOption(p *parser, m *match) {
	m.flags = tcpFlags{set: true, not: p.inverted(), mask: p.flagSet(), want: p.flagSet()}
}

func synOption(p *parser, m *match) {
	m.flags = tcpFlags{set: true, not: p.inverted(), mask: 0x17, want: 0x02}
}

func (p *parser) flagSet() (set byte) {
	for name := range strings.SplitSeq(p.next(), ",") {
		bit, ok := map[string]byte{"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ALL": 63, "NONE": 0}[strings.ToUpper(name)]
		if !ok {
			p.unsupported()
		}
		set |= bit
	}
	return set
}

// portsOption reads a list of ports (struct xt_multiport_v1).
func portsOption(which byte) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		const countAt, portsAt, rangesAt, invertAt, most = 1, 2, 32, 47, 15
		m.data[0] = which
		if p.inverted() {
			m.data[invertAt] = 1
		}
		n := 0
		put := func(text string, begins byte) {
			if n < most {
				binary.NativeEndian.PutUint16(m.data[portsAt+2*n:], p.port(text))
				m.data[rangesAt+n] = begins
			}
			n++
		}
		for item := range strings.SplitSeq(p.next(), ",") {
			from, to, ranged := strings.Cut(item, ":")
			if !ranged {
				put(item, 0)
				continue
			}
			put(from, 1)
			put(to, 0)
		}
		if n > most {
			p.unsupported()
		}
		m.data[countAt] = byte(n)
	}
}

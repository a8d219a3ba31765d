package xtables

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// hashRate reads N/UNIT as the time between two packets, in millionths of a second; entries
// live as long as the unit.
func hashRate(above uint32) option {
	return func(p *parser, m *match) {
		if p.inverted() {
			p.unsupported()
		}
		number, unit, _ := strings.Cut(p.next(), "/")
		n, err := strconv.ParseUint(number, 10, 32)
		seconds := uint64(1)
		for name, s := range map[string]uint64{"second": 1, "minute": 60, "hour": 3600, "day": 86400} {
			if unit != "" && strings.HasPrefix(name, unit) {
				seconds = s
			}
		}
		if err != nil || n == 0 || unit != "" && !strings.ContainsAny(unit[:1], "smhd") {
			p.unsupported()
			return
		}
		const perSecond = 1000000
		binary.NativeEndian.PutUint64(m.data[hashAvgAt:], perSecond*seconds/n)
		binary.NativeEndian.PutUint32(m.data[hashExpireAt:], uint32(seconds*1000))
		m.data[hashModeAt] |= byte(above << 4)
	}
}

func hashBurst(p *parser, m *match) {
	binary.NativeEndian.PutUint64(m.data[hashBurstAt:], uint64(p.number32(p.next())))
}

func hashMode(p *parser, m *match) {
	for name := range strings.SplitSeq(p.next(), ",") {
		bit := map[string]byte{"dstip": 1, "dstport": 2, "srcip": 4, "srcport": 8}[name]
		if bit == 0 {
			p.unsupported()
		}
		m.data[hashModeAt] |= bit
	}
}

func hashName(p *parser, m *match) {
	name := p.next()
	if name == "" || len(name) > 200 || strings.Contains(name, "/") {
		p.unsupported()
		return
	}
	copy(m.data, name)
}

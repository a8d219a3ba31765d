package xtables

import (
	"encoding/binary"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// rate is how often a limit matches: avg is the time between two packets in 1/10000 s.
type rate struct {
	avg   uint64
	burst uint32
}

func limitOption(p *parser, m *match) {
	count, unit, found := strings.Cut(p.next(), "/")
	if !found {
		unit = "second"
	}
	n, err := strconv.ParseUint(count, 10, 32)
	seconds := uint64(0)
	for name, s := range map[string]uint64{"second": 1, "minute": 60, "hour": 3600, "day": 86400} {
		if unit != "" && strings.HasPrefix(name, strings.ToLower(unit)) {
			seconds = s
		}
	}
	if err != nil || n == 0 || seconds == 0 || n > 10000 {
		p.unsupported()
		return
	}
	m.limit.avg = 10000 * seconds / n
}

func burstOption(p *parser, m *match) { m.limit.burst = p.number32(p.next()) }

// exprs writes the rate in the largest unit that loses nothing (xt_to_nft's rule of the
// program: limit_to_nft).
func (r rate) exprs(e nfmsg.Exprs) nfmsg.Exprs {
	units := []uint64{86400, 3600, 60, 1}
	i := 1
	for ; i < len(units); i++ {
		if in := units[i] * 10000; r.avg > in || in/r.avg < in%r.avg {
			break
		}
	}
	unit := units[i-1]
	return e.Add("limit", nfmsg.Attrs(nil).Long(1, unit*10000/r.avg).Long(2, unit).Number(3, r.burst).Number(4, 0).Number(5, 0))
}

// modeOption, numberOption and probabilityOption fill struct xt_statistic_info.
func modeOption(p *parser, m *match) {
	switch p.next() {
	case "nth":
		m.data[0] = 1
	case "random":
	default:
		p.unsupported()
	}
}

func numberOption(at int, add int64) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		n, err := strconv.ParseUint(p.next(), 10, 31)
		if err != nil || int64(n)+add < 0 {
			p.unsupported()
			return
		}
		copy(m.data[at:], nfmsg.Native32(uint32(int64(n)+add)))
	}
}

func probabilityOption(p *parser, m *match) {
	f, err := strconv.ParseFloat(p.next(), 64)
	if err != nil || f < 0 || f > 1 {
		p.unsupported()
		return
	}
	copy(m.data[4:], nfmsg.Native32(uint32(f*0x80000000+0.5)))
}

// countdown is what is left until the first packet that matches.
func (m *match) countdown(p *parser) {
	every, packet := binary.NativeEndian.Uint32(m.data[4:]), binary.NativeEndian.Uint32(m.data[8:])
	if packet > every {
		p.unsupported()
	}
	copy(m.data[12:], nfmsg.Native32(every-packet))
}

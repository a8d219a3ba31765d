package xtables

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// option reads an option of a match.
type option = func(p *parser, m *match)

// furtherKinds are matches that are structures of the kernel only
// (<linux/netfilter/xt_NAME.h>).
func furtherKinds() map[string]kind {
	return map[string]kind{
		"owner":   {"owner", 1, 20, map[string]option{"--uid-owner": ownerOption(0), "--gid-owner": ownerOption(1)}},
		"physdev": {"physdev", 0, 66, physdevOptions()},
		"string": {"string", 1, 160, map[string]option{"--string": stringOption, "--algo": algoOption, "--icase": flagOption(149, 2),
			"--from": shortOption(0), "--to": shortOption(2)}},
		"connlimit": {"connlimit", 1, 32, map[string]option{"--connlimit-above": connlimitOption(0), "--connlimit-upto": connlimitOption(1),
			"--connlimit-mask": connlimitMask, "--connlimit-saddr": flagOption(20, 0), "--connlimit-daddr": flagOption(20, 2)}},
		"recent": {"recent", 1, 228, recentOptions()},
		"time": {"time", 0, 22, map[string]option{"--timestart": daytimeOption(8), "--timestop": daytimeOption(12), "--weekdays": weekdaysOption,
			"--kerneltz": flagOption(21, 1), "--contiguous": flagOption(21, 2)}},
		"dscp":     {"dscp", 0, 2, map[string]option{"--dscp": dscpOption, "--dscp-class": dscpOption}},
		"quota":    {"quota", 0, 24, map[string]option{"--quota": quotaOption}},
		"helper":   {"helper", 0, 36, map[string]option{"--helper": helperOption}},
		"rpfilter": {"rpfilter", 0, 1, map[string]option{"--loose": flagOption(0, 1), "--validmark": flagOption(0, 2), "--accept-local": flagOption(0, 4), "--invert": flagOption(0, 8)}},
		"hashlimit": {"hashlimit", 3, 312, map[string]option{"--hashlimit-upto": hashRate(0), "--hashlimit": hashRate(0), "--hashlimit-above": hashRate(1),
			"--hashlimit-burst": hashBurst, "--hashlimit-mode": hashMode, "--hashlimit-name": hashName}},
	}
}

// initial sets what a match has before its options are read.
func (m *match) initial() {
	switch m.name {
	case "string":
		binary.NativeEndian.PutUint16(m.data[2:], 0xffff)
	case "connlimit":
		copy(m.data, slices.Repeat([]byte{0xff}, 16))
	case "recent":
		const nameAt, maskAt = 10, 212
		copy(m.data[nameAt:], "DEFAULT")
		copy(m.data[maskAt:], slices.Repeat([]byte{0xff}, 16))
	case "time":
		const lastSecond = 24*60*60 - 1
		for at, n := range map[int]uint32{4: 0x7fffffff, 12: lastSecond, 16: 0xfffffffe} {
			binary.NativeEndian.PutUint32(m.data[at:], n)
		}
		m.data[20] = 0xfe
	case "hashlimit":
		const burstAt, gcAt, expireAt, masksAt = 264, 284, 288, 296
		binary.NativeEndian.PutUint64(m.data[burstAt:], 5)
		binary.NativeEndian.PutUint32(m.data[gcAt:], 1000)
		binary.NativeEndian.PutUint32(m.data[expireAt:], 1000)
		m.data[masksAt], m.data[masksAt+1] = 32, 32
	}
}

// flagOption sets a bit of a byte.
func flagOption(at int, bit byte) option {
	return func(_ *parser, m *match) { m.data[at] |= bit }
}

func shortOption(at int) option {
	return func(p *parser, m *match) { binary.NativeEndian.PutUint16(m.data[at:], p.port(p.next())) }
}

// ownerOption reads a user or group by its number, or a range of them.
func ownerOption(of int) option {
	return func(p *parser, m *match) {
		const matchAt, invertAt = 16, 17
		if p.inverted() {
			m.data[invertAt] |= 1 << of
		}
		from, to, ranged := strings.Cut(p.next(), "-")
		if !ranged {
			to = from
		}
		copy(m.data[8*of:], nfmsg.Native32(p.number32(from)))
		copy(m.data[8*of+4:], nfmsg.Native32(p.number32(to)))
		m.data[matchAt] |= 1 << of
	}
}

func physdevOptions() map[string]option {
	list := map[string]option{}
	const invertAt, bitsAt = 64, 65
	for i, name := range []string{"--physdev-in", "--physdev-out", "--physdev-is-bridged", "--physdev-is-in", "--physdev-is-out"} {
		list[name] = func(p *parser, m *match) {
			if p.inverted() {
				m.data[invertAt] |= 1 << i
			}
			if m.data[bitsAt] |= 1 << i; i > 1 {
				return
			}
			dev := p.next()
			if dev == "" || len(dev) > 15 || dev == "+" {
				p.unsupported()
				return
			}
			compared := len(dev) + 1 // with the NUL
			if strings.HasSuffix(dev, "+") {
				compared -= 2
			}
			copy(m.data[32*i:], dev)
			copy(m.data[32*i+16:], slices.Repeat([]byte{0xff}, compared))
		}
	}
	return list
}

func stringOption(p *parser, m *match) {
	const patternAt, patternSize, lengthAt, flagsAt = 20, 128, 148, 149
	if p.inverted() {
		m.data[flagsAt] |= 1
	}
	text := p.next()
	if text == "" || len(text) > patternSize {
		p.unsupported()
		return
	}
	copy(m.data[patternAt:], text)
	m.data[lengthAt] = byte(len(text))
}

func algoOption(p *parser, m *match) {
	const at = 4
	name := p.next()
	if !oneOf(name, "bm", "kmp") {
		p.unsupported()
	}
	copy(m.data[at:], name)
}

func connlimitOption(upto byte) option {
	return func(p *parser, m *match) {
		const limitAt, flagsAt = 16, 20
		flag := upto
		if p.inverted() {
			flag ^= 1
		}
		copy(m.data[limitAt:], nfmsg.Native32(p.number32(p.next())))
		m.data[flagsAt] |= flag
	}
}

func connlimitMask(p *parser, m *match) {
	bits, err := strconv.Atoi(p.next())
	if err != nil || bits < 0 || bits > 32 || p.cmd.Six {
		p.unsupported()
		return
	}
	clear(m.data[:16])
	binary.BigEndian.PutUint32(m.data, ^uint32(0)<<(32-bits))
}

func recentOptions() map[string]option {
	const checkAt, invertAt, nameAt, nameSize, sideAt = 8, 9, 10, 200, 210
	list := map[string]option{
		"--seconds":  func(p *parser, m *match) { copy(m.data, nfmsg.Native32(p.number32(p.next()))) },
		"--hitcount": func(p *parser, m *match) { copy(m.data[4:], nfmsg.Native32(p.number32(p.next()))) },
		"--name": func(p *parser, m *match) {
			name := p.next()
			if name == "" || len(name) >= nameSize || strings.Contains(name, "/") {
				p.unsupported()
				return
			}
			copy(m.data[nameAt:], name+"\x00")
		},
		"--rsource": func(_ *parser, m *match) { m.data[sideAt] = 0 },
		"--rdest":   func(_ *parser, m *match) { m.data[sideAt] = 1 },
	}
	for i, name := range []string{"--rcheck", "--set", "--update", "--remove", "--rttl", "--reap"} {
		list[name] = func(p *parser, m *match) {
			if p.inverted() {
				m.data[invertAt] = 1
			}
			m.data[checkAt] |= 1 << i
		}
	}
	return list
}

// daytimeOption reads HH:MM[:SS].
func daytimeOption(at int) option {
	return func(p *parser, m *match) {
		parts := strings.Split(p.next(), ":")
		if len(parts) < 2 || len(parts) > 3 {
			p.unsupported()
			return
		}
		seconds := uint32(0)
		for i, limit := range []uint64{24, 60, 60} {
			n := uint32(0)
			if i < len(parts) {
				v, err := strconv.ParseUint(parts[i], 10, 8)
				if err != nil || v >= limit {
					p.unsupported()
				}
				n = uint32(v)
			}
			seconds = seconds*60 + n
		}
		copy(m.data[at:], nfmsg.Native32(seconds))
	}
}

func weekdaysOption(p *parser, m *match) {
	const at = 20
	not, mask := p.inverted(), byte(0)
	for name := range strings.SplitSeq(p.next(), ",") {
		i := slices.Index([]string{"", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}, name[:min(2, len(name))])
		if n, err := strconv.Atoi(name); err == nil {
			i = n
		}
		if i < 1 || i > 7 {
			p.unsupported()
			return
		}
		mask |= 1 << i
	}
	if m.data[at] = mask; not {
		m.data[at] = ^mask & 0xfe
	}
}

func dscpOption(p *parser, m *match) {
	if p.inverted() {
		m.data[1] = 1
	}
	m.data[0] = p.dscp(p.next())
}

// dscp reads a code point (RFC 2474): a number, or a class.
func (p *parser) dscp(text string) byte {
	up := strings.ToUpper(text)
	switch {
	case up == "EF":
		return 0x2e
	case up == "BE":
		return 0
	case len(up) == 3 && strings.HasPrefix(up, "CS") && up[2] >= '0' && up[2] <= '7':
		return (up[2] - '0') << 3
	case len(up) == 4 && strings.HasPrefix(up, "AF") && up[2] >= '1' && up[2] <= '4' && up[3] >= '1' && up[3] <= '3':
		return (up[2]-'0')<<3 | (up[3]-'0')<<1
	}
	n := p.number32(text)
	if n > 0x3f {
		p.unsupported()
	}
	return byte(n)
}

func quotaOption(p *parser, m *match) {
	if p.inverted() {
		m.data[0] = 1
	}
	n, err := strconv.ParseUint(p.next(), 10, 64)
	if err != nil {
		p.unsupported()
	}
	binary.NativeEndian.PutUint64(m.data[8:], n)
}

func helperOption(p *parser, m *match) {
	const at, size = 4, 30
	if p.inverted() {
		m.data[0] = 1
	}
	name := p.next()
	if len(name) >= size {
		p.unsupported()
		return
	}
	copy(m.data[at:], name)
}

// Places in struct xt_hashlimit_mtinfo3.
const hashAvgAt, hashBurstAt, hashModeAt, hashExpireAt = 256, 264, 272, 288

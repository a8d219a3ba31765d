package ruleset

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// worded is a value of a field for which nft(8) has a form of its own.
func (f field) worded(b []byte) string {
	host := func() uint32 {
		if f.network && len(b) >= 4 {
			return binary.BigEndian.Uint32(b)
		}
		return number(b)
	}
	switch {
	case len(b) == 0:
	case f.kind == "dscp":
		return dscp(b[0] >> 2)
	case f.kind == "dscp6" && len(b) >= 2:
		return dscp(uint8(binary.BigEndian.Uint16(b) >> 6 & 0x3F))
	case f.kind == "direction":
		return nth(b[0], "original", "reply")
	case f.kind == "pkttype":
		return nth(b[0], "host", "broadcast", "multicast", "other")
	case f.kind == "day":
		return nth(b[0], "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
	case f.kind == "group" && host() == 0:
		return "default"
	case f.kind == "class" && host() == 0:
		return "none"
	case f.kind == "class":
		return fmt.Sprintf("%x:%x", host()>>16, host()&0xFFFF)
	case f.kind == "hour":
		const hour, minute = 3600, 60
		return fmt.Sprintf("%02d:%02d", host()/hour, host()%hour/minute)
	case f.kind == "zone" && len(b) >= 2:
		return strconv.Itoa(int(binary.NativeEndian.Uint16(b)))
	case f.kind == "long" && len(b) >= 8 && f.network:
		return strconv.FormatUint(binary.BigEndian.Uint64(b), 10)
	case f.kind == "long" && len(b) >= 8:
		return strconv.FormatUint(binary.NativeEndian.Uint64(b), 10)
	case len(b) >= 4:
		return strconv.Itoa(int(host()))
	}
	return fmt.Sprintf("%#x", b)
}

func nth(n byte, words ...string) string {
	if int(n) < len(words) {
		return words[n]
	}
	return strconv.Itoa(int(n))
}

// dscp is a code point (RFC 2474) by its name.
func dscp(n byte) string {
	const expedited = 46
	switch {
	case n == expedited:
		return "ef"
	case n%8 == 0:
		return "cs" + strconv.Itoa(int(n/8))
	case n%2 == 0 && n < 40:
		return fmt.Sprintf("af%d%d", n/8, n%8/2)
	}
	return strconv.Itoa(int(n))
}

// opaque writes what is not understood: what it reads is held for the comparison after it.
func (w *writer) opaque(e plan.Opaque) {
	text := w.filled(cmp.Or(e.Text, e.Name))
	if !e.Reads {
		w.flush("")
		w.add(text)
		return
	}
	kind := "hex"
	switch {
	case text == "rt nexthop":
		kind = "addr"
	case e.Name == "exthdr":
		kind = "port"
	case e.Name == "numgen" || e.Name == "hash":
		kind = "host"
	}
	w.loads = append(w.loads, field{name: text, kind: kind})
}

// filled is a text with the fields that were read in the place of %s.
func (w *writer) filled(text string) string {
	if !strings.Contains(text, "%s") {
		return text
	}
	var names []string
	for _, f := range w.loads {
		names = append(names, f.name)
	}
	w.loads = nil
	joined := strings.Join(names, " . ")
	w.flush(joined + " ")
	return strings.ReplaceAll(fmt.Sprintf(text, joined), "%%", "%")
}

// impliesFamily reports whether a condition holds only for packets of a family.
func impliesFamily(condition, family string) bool {
	header := map[string]string{"ip": "icmp ", "ip6": "icmpv6 "}[family]
	return strings.Contains(" "+condition, " "+family+" ") || header != "" && strings.HasPrefix(condition, header)
}

package nfread

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// besides reads the expressions that depend on more than the packet, and those without
// influence on it.
func besides(name string, as attributes) plan.FilterExpr {
	switch name {
	case "counter", "last", "flow_offload":
		return plan.Effectless{Name: name}
	case "log":
		return plan.Effectless{Name: name, Text: logText(as)}
	case "objref":
		return object(as)
	case "dynset":
		return dynset(as)
	case "exthdr":
		return extension(as)
	case "limit":
		return plan.Opaque{Name: name, Text: limitText(as)}
	case "connlimit":
		return plan.Opaque{Name: name, Text: fmt.Sprintf("ct count %s%d", over(as.number(2)), as.number(1))}
	case "quota":
		return plan.Opaque{Name: name, Text: fmt.Sprintf("quota %s%d bytes", over(as.number(2)), as.long(1))}
	case "queue":
		return plan.Opaque{Name: name, Text: fmt.Sprintf("queue to %d", as.short(1))}
	case "numgen":
		return plan.Opaque{Name: name, Text: fmt.Sprintf("numgen %s mod %d", oneOf(as.number(3), "inc", "random"), as.number(2)), Reads: true}
	case "hash":
		return plan.Opaque{Name: name, Text: fmt.Sprintf("%s mod %d", oneOf(as.number(7), "jhash %s", "symhash"), as.number(4)), Reads: true}
	case "rt":
		return plan.Opaque{Name: name, Text: "rt " + oneOf(as.number(2), "classid", "nexthop", "nexthop", "mtu", "ipsec"), Reads: true}
	case "socket":
		return plan.Opaque{Name: name, Text: "socket " + oneOf(as.number(1), "transparent", "mark", "wildcard", "cgroupv2"), Reads: true}
	case "osf":
		return plan.Opaque{Name: name, Text: "osf name", Reads: true}
	}
	return plan.Opaque{Name: name}
}

// long and short are numbers of eight and two bytes in network order, 0 where they are missing.
func (as attributes) long(typ int) uint64 {
	if b := as[typ]; len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (as attributes) short(typ int) int {
	if b := as[typ]; len(b) >= 2 {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

// oneOf is the word of a number, which may be one that is not known.
func oneOf(n int, words ...string) string {
	if n < 0 || n >= len(words) {
		return strconv.Itoa(n)
	}
	return words[n]
}

// over is the word for what holds past a limit (the flag that turns it round).
func over(flags int) string {
	if flags&1 != 0 {
		return "over "
	}
	return ""
}

func logText(as attributes) string {
	if prefix := as.text(unix.NFTA_LOG_PREFIX); prefix != "" {
		return "log prefix " + strconv.Quote(prefix)
	}
	return "log"
}

func limitText(as attributes) string {
	const rate, unit, burst, typ, flags = 1, 2, 3, 4, 5
	per := map[uint64]string{1: "second", 60: "minute", 3600: "hour", 86400: "day", 604800: "week"}[as.long(unit)]
	what, packets := "", "packets"
	if as.number(typ) == 1 {
		what, packets = " bytes", "bytes"
	}
	text := fmt.Sprintf("limit rate %s%d%s/%s", over(as.number(flags)), as.long(rate), what, per)
	if n := as.number(burst); n != 0 {
		text += fmt.Sprintf(" burst %d %s", n, packets)
	}
	return text
}

// object is a reference to an object with a name, or to those of a map
// (NFT_OBJECT_*, <linux/netfilter/nf_tables.h>).
func object(as attributes) plan.FilterExpr {
	const typ, name, set = 1, 2, 5
	kind := map[int]string{1: "counter", 2: "quota", 3: "ct helper", 4: "limit", 5: "ct count", 8: "synproxy", 9: "ct timeout", 10: "secmark"}[as.number(typ)]
	text := fmt.Sprintf("%s name %q", kind, as.text(name))
	if as[set] != nil {
		text = "map @" + as.text(set)
	}
	switch kind {
	case "quota", "limit", "ct count", "synproxy":
		return plan.Opaque{Name: kind, Text: text}
	}
	if as[set] != nil {
		return plan.Opaque{Name: "objref", Text: text}
	}
	return plan.Effectless{Name: "objref", Text: text}
}

// dynset adds to a set; with an expression such as a limit the rule goes on only
// where that holds.
func dynset(as attributes) plan.FilterExpr {
	const expressions = 10
	text := fmt.Sprintf("%s @%s { %%s", oneOf(as.number(unix.NFTA_DYNSET_OP), "add", "update", "delete"), as.text(unix.NFTA_DYNSET_SET_NAME))
	var inner []plan.FilterExpr
	if e := as[unix.NFTA_DYNSET_EXPR]; e != nil {
		inner = append(inner, exprIn(e))
	} else {
		inner = exprs(as[expressions])
	}
	holds := true
	for _, e := range inner {
		switch e := e.(type) {
		case plan.Opaque:
			text, holds = text+" "+strings.ReplaceAll(e.Text, "%", "%%"), false
		case plan.Effectless:
		}
	}
	if text += " }"; holds {
		return plan.Effectless{Name: "dynset", Text: text}
	}
	return plan.Opaque{Name: "dynset", Text: text}
}

// exprIn reads an expression that is part of another one.
func exprIn(e []byte) plan.FilterExpr {
	as := attributesOf(e, 0)
	return exprOf(as.text(unix.NFTA_EXPR_NAME), attributesOf(as[unix.NFTA_EXPR_DATA], 0))
}

// extension reads an extension header of IPv6, or an option of IPv4 or TCP.
func extension(as attributes) plan.FilterExpr {
	if as[unix.NFTA_EXTHDR_SREG] != nil {
		return plan.Effectless{Name: "exthdr"}
	}
	const op, tcp = 6, 1
	kind := 0
	if b := as[unix.NFTA_EXTHDR_TYPE]; len(b) > 0 {
		kind = int(b[0])
	}
	names, text := map[int]string{0: "hbh", 43: "rt", 44: "frag", 60: "dst", 135: "mh"}, "exthdr "
	if as.number(op) == tcp {
		names, text = map[int]string{2: "maxseg", 3: "window", 4: "sack-perm", 5: "sack", 8: "timestamp"}, "tcp option "
	}
	name, ok := names[kind]
	if !ok {
		name = strconv.Itoa(kind)
	}
	if name == "maxseg" && as.number(unix.NFTA_EXTHDR_FLAGS) == 0 {
		name += " size"
	}
	return plan.Opaque{Name: "exthdr", Text: text + name, Reads: true}
}

// reject reads what a packet is refused with (NFT_REJECT_*, <linux/netfilter/nf_tables.h>).
func reject(as attributes) plan.FilterExpr {
	const icmp, reset, icmpx = 0, 1, 2
	const code = 2
	n := 0
	if b := as[code]; len(b) > 0 {
		n = int(b[0])
	}
	switch as.number(unix.NFTA_REJECT_TYPE) {
	case reset:
		return plan.Reject{Reset: true}
	case icmpx:
		words := []string{"no-route", "", "host-unreachable", "admin-prohibited"}
		return plan.Reject{With: withType("icmpx", oneOf(n, words...))}
	case icmp:
		words := map[int]string{0: "net-unreachable", 1: "host-unreachable", 2: "prot-unreachable", 9: "net-prohibited", 10: "host-prohibited", 13: "admin-prohibited"}
		return plan.Reject{With: withType("icmp", words[n])}
	}
	return plan.Reject{}
}

func withType(protocol, word string) string {
	if word == "" {
		return ""
	}
	return protocol + " type " + word
}

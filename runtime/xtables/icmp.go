package xtables

import (
	"strconv"
	"strings"
)

// icmpType is a type of ICMP with a range of codes.
type icmpType struct{ typ, from, to byte }

// icmpTypes are those of ICMP by their names (iptables-extensions(8)).
func icmpTypes() map[string]icmpType {
	return map[string]icmpType{"any": {255, 0, 255}, "echo-reply": {0, 0, 255}, "pong": {0, 0, 255}, "destination-unreachable": {3, 0, 255},
		"network-unreachable": {3, 0, 0}, "host-unreachable": {3, 1, 1}, "protocol-unreachable": {3, 2, 2}, "port-unreachable": {3, 3, 3},
		"fragmentation-needed": {3, 4, 4}, "source-quench": {4, 0, 255}, "redirect": {5, 0, 255}, "echo-request": {8, 0, 255}, "ping": {8, 0, 255},
		"router-advertisement": {9, 0, 255}, "router-solicitation": {10, 0, 255}, "time-exceeded": {11, 0, 255}, "ttl-exceeded": {11, 0, 255},
		"parameter-problem": {12, 0, 255}, "timestamp-request": {13, 0, 255}, "timestamp-reply": {14, 0, 255}}
}

func icmp6Types() map[string]icmpType {
	return map[string]icmpType{"destination-unreachable": {1, 0, 255}, "packet-too-big": {2, 0, 255}, "time-exceeded": {3, 0, 255},
		"parameter-problem": {4, 0, 255}, "echo-request": {128, 0, 255}, "ping": {128, 0, 255}, "echo-reply": {129, 0, 255}, "pong": {129, 0, 255},
		"router-solicitation": {133, 0, 255}, "router-advertisement": {134, 0, 255}, "neighbour-solicitation": {135, 0, 255},
		"neighbor-solicitation": {135, 0, 255}, "neighbour-advertisement": {136, 0, 255}, "neighbor-advertisement": {136, 0, 255}, "redirect": {137, 0, 255}}
}

// icmpOption reads a type by its name or its numbers (struct ipt_icmp, ip6t_icmp).
func icmpOption(names map[string]icmpType) func(p *parser, m *match) {
	return func(p *parser, m *match) {
		if p.inverted() {
			m.data[3] = 1
		}
		text := p.next()
		t, ok := names[text]
		if !ok {
			typ, code, ranged := strings.Cut(text, "/")
			n, err := strconv.ParseUint(typ, 10, 8)
			t = icmpType{byte(n), 0, 255}
			if ranged && err == nil {
				n, err = strconv.ParseUint(code, 10, 8)
				t.from, t.to = byte(n), byte(n)
			}
			if err != nil {
				p.unsupported()
			}
		}
		m.data[0], m.data[1], m.data[2] = t.typ, t.from, t.to
	}
}

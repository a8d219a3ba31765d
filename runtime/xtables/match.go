package xtables

import (
	"maps"
	"slices"

	"nsl/runtime/nfmsg"
)

// match is an extension that a rule asks.
type match struct {
	name string
	// data is its structure of the kernel (<linux/netfilter/xt_*.h>), for those that are
	// no expressions of nftables.
	data []byte
	// given: an option was.
	given bool
	// native are the expressions of the others.
	native func(p *parser, e nfmsg.Exprs) nfmsg.Exprs
	ports  [2]portRange
	flags  tcpFlags
	limit  rate
}

// kind is what is known of a match: the name and revision of the kernel's, the size of its
// structure, and its options.
type kind struct {
	name     string
	revision uint32
	size     int
	options  map[string]func(p *parser, m *match)
}

func kinds(six bool) map[string]kind {
	ports := map[string]func(p *parser, m *match){"--sport": source, "--source-port": source, "--dport": destination, "--destination-port": destination}
	tcp := map[string]func(p *parser, m *match){"--tcp-flags": flagsOption, "--syn": synOption}
	for k, v := range ports {
		tcp[k] = v
	}
	list := map[string]kind{
		"tcp":       {name: "", options: tcp},
		"udp":       {name: "", options: ports},
		"mark":      {name: "", options: map[string]func(p *parser, m *match){"--mark": markOption}},
		"limit":     {name: "", options: map[string]func(p *parser, m *match){"--limit": limitOption, "--limit-burst": burstOption}},
		"conntrack": {"conntrack", 3, 168, map[string]func(p *parser, m *match){"--ctstate": stateOption(1)}},
		"state":     {"conntrack", 3, 168, map[string]func(p *parser, m *match){"--state": stateOption(0x2001)}},
		"multiport": {"multiport", 1, 48, map[string]func(p *parser, m *match){"--sports": portsOption(0), "--source-ports": portsOption(0),
			"--dports": portsOption(1), "--destination-ports": portsOption(1), "--ports": portsOption(2)}},
		"comment":  {"comment", 0, 256, map[string]func(p *parser, m *match){"--comment": commentOption}},
		"iprange":  {"iprange", 1, 72, map[string]func(p *parser, m *match){"--src-range": rangeOption(0), "--dst-range": rangeOption(1)}},
		"mac":      {"mac", 0, 16, map[string]func(p *parser, m *match){"--mac-source": macOption}},
		"addrtype": {"addrtype", 1, 8, map[string]func(p *parser, m *match){"--src-type": typeOption(0), "--dst-type": typeOption(1), "--limit-iface-in": limitIface(4), "--limit-iface-out": limitIface(8)}},
		"connmark": {"connmark", 1, 16, map[string]func(p *parser, m *match){"--mark": connmarkOption}},
		"pkttype":  {"pkttype", 0, 8, map[string]func(p *parser, m *match){"--pkt-type": pkttypeOption}},
		"length":   {"length", 0, 8, map[string]func(p *parser, m *match){"--length": lengthOption}},
		"statistic": {"statistic", 0, 24, map[string]func(p *parser, m *match){"--mode": modeOption, "--every": numberOption(4, -1),
			"--packet": numberOption(8, 0), "--probability": probabilityOption}},
	}
	maps.Copy(list, furtherKinds())
	if six {
		list["icmp6"] = kind{"icmp6", 0, 8, map[string]func(p *parser, m *match){"--icmpv6-type": icmpOption(icmp6Types())}}
	} else {
		list["icmp"] = kind{"icmp", 0, 8, map[string]func(p *parser, m *match){"--icmp-type": icmpOption(icmpTypes())}}
		list["ttl"] = kind{"ttl", 0, 8, map[string]func(p *parser, m *match){"--ttl-eq": ttlOption(0), "--ttl-lt": ttlOption(2), "--ttl-gt": ttlOption(3)}}
	}
	return list
}

// load loads a match.
func (p *parser) load(name string) *match {
	if name == "icmpv6" {
		name = "icmp6"
	}
	k, ok := kinds(p.cmd.Six)[name]
	if !ok {
		p.unsupported()
		return &match{}
	}
	m := &match{name: name, data: make([]byte, k.size), limit: rate{10000 * 1200, 5}}
	m.initial()
	p.rule.matches = append(p.rule.matches, m)
	return m
}

// extended reads an option of a match or of the target.
func (p *parser) extended(w string) bool {
	all := kinds(p.cmd.Six)
	for _, m := range slices.Backward(p.rule.matches) {
		if use := all[m.name].options[w]; use != nil {
			m.given = true
			use(p, m)
			return true
		}
	}
	if p.targetOption(w) {
		return true
	}
	name := map[int]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}[p.rule.proto]
	if use := all[name].options[w]; use != nil && !p.rule.notProto && !slices.ContainsFunc(p.rule.matches, func(m *match) bool { return m.name == name }) {
		m := p.load(name)
		m.given = true
		use(p, m)
		return true
	}
	return false
}

// exprs adds the expressions of a match.
func (m *match) exprs(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	k := kinds(p.cmd.Six)[m.name]
	needs := map[string]int{"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58}[m.name]
	needsPorts := m.name == "multiport" && !slices.Contains([]int{6, 17, 132}, p.rule.proto)
	if needs != 0 && (p.rule.proto != needs || p.rule.notProto) || needsPorts || !m.given && !oneOf(m.name, "tcp", "udp", "limit", "rpfilter") {
		p.unsupported()
	}
	switch {
	case m.native != nil:
		return m.native(p, e)
	case m.name == "limit":
		return m.limit.exprs(e)
	case k.name == "":
		return m.segment(e)
	case m.name == "statistic":
		m.countdown(p)
	}
	return e.Extension("match", k.name, k.revision, m.data)
}

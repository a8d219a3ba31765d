package xtables

import (
	"encoding/binary"
	"slices"
	"strings"

	"nsl/runtime/nfmsg"
)

// targetData are the options of a target.
type targetData struct {
	// to is where NAT leads; ports are those of --to-ports.
	to, ports string
	// random are flags of a range.
	random   uint32
	reject   string
	log      [32]byte
	mark     [2]uint32
	connmark [16]byte
	mss      uint16
	notrack  bool
	set      bool
	// change is the structure of a target of [changes].
	change []byte
}

// targets are those that are known, and the verdicts.
func targets() []string {
	return []string{"ACCEPT", "DROP", "RETURN", "LOG", "REJECT", "MASQUERADE", "SNAT", "DNAT", "REDIRECT", "MARK", "CONNMARK", "TCPMSS", "NOTRACK", "CT",
		"TTL", "HL", "DSCP", "TOS", "CLASSIFY", "NETMAP"}
}

// isTarget reports a name that no chain may have, or that only the program knows.
func isTarget(name string) bool {
	return slices.Contains(targets(), name) || oneOf(name, "QUEUE", "NFQUEUE", "NFLOG", "TRACE", "TPROXY", "TEE", "SET", "AUDIT", "SYNPROXY", "IDLETIMER", "CHECKSUM", "ECN", "HMARK", "LED", "RATEEST", "SECMARK", "CONNSECMARK", "DNPT", "SNPT", "ULOG", "CLUSTERIP", "TCPOPTSTRIP")
}

// LeftToProgram reports a target that iptables-extensions(8) has, and of which only the program knows
// the options.
func LeftToProgram(target string) bool {
	return isTarget(target) && !slices.Contains(targets(), target)
}

// jump reads the target of a rule.
func (p *parser) jump(name string, goTo bool) {
	r := &p.rule
	_, builtin := builtinChain(p.cmd.Table, name)
	if r.target != "" || name == "" || builtin || LeftToProgram(name) || isTarget(name) && goTo || len(name) > maxChain {
		p.unsupported()
	}
	r.target, r.goTo = name, goTo
	r.data.log[0] = 4 // warning
}

// targetOption reads an option of the target.
func (p *parser) targetOption(w string) bool {
	d := &p.rule.data
	switch p.rule.target + " " + w {
	case "SNAT --to-source", "DNAT --to-destination", "SNAT --to", "DNAT --to":
		d.to = p.next()
	case "MASQUERADE --to-ports", "REDIRECT --to-ports", "REDIRECT --to-port", "REDIRECT --to":
		d.ports = p.next()
	case "MASQUERADE --random", "REDIRECT --random", "SNAT --random", "DNAT --random":
		d.random |= randomPort
	case "SNAT --persistent", "DNAT --persistent":
		d.random |= persistent
	case "MASQUERADE --random-fully", "SNAT --random-fully":
		d.random |= randomFully
	case "REJECT --reject-with":
		d.reject = p.next()
	case "LOG --log-prefix":
		p.logPrefix()
	case "LOG --log-level":
		p.logLevel()
	case "LOG --log-tcp-sequence", "LOG --log-tcp-options", "LOG --log-ip-options", "LOG --log-uid":
		d.log[1] |= map[string]byte{"--log-tcp-sequence": 1, "--log-tcp-options": 2, "--log-ip-options": 4, "--log-uid": 8}[w]
	case "TCPMSS --clamp-mss-to-pmtu":
		d.mss, d.set = 0xffff, true
	case "TCPMSS --set-mss":
		d.mss, d.set = p.port(p.next()), true
	case "CT --notrack":
		d.notrack = true
	default:
		return p.changeOption(w) || p.markTarget(w)
	}
	return true
}

func (p *parser) logPrefix() {
	text := p.next()
	if len(text) > 29 {
		p.unsupported()
		return
	}
	copy(p.rule.data.log[2:], text)
}

func (p *parser) logLevel() {
	level := p.next()
	names := []string{"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"}
	i := slices.Index(names, strings.ToLower(level))
	if len(level) == 1 && level[0] >= '0' && level[0] <= '7' {
		i = int(level[0] - '0')
	}
	if i < 0 {
		p.unsupported()
		return
	}
	p.rule.data.log[0] = byte(i)
}

// markTarget reads the options of MARK and CONNMARK.
func (p *parser) markTarget(w string) bool {
	d := &p.rule.data
	if !oneOf(p.rule.target, "MARK", "CONNMARK") {
		return false
	}
	d.set = true
	var value, mask uint32
	switch w {
	case "--set-mark":
		value, mask = p.masked()
		mask |= value
	case "--set-xmark":
		value, mask = p.masked()
	case "--or-mark":
		value = p.number32(p.next())
		mask = value
	case "--and-mark":
		mask = ^p.number32(p.next())
	case "--xor-mark":
		value = p.number32(p.next())
	case "--save-mark", "--restore-mark":
		if p.rule.target == "MARK" {
			return false
		}
		d.connmark[14] = map[string]byte{"--save-mark": 1, "--restore-mark": 2}[w]
		mask = 0xffffffff
	default:
		return false
	}
	d.mark = [2]uint32{value, mask}
	return true
}

// action adds what the rule does.
func (r *rule) action(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	nat := map[string][]string{"MASQUERADE": {"POSTROUTING"}, "SNAT": {"POSTROUTING", "INPUT"}, "DNAT": {"PREROUTING", "OUTPUT"}, "REDIRECT": {"PREROUTING", "OUTPUT"}}
	_, builtin := builtinChain(p.cmd.Table, p.cmd.Chain)
	if chains := nat[r.target]; chains != nil && (p.cmd.Table != "nat" || builtin && !slices.Contains(chains, p.cmd.Chain)) {
		p.unsupported()
	}
	if c, is := changes(p.cmd.Six)[r.target]; is {
		return r.changed(p, c, e)
	}
	switch r.target {
	case "":
		return e
	case "ACCEPT":
		return e.Verdict(nfmsg.Accept, "")
	case "DROP":
		if p.cmd.Table == "nat" {
			p.unsupported()
		}
		return e.Verdict(nfmsg.Drop, "")
	case "RETURN":
		return e.Verdict(nfmsg.Return, "")
	case "LOG":
		return e.Extension("target", "LOG", 0, r.data.log[:])
	case "REJECT":
		return r.rejection(p, e)
	case "MASQUERADE", "REDIRECT", "SNAT", "DNAT":
		return r.translation(p, e)
	case "MARK", "CONNMARK", "TCPMSS", "NOTRACK", "CT":
		return r.edit(p, e)
	}
	if r.goTo {
		return e.Verdict(nfmsg.GoTo, r.target)
	}
	return e.Verdict(nfmsg.Jump, r.target)
}

// rejection is REJECT (enum ipt_reject_with, ip6t_reject_with).
func (r *rule) rejection(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	names, code := [][]string{{"icmp-net-unreachable", "net-unreach"}, {"icmp-host-unreachable", "host-unreach"}, {"icmp-proto-unreachable", "proto-unreach"},
		{"icmp-port-unreachable", "port-unreach", ""}, {}, {"icmp-net-prohibited", "net-prohib"}, {"icmp-host-prohibited", "host-prohib"},
		{"tcp-reset", "tcp-rst"}, {"icmp-admin-prohibited", "admin-prohib"}}, -1
	if p.cmd.Six {
		names = [][]string{{"icmp6-no-route", "no-route"}, {"icmp6-adm-prohibited", "adm-prohibited"}, {}, {"icmp6-addr-unreachable", "addr-unreach"},
			{"icmp6-port-unreachable", "port-unreach", ""}, {}, {"tcp-reset"}}
	}
	for i, list := range names {
		if slices.Contains(list, r.data.reject) {
			code = i
		}
	}
	reset := strings.HasPrefix(r.data.reject, "tcp-")
	if code < 0 || reset && (r.proto != 6 || r.notProto) || oneOf(p.cmd.Table, "nat", "mangle", "raw") || oneOf(p.cmd.Chain, "PREROUTING", "POSTROUTING") {
		p.unsupported()
	}
	return e.Extension("target", "REJECT", 0, nfmsg.Native32(uint32(code)))
}

// edit are targets that change the packet or what is known of it.
func (r *rule) edit(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	d := &r.data
	if r.target != "NOTRACK" && !d.set && !d.notrack {
		p.unsupported()
	}
	switch r.target {
	case "MARK":
		return e.Extension("target", "MARK", 2, append(nfmsg.Native32(d.mark[0]), nfmsg.Native32(d.mark[1])...))
	case "CONNMARK":
		copy(d.connmark[:], append(append(nfmsg.Native32(d.mark[0]), nfmsg.Native32(d.mark[1])...), nfmsg.Native32(0xffffffff)...))
		return e.Extension("target", "CONNMARK", 2, d.connmark[:])
	case "TCPMSS":
		syn := slices.ContainsFunc(r.matches, func(m *match) bool { return m.flags.set && m.flags.want&2 != 0 && !m.flags.not })
		if r.proto != 6 || r.notProto || !syn {
			p.unsupported()
		}
		return e.Extension("target", "TCPMSS", 0, binary.NativeEndian.AppendUint16(nil, d.mss))
	}
	const size, notrack, alias = 72, 1, 2
	data := make([]byte, size)
	data[0] = notrack
	if r.target == "NOTRACK" {
		data[0] |= alias
	}
	if p.cmd.Table != "raw" {
		p.unsupported()
	}
	return e.Extension("target", "CT", 2, data)
}

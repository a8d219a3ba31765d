package nftables

import (
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// rule is what is made of the words of a rule.
type rule struct {
	*reader
	family byte
	exprs  nfmsg.Exprs
	// network and transport are the protocols that the rule has compared already, 0 for none.
	network, transport byte
	// last is the field that was compared last for equality, which the program may join with
	// the next.
	last *field
	// sets are those of the rule itself, jumps the chains and named the sets that it needs.
	sets    []*set
	jumps   []string
	named   []lookup
	comment string
	ended   bool
}

// lookup is the use of a set with a name.
type lookup struct {
	name string
	typ  *datatype
	maps bool
}

// rule reads the rule of a command.
func (c Command) rule() *rule {
	r := &rule{reader: &reader{slices.Clone(c.spec)}, family: c.family}
	switch c.family {
	case ip, ip6:
		r.network = c.family
	}
	need(!r.empty())
	for !r.empty() {
		need(!r.ended || r.peek() == "comment")
		r.part()
	}
	return r
}

// part reads a match or a statement.
func (r *rule) part() {
	last := r.last
	r.last = nil
	switch w := r.peek(); w {
	case "counter":
		r.next()
		if r.has("packets") {
			need(r.next() == "0")
			r.want("bytes")
			need(r.next() == "0")
		}
		r.exprs = r.exprs.Counter()
	case "comment":
		r.next()
		r.comment = r.next()
		need(r.empty() && r.comment != "" && len(r.comment) < 128)
	case "accept", "drop", "return", "continue", "jump", "goto":
		code, chain := r.verdict()
		r.exprs, r.ended = r.exprs.Verdict(code, chain), true
	case "log":
		r.log()
	case "limit":
		r.limit()
	case "reject":
		r.reject()
	case "masquerade", "snat", "dnat", "redirect":
		r.translate()
	default:
		r.last = last
		r.match()
	}
}

// verdict reads one.
func (r *rule) verdict() (code int32, chain string) {
	codes := map[string]int32{"accept": nfmsg.Accept, "drop": nfmsg.Drop, "continue": nfmsg.Continue, "jump": nfmsg.Jump, "goto": nfmsg.GoTo, "return": nfmsg.Return}
	w := r.next()
	code, ok := codes[w]
	need(ok)
	if w == "jump" || w == "goto" {
		chain = r.identifier()
		r.jumps = append(r.jumps, chain)
	}
	return code, chain
}

// number reads a number.
func (r *reader) number(bits int) uint32 {
	n, err := strconv.ParseUint(r.next(), 0, bits)
	need(err == nil)
	return uint32(n)
}

// log is log [prefix TEXT] [level LEVEL].
func (r *rule) log() {
	r.next()
	data := nfmsg.Attrs{}
	for r.peek() == "prefix" || r.peek() == "level" {
		if r.has("prefix") {
			text := r.next()
			need(len(text) < 127 && text != "" && len(data) == 0)
			data = data.Text(2, text)
			continue
		}
		r.next()
		i := slices.Index([]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}, r.next())
		need(i >= 0)
		data = data.Number(5, uint32(i))
	}
	r.exprs = r.exprs.Add("log", data)
}

// limit is limit rate [over] N/UNIT [burst N packets].
func (r *rule) limit() {
	r.next()
	r.want("rate")
	flags, burst := uint32(0), uint32(5)
	if r.has("over") {
		flags = 1
	}
	n, unit, ok := strings.Cut(r.next(), "/")
	seconds := map[string]uint64{"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}[unit]
	rate, err := strconv.ParseUint(n, 10, 32)
	need(ok && err == nil && rate > 0 && seconds > 0)
	if r.has("burst") {
		burst = r.number(32)
		r.want("packets")
	}
	r.exprs = r.exprs.Add("limit", nfmsg.Attrs{}.Long(1, rate).Long(2, seconds).Number(3, burst).Number(4, 0).Number(5, flags))
}

// What reject sends (enum nft_reject_types).
const (
	sendUnreachable = 0
	sendReset       = 1
	sendEither      = 2
)

func (r *rule) rejects(kind uint32, code byte) {
	data := nfmsg.Attrs{}.Number(1, kind)
	if kind != sendReset {
		data = data.Put(2, []byte{code})
	}
	r.exprs = r.exprs.Add("reject", data)
}

// reject is reject [with PROTOCOL [type] CODE].
func (r *rule) reject() {
	r.next()
	r.ended = true
	switch {
	case r.has("with"):
		r.rejectWith(r.next())
	case r.network == ip:
		r.rejects(sendUnreachable, codesOf("icmp")["port-unreachable"])
	case r.network == ip6:
		r.rejects(sendUnreachable, codesOf("icmpv6")["port-unreachable"])
	default:
		r.rejects(sendEither, codesOf("icmpx")["port-unreachable"])
	}
}

func (r *rule) rejectWith(protocol string) {
	if protocol == "tcp" {
		r.want("reset")
		r.needTransport(6)
		r.rejects(sendReset, 0)
		return
	}
	r.has("type")
	code, ok := codesOf(protocol)[r.next()]
	need(ok)
	switch protocol {
	case "icmp":
		r.needNetwork(ip)
		r.rejects(sendUnreachable, code)
	case "icmpv6":
		r.needNetwork(ip6)
		r.rejects(sendUnreachable, code)
	default:
		need(r.family == inet)
		r.rejects(sendEither, code)
	}
}

// codesOf are the codes of reject by their names in nft(8).
func codesOf(protocol string) map[string]byte {
	return map[string]map[string]byte{
		"icmp": {"net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "net-prohibited": 9,
			"host-prohibited": 10, "admin-prohibited": 13},
		"icmpv6": {"no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4, "policy-fail": 5, "reject-route": 6},
		"icmpx":  {"no-route": 0, "port-unreachable": 1, "host-unreachable": 2, "admin-prohibited": 3},
	}[protocol]
}

package routes

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// rule is the statement rule.
type rule struct {
	Node  syntax.NodeRef `parser:"'rule' @@"`
	Match ruleMatch      `parser:"@@"`
}

// ruleMatch is what a rule matches and the table it leads to.
type ruleMatch struct {
	Words []ruleWord `parser:"@@+"`
}

// ruleWord is one part of a rule.
type ruleWord struct {
	From     *syntax.Selector  `parser:"  'from' @@"`
	To       *syntax.Selector  `parser:"| 'to' @@"`
	IIf      *syntax.IfName    `parser:"| 'iif' @@"`
	OIf      *syntax.IfName    `parser:"| 'oif' @@"`
	FWMark   *syntax.Mark      `parser:"| 'fwmark' @@"`
	Proto    *syntax.IPProto   `parser:"| 'ipproto' @@"`
	SPort    *syntax.PortRange `parser:"| 'sport' @@"`
	DPort    *syntax.PortRange `parser:"| 'dport' @@"`
	Not      *syntax.Keyword   `parser:"| (?= 'not') @@"`
	Table    *syntax.Table     `parser:"| 'table' @@"`
	Kind     *syntax.Keyword   `parser:"| (?= 'blackhole' | 'unreachable' | 'prohibit') @@"`
	Priority *syntax.Int       `parser:"| 'priority' @@"`
	Suppress *syntax.Int       `parser:"| 'suppress_prefixlength' @@"`
}

// Rule is the verb rule.
func Rule() *verb.Verb {
	return verb.Define[rule](verb.Spec{
		Name:    "rule",
		Summary: "choose the routing table by more than the destination (policy routing)",
		Usage: []string{
			"rule NODE [not] [from SUBNET] [to SUBNET] [iif IFACE] [oif IFACE] [fwmark N] [ipproto tcp|udp|icmp] [sport PORT] [dport PORT] table T [suppress_prefixlength N] [priority N]",
			"rule NODE … blackhole|unreachable|prohibit [priority N]",
		},
		Doc: `A packet that matches all conditions is routed by table T; if T has no
route for it, the next rule is tried, and the main table in the end. Rules are
tried from the lowest priority on; without ` + "`priority`" + `, a rule goes before the existing
ones.

` + "`iif`" + ` is the interface a packet came in on, ` + "`oif`" + ` the one that a program of NODE bound
its socket to, ` + "`fwmark`" + ` the mark that the packet filter gave it. ` + "`ipproto`, `sport` and `dport`" + `
(a port, or a range: 8000-8010) look into the packet. ` + "`not`" + ` turns all conditions round
together. With ` + "`blackhole`, `unreachable` or `prohibit`" + ` in the place of the table packets
that match are refused. With ` + "`suppress_prefixlength N`" + ` routes of T with a prefix of N bits or less
are not used: with 0 it is the default route. A rule with neither ` + "`from` nor `to`" + ` applies to IPv4 and to IPv6.`,
		Examples: []verb.Example{
			{Note: "Packets to 10.9.0.0/16 take another way than the others.", Code: "ns r1 isp1 isp2\nlink r1 <-> isp1 10.0.1.0/24\nlink r1 <-> isp2 10.0.2.0/24\nroute r1 default via 10.0.1.2\nroute r1 default via 10.0.2.2 table 100\nrule r1 to 10.9.0.0/16 table 100\nexpect route r1 -> 8.8.8.8 via 10.0.1.2\nexpect route r1 -> 10.9.0.1 via 10.0.2.2\n"},
			{Note: "A tunnel, say, as the default for all but the subnets of r1.", Code: "ns r1 isp vpn\nlink r1 <-> isp 10.0.1.0/24\nlink r1 <-> vpn 10.0.2.0/24\nroute r1 default via 10.0.1.2\nroute r1 default via 10.0.2.2 table 100\nrule r1 not fwmark 7 table 100\nrule r1 table 254 suppress_prefixlength 0\nexpect route r1 -> 8.8.8.8 via 10.0.2.2\nexpect route r1 -> 8.8.8.8 mark 7 via 10.0.1.2\nexpect route r1 -> 10.0.1.2 dev veth-r1\n"},
			{Note: "The web goes another way than the rest; one subnet gets nowhere.", Code: "ns pc r1 isp1 isp2 web\nlink pc <-> r1 10.0.0.0/24\nlink r1 <-> isp1 10.0.1.0/24\nlink r1 <-> isp2 10.0.2.0/24\nlink isp2 <-> web 10.0.3.0/24\nforward <r1 isp2>\nroute pc default via 10.0.0.2\nroute r1 default via 10.0.1.2\nroute r1 default via 10.0.2.2 table 100\nroute isp2 10.0.0.0/24 via 10.0.2.1\nroute web default via 10.0.3.1\nserve tcp web:80\nrule r1 ipproto tcp dport 80 table 100\nexpect tcp pc -> web:80\nexpect not ping pc -> web\nrule r1 from 10.0.0.0/24 prohibit\nexpect not tcp pc -> web:80\n"},
		},
	})
}

// ruleWords is a rule as the words describe it.
type ruleWords struct {
	plan.Rule
	// family says that From or To give it.
	family   bool
	iif, oif source.Span
	// at is the place of all words.
	at    source.Span
	list  diag.List
	given map[string]bool
}

// read puts the words together.
func (m *ruleMatch) read() *ruleWords {
	r := &ruleWords{given: map[string]bool{}}
	for _, w := range m.Words {
		switch {
		case w.From != nil && r.once("from", w.From.Span):
			r.From = w.From.Prefix()
			r.fits(*w.From)
		case w.To != nil && r.once("to", w.To.Span):
			r.To = w.To.Prefix()
			r.fits(*w.To)
		case w.IIf != nil && r.once("iif", w.IIf.Span):
			r.IIf, r.iif = w.IIf.Value, w.IIf.Span
		case w.OIf != nil && r.once("oif", w.OIf.Span):
			r.OIf, r.oif = w.OIf.Value, w.OIf.Span
		case w.FWMark != nil && r.once("fwmark", w.FWMark.Span):
			r.FWMark = w.FWMark.Mark()
		case w.Proto != nil && r.once("ipproto", w.Proto.Span):
			r.Proto = w.Proto.Value
		case w.SPort != nil && r.once("sport", w.SPort.Span):
			r.SPort = plan.PortRange(w.SPort.Range())
		case w.DPort != nil && r.once("dport", w.DPort.Span):
			r.DPort = plan.PortRange(w.DPort.Range())
		case w.Not != nil && r.once("not", w.Not.Span):
			r.Not = true
		case w.Table != nil && r.once("table", w.Table.Span):
			r.Table = w.Table.Number()
		case w.Kind != nil && r.once("table", w.Kind.Span):
			r.Kind = w.Kind.Value
		case w.Suppress != nil && r.once("suppress_prefixlength", w.Suppress.Span):
			r.Suppress = w.Suppress.Int() + 1
		case w.Priority != nil && r.once("priority", w.Priority.Span):
			r.Priority = w.Priority.Int()
		}
	}
	return r
}

func (r *ruleWords) once(word string, at source.Span) bool {
	r.at = r.at.To(at)
	if r.given[word] {
		r.list.Add(diag.GivenTwice(at, "rule", word))
		return false
	}
	r.given[word] = true
	return true
}

// fits takes the family over from a prefix, or reports that it is the other.
func (r *ruleWords) fits(s syntax.Selector) {
	p := s.Prefix()
	if s.Dynamic || !p.IsValid() {
		return
	}
	if r.family && r.V6 != p.Addr().Is6() {
		r.list.Add(diag.Errorf(diag.FamilyMismatch, s.Span, "%s is %s, but the rest of the rule is %s", s.Value, lab.Family(!r.V6), lab.Family(r.V6)).
			WithHelp("write two rules, one for each family"))
		return
	}
	r.family, r.V6 = true, p.Addr().Is6()
}

// rules are the rules that the words describe: one for each family where they
// name none. V6 is set where From and To do not give it.
func (r *ruleWords) rules() []plan.Rule {
	v4, v6 := r.Rule, r.Rule
	v4.V6, v6.V6 = false, !r.family
	switch {
	case !r.family:
		v6.Proto = sixth(v6.Proto)
		return []plan.Rule{v4, v6}
	case r.V6:
		v6.Proto = sixth(v6.Proto)
		return []plan.Rule{v6}
	}
	return []plan.Rule{v4}
}

// sixth is a protocol's name for IPv6.
func sixth(proto string) string {
	if proto == "icmp" {
		return "ipv6-icmp"
	}
	return proto
}

// Check finds parts that are given twice or missing.
func (r *rule) Check() diag.List {
	w := r.Match.read()
	if !w.given["table"] {
		end := source.Span{Start: w.at.End, End: w.at.End}
		w.list.Add(diag.Missing(end, "rule", "the routing table").
			WithHelp("for example: table 100"))
	}
	if w.Proto != "tcp" && w.Proto != "udp" && (w.given["sport"] || w.given["dport"]) {
		w.list.Add(diag.Errorf(diag.OptionClash, w.at, "only tcp and udp have ports").
			WithHelp("write the protocol: ipproto tcp"))
	}
	if w.Suppress != 0 && (w.Suppress > 129 || w.Suppress < 1 || w.Kind != "") {
		w.list.Add(diag.Errorf(diag.OptionClash, w.at, "suppress_prefixlength is about the routes of a table: a length from 0 to 128").
			WithHelp("for example: table 254 suppress_prefixlength 0"))
	}
	return w.list
}

// Plan adds the rule.
func (r *rule) Plan(p *verb.Plan) {
	node, ok := p.Node(r.Node)
	if !ok {
		return
	}
	w := r.Match.read()
	w.known(p, plan.Ref{Node: node, Link: w.IIf}, w.iif)
	w.known(p, plan.Ref{Node: node, Link: w.OIf}, w.oif)
	have := verb.Ask(p, p.At, p.Rules, node)
	for _, rule := range w.rules() {
		i := slices.IndexFunc(have, func(h plan.Rule) bool { return w.matches(rule, h) })
		if i >= 0 {
			p.Fail(diag.RuleTaken(p.At, node, have[i].String()).
				WithHelp("one is enough; to change its priority, remove it first: del rule %s %s", node, rule))
			return
		}
		p.Do(p.At, plan.AddRule{Node: node, Rule: rule})
	}
}

// known reports an interface that the node never had.
func (r *ruleWords) known(p *verb.Plan, at plan.Ref, span source.Span) {
	if at.Link != "" && !p.MayExist(at) && !p.HasLinkNow(at) {
		p.Fail(verb.UnknownLink(p, span, at))
	}
}

// matches reports whether a rule that is there is the one that the words mean:
// the same but for a priority or a table that they do not give.
func (r *ruleWords) matches(mine, there plan.Rule) bool {
	if !r.given["priority"] {
		there.Priority = mine.Priority
	}
	if !r.given["table"] {
		there.Table, there.Kind = mine.Table, mine.Kind
	}
	return there == mine
}

// describes reports whether a rule that is there has all that the words say.
func (r *ruleWords) describes(mine, there plan.Rule) bool {
	if !r.given["from"] {
		there.From = mine.From
	}
	if !r.given["to"] {
		there.To = mine.To
	}
	if !r.given["iif"] {
		there.IIf = mine.IIf
	}
	if !r.given["oif"] {
		there.OIf = mine.OIf
	}
	if !r.given["fwmark"] {
		there.FWMark = mine.FWMark
	}
	if !r.given["ipproto"] {
		there.Proto = mine.Proto
	}
	if !r.given["sport"] {
		there.SPort = mine.SPort
	}
	if !r.given["dport"] {
		there.DPort = mine.DPort
	}
	if !r.given["not"] {
		there.Not = mine.Not
	}
	if !r.given["suppress_prefixlength"] {
		there.Suppress = mine.Suppress
	}
	if !r.family {
		there.V6 = mine.V6
	}
	return r.matches(mine, there)
}

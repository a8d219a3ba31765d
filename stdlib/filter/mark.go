package filter

import (
	"strconv"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// mark is the statement mark.
type mark struct {
	Mark   syntax.Mark `parser:"'mark' @@"`
	Filter filter      `parser:"@@"`
}

// delMark is the statement del mark.
type delMark struct {
	Mark   syntax.Mark `parser:"'del' 'mark' @@"`
	Filter filter      `parser:"@@"`
}

// Mark is the verb mark.
func Mark() *verb.Verb {
	return verb.Define[mark](verb.Spec{
		Name:    "mark",
		Also:    []string{"fwmark"},
		Summary: "mark packets, so that a policy rule chooses their routing table (fwmark)",
		Usage:   []string{"mark N [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [on NODE]"},
		Doc: `NODE (the host, if none is named) gives packets from A to B the firewall mark N before it
chooses their route: those that come in, and those that it sends itself. A, B and the other
words are those of ` + "`block`" + `. A mark leads to nothing by itself; ` + "`rule NODE fwmark N table T`" + `
sends marked packets by another routing table. It does not leave NODE.

**The later statement wins** where several match. ` + "`show rules`" + ` shows how many packets each has
marked, and ` + "`expect route NODE -> DEST mark N`" + ` where they go.`,
		Examples: []verb.Example{
			{Note: "The web leaves by another uplink than the rest.", Code: `ns pc r1 isp1 isp2 web
link pc <-> r1 10.0.0.0/24
link r1 <-> isp1 10.0.1.0/24
link r1 <-> isp2 10.0.2.0/24
link isp2 <-> web 10.0.3.0/24
forward <r1 isp2>
route pc default via 10.0.0.2
route r1 default via 10.0.1.2
route r1 default via 10.0.2.2 table 100
route isp2 10.0.0.0/24 via 10.0.2.1
route web default via 10.0.3.1
serve tcp web:80
rule r1 fwmark 7 table 100
expect not tcp pc -> web:80
mark 7 pc -> tcp 80 on r1
expect tcp pc -> web:80
expect not ping pc -> web
expect route r1 -> web mark 7 via 10.0.2.2
expect route r1 -> web via 10.0.1.2
`},
		},
	})
}

// DelMark is the form del mark.
func DelMark() verb.Form {
	return verb.Form{
		Grammar: (*delMark)(nil),
		Usage:   "del mark N [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [on NODE]",
	}
}

func markVerb(m syntax.Mark) string { return "mark " + strconv.FormatUint(uint64(m.Mark()), 10) }

// Check finds parts that are given twice or do not fit.
func (m *mark) Check() diag.List { return m.Filter.markProblems("mark") }

// Check finds parts that are given twice or do not fit.
func (m *delMark) Check() diag.List { return m.Filter.markProblems("del mark") }

func (f *filter) markProblems(verbName string) diag.List {
	list := f.problems(verbName)
	for _, o := range f.Opts {
		if o.Only != nil {
			list.Add(diag.Errorf(diag.OptionClash, o.Only.Span, "packets are marked before it is known whether they are %s", o.Only.Value).
				WithHelp("remove: %s", o.Only.Value))
		}
	}
	return list
}

// Plan adds the rules.
func (m *mark) Plan(p *verb.Plan) {
	r := m.Filter.read(markVerb(m.Mark))
	r.mark = m.Mark.Mark()
	node, ok := m.Filter.markNode(p)
	from, to := lab.PeersOf(p, m.Filter.From), lab.PeersOf(p, m.Filter.To)
	edit, known := editNft(p, node)
	if !ok || !known || p.Failed() {
		return
	}
	for _, r.from = range from {
		for _, r.to = range to {
			r.planMark(p, edit)
		}
	}
}

// markNode is where packets are marked.
func (f *filter) markNode(p *verb.Plan) (node string, ok bool) {
	for _, o := range f.Opts {
		if o.On != nil {
			return p.Node(*o.On)
		}
	}
	return plan.Host, true
}

// planMark adds the rules of one pair at the end of their chains: each rule that matches
// writes its mark, and the last one stays.
func (r filterRule) planMark(p *verb.Plan, edit *nftEdit) {
	own, err := lab.GlobalAddrs(p, edit.node, "")
	p.Err(p.At, err)
	var rules []plan.NftRule
	isFrom := r.from.Node == edit.node
	if !isFrom {
		rules = r.at(plan.MarkIn, r.from.Addrs, r.to.Addrs)
	}
	if isFrom || r.from.MayBe(own) {
		rules = append(rules, r.at(plan.MarkOut, r.from.Unless(isFrom), r.to.Addrs)...)
	}
	if len(rules) == 0 {
		p.Fail(r.matchless(p, p.At, edit.node))
		return
	}
	for _, rule := range rules {
		for _, there := range edit.state.Rules() {
			if there == rule {
				p.Fail(diag.RuleTaken(p.At, edit.node, r.String()).WithHelp("one is enough"))
				return
			}
		}
	}
	for _, rule := range rules {
		edit.add(p.At, rule, 0)
	}
}

// Plan deletes the rules that the words name.
func (m *delMark) Plan(p *verb.Plan) { m.Filter.deleteRules(p, m.Filter.read(markVerb(m.Mark))) }

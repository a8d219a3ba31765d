package stdlib

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// DelNAT is the statement del nat.
type DelNAT struct {
	Subnet syntax.Subnet `parser:"'nat' @@"`
	Opts   []NATOption   `parser:"@@*"`
}

// DelPublish is the statement del publish.
type DelPublish struct {
	Port syntax.Published `parser:"'publish' @@"`
	To   *syntax.Service  `parser:"('->' @@)?"`
	Opts []PublishOption  `parser:"@@*"`
}

// Check finds options that are given twice.
func (d *DelNAT) Check() diag.List { return (*NAT)(d).Check() }

func (d *DelNAT) plan(p *verb.Plan) {
	node, rule, ok := (*NAT)(d).rule(p)
	if !ok {
		return
	}
	missing := diag.Errorf(diag.NotThere, p.At, "%s is not let out through %s", rule.Src, node)
	delRules(p, d.Subnet.Span, node, "nat", missing, func(r plan.NftRule) bool {
		// Without out, the one rule for the subnet is meant, wherever it leads.
		if rule.OIf == "" {
			r.OIf = ""
		}
		return r == rule
	})
}

func (d *DelPublish) plan(p *verb.Plan) {
	pub, ok := publicationOf(p, d.Port, d.Opts)
	if !ok {
		return
	}
	state, err := p.Nft(pub.node)
	p.Err(d.Port.Span, err)
	comments := map[string]bool{}
	for _, r := range state.Rules {
		if r.Chain == plan.Prerouting && pub.overlaps(r) && r.Dst == pub.dnat(r.Chain).Dst {
			comments[r.Comment] = true
		}
	}
	missing := diag.Errorf(diag.NotThere, p.At, "%s port %d of %s is not published", pub.proto, pub.port, pub.node)
	delRules(p, d.Port.Span, pub.node, "publish", missing, func(r plan.NftRule) bool {
		return comments[r.Comment] && (r.Verdict == "dnat" || r.Translated)
	})
}

// delRules deletes the rules of a node that a statement of a verb made. Missing
// is the finding that there are none; it is told which there are.
func delRules(p *verb.Plan, at source.Span, node, verbName string, missing *diag.Diagnostic, match func(plan.NftRule) bool) {
	edit, ok := editNft(p, node)
	if !ok {
		return
	}
	there := statementsOf(edit.state, verbName)
	if edit.del(at, match) == 0 && !p.Uncertain() {
		p.Fail(missing.WithHelp("%s", listed("there is:", there, node+" has no "+verbName+" at all")))
	}
}

// DelFilter is the statement del block, del allow or del reject.
type DelFilter struct {
	Verb   syntax.Keyword `parser:"(?= 'block' | 'allow' | 'reject') @@"`
	Filter Filter         `parser:"@@"`
}

// plan looks in all nodes, for the addresses and even the nodes that the words
// named may be others by now.
func (d *DelFilter) plan(p *verb.Plan) {
	r := d.Filter.read(d.Verb.Value)
	comments := d.comments(r)
	nodes, err := p.Nodes()
	p.Err(p.At, err)
	found := 0
	var there []string
	for _, node := range append([]string{plan.Host}, nodes...) {
		edit, ok := editNft(p, node)
		if !ok {
			return
		}
		for _, s := range statementsOf(edit.state, r.verb) {
			there = append(there, s+" in "+node)
		}
		found += edit.del(p.At, func(rule plan.NftRule) bool {
			where, known := comments[rule.Comment]
			return known && rule.Chain.Type == "filter" && (where == "" || where == node)
		})
	}
	if found == 0 && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.NotThere, p.At, "there is no such %s", r.verb).
			WithHelp("%s", listed("there is:", there, "there is no "+r.verb+" at all")))
	}
}

// comments are those of the rules that are meant, with the node that they have
// to be in: on NODE may also name the one where a rule acts of its own accord.
func (d *DelFilter) comments(r filterRule) map[string]string {
	all := map[string]string{}
	for _, r.from.text = range words(d.Filter.From) {
		for _, r.to.text = range words(d.Filter.To) {
			all[r.comment()] = ""
			if here := r; r.on != "" {
				here.on = ""
				all[here.comment()] = r.on
			}
		}
	}
	return all
}

func words(s *syntax.PeerSet) []string {
	var list []string
	for _, w := range s.Peers() {
		list = append(list, w.Value)
	}
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

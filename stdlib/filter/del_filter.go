package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// delFilter is the statement del block, del allow or del reject.
type delFilter struct {
	Verb   syntax.Keyword `parser:"'del' (?= 'block' | 'allow' | 'reject') @@"`
	Filter filter         `parser:"@@"`
}

// DelFilter is the form del block, del allow and del reject.
func DelFilter() verb.Form {
	return verb.Form{
		Grammar: (*delFilter)(nil),
		Usage:   "del block|allow|reject [A] -> [B] [tcp|udp|icmp] [PORT] [new] [established] [related] [invalid] [forwarded|published] [on NODE]",
		Doc:     "A `block`, `allow` or `reject` is named by the same words.",
	}
}

// Check finds words that exclude each other.
func (d *delFilter) Check() diag.List { return d.Filter.problems("del " + d.Verb.Value) }

// Plan deletes the rules that the words name.
func (d *delFilter) Plan(p *verb.Plan) { d.Filter.deleteRules(p, d.Filter.read(d.Verb.Value)) }

// deleteRules looks in all nodes, for the addresses and even the nodes that the words
// named may be others by now.
func (f *filter) deleteRules(p *verb.Plan, r filterRule) {
	comments := f.comments(r)
	nodes, err := plan.AllNodes(p)
	p.Err(p.At, err)
	found := 0
	var there []string
	for _, node := range nodes {
		edit, ok := editNft(p, node)
		if !ok {
			return
		}
		for _, s := range statementsOf(edit.state, r.verb) {
			there = append(there, s+" in "+node)
		}
		found += edit.del(p.At, func(rule plan.NftRule) bool {
			where, known := comments[rule.Comment]
			return known && rule.Chain.Type != "nat" && (where == "" || where == node)
		})
	}
	if found == 0 && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.NotThere, p.At, "there is no such %s", r.verb).
			WithHelp("%s", lab.Listed("there is:", there, "there is no "+r.verb+" at all")))
	}
}

// comments are those of the rules that are meant, with the node that they have
// to be in: on NODE may also name the one where a rule acts of its own accord.
func (f *filter) comments(r filterRule) map[string]string {
	all := map[string]string{}
	for _, r.from.Text = range words(f.From) {
		for _, r.to.Text = range words(f.To) {
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

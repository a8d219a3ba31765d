package state

import (
	"cmp"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// discovery is the comment of the rule that comes with the first of a filter chain.
const discovery = "neighbour discovery passes"

// group are the rules of one statement, which all have its words as their comment.
type group struct {
	name  string
	rules []plan.NftRule
}

// groups are those of a table in the order in which statements make it: rules of NAT and
// marks come after those that are there, but for pairs of addresses, and rules of the packet
// filter before.
func groups(s plan.NftState) []group {
	var nat, pairs, marks, filter []group
	rules := s.Rules()
	slices.SortStableFunc(rules, func(a, b plan.NftRule) int { return cmp.Compare(a.Chain.Name, b.Chain.Name) })
	for _, r := range rules {
		switch {
		case r.Comment == discovery:
		case r.Verdict == "mark":
			marks = join(marks, r)
		case r.Chain.Type == "filter":
			filter = join(filter, r)
		case strings.Contains(r.Comment, " <-> "):
			pairs = join(pairs, r)
		default:
			nat = join(nat, r)
		}
	}
	slices.Reverse(pairs)
	slices.Reverse(filter)
	return slices.Concat(nat, pairs, marks, filter)
}

// join adds a rule to its group.
func join(list []group, r plan.NftRule) []group {
	name := cmp.Or(r.Comment, r.String())
	if i := slices.IndexFunc(list, func(g group) bool { return g.name == name }); i >= 0 {
		list[i].rules = append(list[i].rules, r)
		return list
	}
	return append(list, group{name, []plan.NftRule{r}})
}

// stays are the first groups that both tables have, by kind of chain: what follows one
// that differs is made again, so that statements, too, give the rules their order.
func stays(now, want []group) map[string]bool {
	kept := map[string]bool{}
	for _, kind := range []string{"nat", "filter", "mark"} {
		of := func(list []group) []group {
			return slices.DeleteFunc(slices.Clone(list), func(g group) bool { return g.kind() != kind })
		}
		a, b := of(now), of(want)
		for _, g := range a[:common(a, b, func(x, y group) bool { return x.name == y.name && slices.Equal(x.rules, y.rules) })] {
			kept[kind+g.name] = true
		}
	}
	return kept
}

// kind is the type of the chains that the group is in, or "mark".
func (g group) kind() string {
	if g.rules[0].Verdict == "mark" {
		return "mark"
	}
	return g.rules[0].Chain.Type
}

func (g group) key() string { return g.kind() + g.name }

// tables is the packet filter of a node on its way.
type tables struct {
	node string
	now  map[plan.Chain][]plan.NftRule
	want map[plan.Chain][]plan.NftRule
}

func tablesOf(now, want *Node) tables {
	t := tables{now.Name, map[plan.Chain][]plan.NftRule{}, map[plan.Chain][]plan.NftRule{}}
	for _, r := range now.Nft.Rules() {
		t.now[r.Chain] = append(t.now[r.Chain], r)
	}
	for _, r := range want.Nft.Rules() {
		t.want[r.Chain] = append(t.want[r.Chain], r)
	}
	return t
}

func (t tables) del(r plan.NftRule) plan.Op {
	i := slices.Index(t.now[r.Chain], r)
	t.now[r.Chain] = slices.Delete(slices.Clone(t.now[r.Chain]), i, i+1)
	return plan.DelNftRule{Node: t.node, Rule: r, Place: i + 1}
}

// drop deletes the rules of a group.
func (t tables) drop(g group) []plan.Op {
	var ops []plan.Op
	for _, r := range slices.Backward(g.rules) {
		ops = append(ops, t.del(r))
	}
	return ops
}

// add puts a rule to its place among those that are there.
func (t tables) add(r plan.NftRule) plan.Op {
	end := slices.Index(t.want[r.Chain], r)
	at := 0
	for i, there := range t.now[r.Chain] {
		if slices.Contains(t.want[r.Chain][:end], there) {
			at = i + 1
		}
	}
	op := plan.AddNftRule{Node: t.node, Rule: r, Place: at + 1}
	if at == len(t.now[r.Chain]) {
		op.Place = 0
	}
	t.now[r.Chain] = slices.Insert(slices.Clone(t.now[r.Chain]), at, r)
	return op
}

// delFilter deletes the rules of statements that differ, and what is empty then.
func (d *differ) delFilter(now, want *Node) {
	d.others(now, want)
	if !now.Nft.Exists {
		return
	}
	is := groups(now.Nft)
	kept, t := stays(is, groups(want.Nft)), tablesOf(now, want)
	for _, g := range slices.Backward(is) {
		if !kept[g.key()] {
			d.do(t.drop(g)...)
		}
	}
	for _, c := range now.Nft.Chains {
		if slices.Contains(want.Nft.Chains, c) {
			continue
		}
		for _, r := range slices.Clone(t.now[c]) {
			d.do(t.del(r))
		}
		d.do(plan.DelNftChain{Node: now.Name, Chain: c})
	}
	if !want.Nft.Exists {
		d.do(plan.DelNftTable{Node: now.Name})
	}
}

// others notes tables that are not the lab's.
func (d *differ) others(now, want *Node) {
	for _, other := range now.Nft.Others {
		if !slices.Contains(want.Nft.Others, other) {
			d.note("filter", now.Name, "the table "+other+", which no statement of nsl made")
		}
	}
	for _, other := range want.Nft.Others {
		if !slices.Contains(now.Nft.Others, other) {
			d.note("filter", now.Name, "the table "+other+" is missing, which no statement of nsl makes")
		}
	}
}

// addFilter adds the rules of statements that are missing, and those that delFilter has
// deleted to keep their order.
func (d *differ) addFilter(now, want *Node) {
	if want.Nft.Exists && !now.Nft.Exists {
		d.do(plan.AddNftTable{Node: want.Name})
	}
	is, wanted := groups(now.Nft), groups(want.Nft)
	kept, t := stays(is, wanted), tablesOf(now, want)
	for _, g := range is {
		if !kept[g.key()] {
			t.drop(g)
		}
	}
	for _, c := range want.Nft.Chains {
		if !slices.Contains(now.Nft.Chains, c) {
			d.do(plan.AddNftChain{Node: want.Name, Chain: c})
		}
		for _, r := range t.want[c] {
			if r.Comment == discovery && !slices.Contains(t.now[c], r) {
				d.do(t.add(r))
			}
		}
	}
	for _, g := range wanted {
		if !kept[g.key()] {
			d.addGroup(t, g)
		}
	}
}

func (d *differ) addGroup(t tables, g group) {
	for _, r := range g.rules {
		if r.Verdict == plan.Foreign {
			d.note("filter", t.node, "a rule in the chain "+r.Chain.Name+" that no statement of nsl makes")
			continue
		}
		d.do(t.add(r))
	}
}

// FilterRules are the rules of a table in the order in which statements make them.
func FilterRules(s plan.NftState) []plan.NftRule {
	var list []plan.NftRule
	for _, g := range groups(s) {
		list = append(list, g.rules...)
	}
	return list
}

package write

import (
	"strings"

	"nsl/runtime/plan"
)

// filter is the statement that a rule is of: the rule's comment has its words. All
// rules of it are done by one.
func (w *writer) filter(node string, r plan.NftRule, before string) {
	others := w.take(func(op plan.Op) bool {
		switch o := op.(type) {
		case plan.AddNftRule:
			if o.Rule.Comment == "" {
				return false
			}
			return before == "" && o.Node == node && o.Rule.Comment == r.Comment
		case plan.DelNftRule:
			return before != "" && o.Node == node && o.Rule.Comment == r.Comment
		default:
			return false
		}
	})
	for _, op := range others {
		if add, ok := op.(plan.AddNftRule); ok {
			r.OIf += add.Rule.OIf // not all rules of a statement have it
		} else if del, ok := op.(plan.DelNftRule); ok {
			r.OIf += del.Rule.OIf
		}
	}
	switch text, ok := ruleStatement(node, r); {
	case !ok:
		w.none(w.ops[w.at])
		w.more(others...)
	case text != "":
		w.add(before+text, others...)
	}
}

// ruleStatement is the statement of a rule; "" for one that comes with others of its chain.
// It is not ok where the comment is none of a statement, or only its beginning.
func ruleStatement(node string, r plan.NftRule) (text string, ok bool) {
	verb, _, _ := strings.Cut(r.Comment, " ")
	on := ""
	if node != plan.Host {
		on = " on " + Word(node)
	}
	switch {
	case r.Comment == "neighbour discovery passes":
		return "", true
	case r.Comment == "" || strings.Contains(r.Comment, "… "):
		return "", false
	case verb == "nat" && r.OIf != "":
		return r.Comment + on + " out " + Word(r.OIf), true
	case verb == "nat", verb == "publish", verb == "redirect":
		return r.Comment + on, true
	case verb == "block", verb == "allow", verb == "reject", verb == "mark":
		return r.Comment, true
	}
	return "", false
}

// Filter are the statements that a node's rules are of, in the order to do them. Rules of none
// are left out.
func Filter(node string, rules []plan.NftRule) []string {
	ops := make([]plan.Op, len(rules))
	for i, r := range rules {
		ops[i] = plan.AddNftRule{Node: node, Rule: r}
	}
	var list []string
	for _, l := range Statements(ops) {
		if !l.Note() {
			list = append(list, l.Text)
		}
	}
	return list
}

// Package write has ops as statements: what a diff prints, what save writes. The ops are
// those of runtime/state, in its order; a statement may do several of them at once.
package write

import (
	"strconv"
	"strings"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Line is a statement, or a comment where there is none.
type Line struct {
	// Text is a statement as a script has it, or a comment.
	Text string
	// Ops are what it does, and what it makes needless.
	Ops []plan.Op
}

// Note reports whether it is a comment: no statement does this.
func (l Line) Note() bool { return strings.HasPrefix(l.Text, "#") }

// Statements are lines that do the ops, in their order.
func Statements(ops []plan.Op) []Line {
	w := &writer{ops: ops, used: make([]bool, len(ops))}
	return w.all()
}

// Steps are lines that do the ops one by one: veth, up and addr, where Statements has link.
func Steps(ops []plan.Op) []Line {
	w := &writer{ops: ops, used: make([]bool, len(ops)), single: true}
	return w.all()
}

func (w *writer) all() []Line {
	for i, op := range w.ops {
		if !w.used[i] {
			w.at = i
			w.write(op)
		}
	}
	return w.lines
}

// writer goes through ops. A statement takes those that it does as well.
type writer struct {
	ops   []plan.Op
	used  []bool
	at    int
	lines []Line
	// single: each statement is to do one step.
	single bool
}

// add writes a statement that does the op at hand, and others.
func (w *writer) add(text string, others ...plan.Op) {
	w.lines = append(w.lines, Line{text, append([]plan.Op{w.ops[w.at]}, others...)})
}

// more adds ops to the last line.
func (w *writer) more(ops ...plan.Op) {
	last := &w.lines[len(w.lines)-1]
	last.Ops = append(last.Ops, ops...)
}

// take are the ops after the one at hand that are as wanted and not used yet; they are then.
func (w *writer) take(is func(plan.Op) bool) []plan.Op {
	var taken []plan.Op
	for i := w.at + 1; i < len(w.ops); i++ {
		if !w.used[i] && is(w.ops[i]) {
			w.used[i] = true
			taken = append(taken, w.ops[i])
		}
	}
	return taken
}

// takeEqual takes an op that equals the given one.
func (w *writer) takeEqual(op plan.Op) bool {
	done := false
	return len(w.take(func(o plan.Op) bool {
		if done || !mayEqual(o) || o != op {
			return false
		}
		done = true
		return true
	})) > 0
}

// mayEqual reports ops that hold no list, and may be compared.
func mayEqual(op plan.Op) bool {
	switch op.(type) {
	case plan.AddNS, plan.Baseline, plan.SetMaster, plan.AddAddr, plan.SetSysctl:
		return true
	default:
		return false
	}
}

func (w *writer) write(op plan.Op) { //nolint:funlen // one case for each op
	switch o := op.(type) {
	case plan.AddNS:
		w.nodes(o)
	case plan.Baseline: // a part of ns
	case plan.DelNS:
		w.add("delete " + Word(o.Name))
	case plan.AddVeth:
		w.cable(o)
	case plan.AddBridge:
		w.bridge(o)
	case plan.AddLink:
		w.link(o)
	case plan.DelLink:
		w.add("delete " + place(o.Node, o.Name))
	case plan.MoveLink:
		w.add("move " + place(o.Node, o.Name) + " -> " + Word(o.To))
	case plan.RenameLink:
		w.add("rename " + place(o.Node, o.Name) + " -> " + Word(o.To))
	case plan.SetUp:
		w.add("up " + place(o.Node, o.Name))
	case plan.SetDown:
		w.add("down " + place(o.Node, o.Name))
	case plan.SetMaster:
		w.master(o)
	case plan.SetMTU:
		w.add("mtu " + place(o.Node, o.Name) + " " + strconv.Itoa(o.MTU))
	case plan.SetMAC:
		w.add("mac " + place(o.Node, o.Name) + " " + o.MAC)
	case plan.SetVLANs:
		w.vlans(o)
	case plan.SetShape:
		w.shape(o)
	case plan.SetWG:
		w.wireguard(o)
	case plan.SetOption:
		w.add("option " + place(o.Node, o.Name) + " " + o.Option + " " + Word(o.Value))
	case plan.AddAddr:
		w.add(strings.TrimSpace("addr "+place(o.Node, o.Link)+" "+o.Addr.String()+" "+o.Describe()) + map[bool]string{true: " duplicate"}[o.Duplicate])
	case plan.DelAddr:
		w.add("del addr " + place(o.Node, o.Link) + " " + o.Addr.String())
	case plan.AddRoute:
		w.route("route", o.Node, o.Route)
	case plan.DelRoute:
		w.route("del route", o.Node, o.Route)
	case plan.AddRule:
		w.rule("rule", o.Node, o.Rule)
	case plan.DelRule:
		w.rule("del rule", o.Node, o.Rule)
	case plan.SetSysctl:
		w.sysctl(o)
	case plan.AddNftTable, plan.DelNftTable, plan.AddNftChain, plan.DelNftChain: // parts of what the rules are of
	case plan.AddNftRule:
		w.filter(o.Node, o.Rule, "")
	case plan.DelNftRule:
		w.filter(o.Node, o.Rule, "del ")
	case plan.SetNeighbour:
		w.add("neigh " + end(o.Node, o.Dev) + " " + o.IP.String() + " mac " + o.MAC)
	case plan.DelNeighbour:
		w.add("del neigh " + end(o.Node, o.Dev) + " " + o.IP.String())
	case plan.AddForward:
		w.add("fdb " + forward(o))
	case plan.DelForward:
		w.add("del fdb " + forward(plan.AddForward(o)))
	case plan.AddProxy:
		w.add("neigh " + end(o.Node, o.Dev) + " " + o.IP.String() + " proxy")
	case plan.DelProxy:
		w.add("del neigh " + end(o.Node, o.Dev) + " " + o.IP.String() + " proxy")
	case plan.AddName:
		w.add("name " + Word(o.Node) + " " + Word(o.Name))
	case plan.SetResolver:
		w.resolver(o)
	case plan.Start:
		w.service(o)
	case plan.Stop:
		w.add("kill " + Word(o.Node) + " " + Word(o.ID))
	default:
		w.none(op)
	}
}

// none is a comment with the commands, for what no statement does.
func (w *writer) none(op plan.Op) {
	var text []string
	for _, c := range op.Commands() {
		text = append(text, strings.TrimPrefix(c.String(), "# "))
	}
	w.add("# no statement does this: " + strings.Join(text, "; "))
}

// nodes makes those of the following ops, too, up to a handful in one statement.
func (w *writer) nodes(o plan.AddNS) {
	const most = 10
	text := "ns"
	for i, n := range append([]plan.Op{o}, w.following(most-1)...) {
		name := n.(plan.AddNS).Name //nolint:forcetypeassert // following has only these
		text += " " + Word(name)
		if i == 0 {
			w.add("")
		}
		w.takeEqual(plan.Baseline{Node: name})
		w.take(func(op plan.Op) bool {
			up, ok := op.(plan.SetUp)
			return ok && up.Node == name && up.Name == plan.Loopback
		})
		w.more(plan.NewNode(name)...)
	}
	line := &w.lines[len(w.lines)-1]
	line.Text, line.Ops = text, line.Ops[1:]
}

// following are the ops of the nodes that are made next, with nothing else between.
func (w *writer) following(most int) []plan.Op {
	var list []plan.Op
	for i := w.at + 1; i < len(w.ops) && len(list) < most; i++ {
		switch o := w.ops[i].(type) {
		case plan.AddNS:
			if !w.used[i] {
				w.used[i] = true
				list = append(list, o)
			}
		case plan.Baseline:
		case plan.SetUp:
			if o.Name != plan.Loopback {
				return list
			}
		default:
			return list
		}
	}
	return list
}

// Word is a word as a script has it, quoted where it must be.
func Word(s string) string {
	return syntax.Spell(s)
}

// words are words in a list where they are several.
func words(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = Word(s)
	}
	if len(list) == 1 {
		return quoted[0]
	}
	return "<" + strings.Join(quoted, " ") + ">"
}

// texts are values as the texts that they print as.
func texts[T interface{ String() string }](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

// place is an interface as a statement names it.
func place(node, link string) string { return Word(plan.Place(node, link)) }

func (w *writer) resolver(o plan.SetResolver) {
	switch {
	case o.IsZero():
		w.add("resolver " + Word(o.Node) + " none")
	case len(o.Servers) == 0:
		w.none(o)
	default:
		text := "resolver " + Word(o.Node) + " -> " + words(texts(o.Servers))
		if len(o.Search) > 0 {
			text += " search " + words(o.Search)
		}
		w.add(text)
	}
}

package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"nsl/runtime/plan"
)

// Made tells in at most two lines of width columns what ops changed: what there
// is now, not how it came about. Nothing is told of no ops.
func Made(steps []plan.Step, width int) []string {
	m := &maker{addrs: map[plan.Ref][]string{}, fresh: map[plan.Ref]bool{}, ports: map[plan.Ref][]plan.AddVeth{}}
	for _, s := range steps {
		m.look(s.Op)
	}
	for _, s := range steps {
		m.tell(s.Op)
	}
	return pack(m.phrases(), width)
}

// maker finds out what belongs together.
type maker struct {
	// addrs are the addresses that were added, by interface.
	addrs map[plan.Ref][]string
	// fresh are the interfaces that were made, and the bridges among them.
	fresh map[plan.Ref]bool
	// ports are the cables of each new bridge.
	ports map[plan.Ref][]plan.AddVeth
	// nodes are the new namespaces, and gone what was deleted.
	nodes, gone []string
	list        []string
}

func (m *maker) look(op plan.Op) {
	switch o := op.(type) {
	case plan.AddNS:
		m.nodes = append(m.nodes, o.Name)
		m.fresh[plan.Ref{Node: o.Name, Link: plan.Loopback}] = true
	case plan.AddBridge:
		m.fresh[plan.Ref{Node: o.Node, Link: o.Name}] = true
	case plan.AddVeth:
		a := plan.Ref{Node: o.A.Node, Link: o.A.Name}
		m.fresh[a], m.fresh[plan.Ref{Node: o.B.Node, Link: o.B.Name}] = true, true
		if br := (plan.Ref{Node: o.A.Node, Link: o.A.Master}); o.A.Master != "" && m.fresh[br] {
			m.ports[br] = append(m.ports[br], o)
		}
	case plan.AddAddr:
		r := plan.Ref{Node: o.Node, Link: o.Link}
		m.addrs[r] = append(m.addrs[r], o.Addr.String())
	}
}

func (m *maker) say(format string, args ...any) {
	m.list = append(m.list, fmt.Sprintf(format, args...))
}

// end is an interface with the addresses that it was given.
func (m *maker) end(r plan.Ref) string {
	return strings.Join(append([]string{r.String()}, m.addrs[r]...), " ")
}

func (m *maker) tell(op plan.Op) {
	switch o := op.(type) {
	case plan.AddNS, plan.Baseline, plan.AddNftTable, plan.AddNftChain, plan.DelNftChain:
	case plan.DelNS:
		m.gone = append(m.gone, o.Name)
	case plan.DelLink:
		m.gone = append(m.gone, plan.Place(o.Node, o.Name))
	case plan.AddBridge:
		m.bridge(plan.Ref{Node: o.Node, Link: o.Name})
	case plan.AddVeth:
		if br := (plan.Ref{Node: o.A.Node, Link: o.A.Master}); len(m.ports[br]) == 0 {
			m.say("%s <-> %s", m.end(plan.Ref{Node: o.A.Node, Link: o.A.Name}), m.end(plan.Ref{Node: o.B.Node, Link: o.B.Name}))
		}
	default:
		m.setting(op)
	}
}

// bridge tells a bridge with the far ends of its cables, of many only how many.
func (m *maker) bridge(r plan.Ref) {
	text, cables := "bridge "+m.end(r), m.ports[r]
	if n := len(cables); n > mostNamed {
		text += fmt.Sprintf(", %d ports", n)
		cables = cables[:2]
	}
	var ports []string
	for _, v := range cables {
		ports = append(ports, m.end(plan.Ref{Node: v.B.Node, Link: v.B.Name}))
	}
	if len(ports) > 0 {
		text += ": " + strings.Join(ports, ", ")
	}
	if len(cables) < len(m.ports[r]) {
		text += ", …"
	}
	m.say("%s", text)
}

// setting tells a change of what is there.
func (m *maker) setting(op plan.Op) {
	switch o := op.(type) {
	case plan.AddAddr:
		if r := (plan.Ref{Node: o.Node, Link: o.Link}); !m.fresh[r] {
			m.say("%s %s", r, o.Addr)
		}
	case plan.DelAddr:
		m.say("%s without %s", plan.Place(o.Node, o.Link), o.Addr)
	case plan.SetUp:
		m.state(o.Node, o.Name, "up")
	case plan.SetDown:
		m.state(o.Node, o.Name, "down")
	case plan.SetMTU:
		m.state(o.Node, o.Name, fmt.Sprintf("mtu %d", o.MTU))
	case plan.SetMaster:
		switch {
		case m.fresh[plan.Ref{Node: o.Node, Link: o.Name}]:
		case o.Master == "":
			m.say("%s is no port any more", plan.Place(o.Node, o.Name))
		default:
			m.say("%s is a port of %s", plan.Place(o.Node, o.Name), o.Master)
		}
	case plan.AddRoute:
		m.say("%s: route %s", o.Node, o.Route)
	case plan.SetSysctl:
		if !o.Optional { // a precaution, which most kernels need not
			m.say("%s: %s = %s", o.Node, o.Key, o.Value)
		}
	case plan.AddRule:
		m.say("%s: rule %s", o.Node, o.Rule)
	case plan.AddNftRule:
		m.say("%s: %s", o.Node, strings.TrimSpace(withoutComment(o.Rule)))
	default:
		m.other(op)
	}
}

func withoutComment(r plan.NftRule) string {
	r.Comment = ""
	return r.String()
}

// state tells of an interface that was there before.
func (m *maker) state(node, link, what string) {
	if r := (plan.Ref{Node: node, Link: link}); !m.fresh[r] {
		m.say("%s %s", r, what)
	}
}

// other tells an op by the name of what it is about.
func (m *maker) other(op plan.Op) {
	switch o := op.(type) {
	case plan.Exec:
	case plan.DelRoute, plan.DelRule, plan.DelNftRule, plan.DelNftTable:
		m.gone = append(m.gone, o.Object())
	default:
		m.say("%s", op.Object())
	}
}

// phrases are all that there is to tell, the new nodes first.
func (m *maker) phrases() []string {
	var list []string
	if len(m.nodes) > 0 {
		list = append(list, newNodes(m.nodes))
	}
	list = append(list, m.list...)
	if len(m.gone) > 0 {
		list = append(list, "gone: "+strings.Join(m.gone, ", "))
	}
	return list
}

// mostNamed is how many of a long list are named.
const mostNamed = 6

func newNodes(names []string) string {
	switch n := len(names); {
	case n == 1:
		return "node " + names[0]
	case n <= 2*mostNamed:
		return "nodes " + strings.Join(names, " ")
	default:
		return fmt.Sprintf("%d nodes: %s … %s", n, strings.Join(names[:mostNamed], " "), names[n-1])
	}
}

// pack writes phrases into two lines, and says how many have no room.
func pack(phrases []string, width int) []string {
	const most = 2
	var lines []string
	for i, p := range phrases {
		last := len(lines) - 1
		rest := len(phrases) - i
		tail := fmt.Sprintf("; … and %d more", rest-1)
		if rest == 1 {
			tail = ""
		}
		switch {
		case last >= 0 && cells(lines[last])+2+cells(p)+cells(tail) <= width:
			lines[last] += "; " + p
		case len(lines) < most:
			lines = append(lines, p)
		default:
			lines[last] = cut(lines[last], width-16) + fmt.Sprintf("; … and %d more", rest)
			return lines
		}
	}
	for i := range lines {
		lines[i] = cut(lines[i], width)
	}
	return lines
}

func cells(s string) int { return utf8.RuneCountInString(s) }

// cut shortens a line at a blank.
func cut(s string, width int) string {
	if cells(s) <= width || width < 8 {
		return s
	}
	short := string([]rune(s)[:width-2])
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i]
	}
	return strings.TrimRight(short, ",; ") + " …"
}

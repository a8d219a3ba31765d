package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// Made tells in at most two lines of width columns what ops changed: what there
// is now, not how it came about. No ops give no text.
func Made(steps []plan.Step, width int) []string {
	m := &maker{addrs: map[plan.Ref][]string{}, fresh: map[plan.Ref]bool{}, ports: map[plan.Ref][]plan.Ref{}, name: map[plan.Ref]plan.Ref{}}
	effects := make([]plan.Effect, len(steps))
	for i, s := range steps {
		effects[i] = s.Op.Effect()
		m.look(effects[i])
	}
	for _, e := range effects {
		m.tell(e)
	}
	phrases := m.phrases()
	for i, p := range phrases {
		phrases[i] = diag.PlainLine(p)
	}
	return pack(phrases, width)
}

// maker finds out what belongs together.
type maker struct {
	// addrs are the addresses that were added, by interface.
	addrs map[plan.Ref][]string
	// fresh are the interfaces that were made, name is what they were renamed to.
	fresh map[plan.Ref]bool
	name  map[plan.Ref]plan.Ref
	// ports are the far ends of the cables of each new bridge.
	ports map[plan.Ref][]plan.Ref
	// nodes are the new namespaces, and gone what was deleted.
	nodes, gone []string
	list        []string
}

func (m *maker) look(e plan.Effect) {
	for _, name := range e.Nodes {
		m.nodes = append(m.nodes, name)
		m.fresh[plan.Ref{Node: name, Link: plan.Loopback}] = true
	}
	for _, l := range e.Links {
		m.fresh[l.Ref()] = true
	}
	if br := bridgeOf(e); m.fresh[br] {
		m.ports[br] = append(m.ports[br], e.Links[1].Ref())
	}
	if m.fresh[e.From] {
		m.fresh[e.To], m.name[e.From] = true, e.To
	}
	for _, u := range e.Added {
		m.addrs[u.Ref] = append(m.addrs[u.Ref], u.Addr.String())
	}
}

// bridgeOf is the bridge that a cable was made at, if one was.
func bridgeOf(e plan.Effect) plan.Ref {
	if len(e.Links) < 2 || e.Links[0].Master == "" {
		return plan.Ref{}
	}
	return plan.Ref{Node: e.Links[0].Node, Link: e.Links[0].Master}
}

// end is an interface with the addresses that it was given.
func (m *maker) end(r plan.Ref) string {
	if to, ok := m.name[r]; ok {
		r = to
	}
	return strings.Join(append([]string{r.String()}, m.addrs[r]...), " ")
}

func (m *maker) tell(e plan.Effect) {
	switch {
	case e.Lost && e.Text != "":
		m.gone = append(m.gone, e.Text)
	case len(e.Links) > 1 && len(m.ports[bridgeOf(e)]) == 0:
		m.list = append(m.list, m.end(e.Links[0].Ref())+" <-> "+m.end(e.Links[1].Ref()))
	case len(e.Links) == 1:
		m.list = append(m.list, e.Links[0].Kind+" "+m.end(e.Links[0].Ref())+m.cables(e.Links[0].Ref()))
	case e.Text != "" && !m.fresh[e.Of] && !slices.Contains(m.list, e.Text):
		m.list = append(m.list, e.Text)
	}
}

// cables are the far ends of a new bridge's cables, of many only how many.
func (m *maker) cables(r plan.Ref) string {
	ports, text, more := m.ports[r], ": ", ""
	if n := len(ports); n > mostNamed {
		ports, text, more = ports[:2], fmt.Sprintf(", %d ports: ", n), ", …"
	}
	var ends []string
	for _, p := range ports {
		ends = append(ends, m.end(p))
	}
	if len(ends) == 0 {
		return ""
	}
	return text + strings.Join(ends, ", ") + more
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

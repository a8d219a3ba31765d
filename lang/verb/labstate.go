package verb

import (
	"errors"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// LabState makes a [Lab] of a [View]: it keeps the book of addresses, the mode
// of automatic ones, and the names that were ever made. The book is read from
// the view again whenever something may have changed without an op.
type LabState struct {
	plan.View
	// Foreign reports that the lab may be another than the view shows; nil is no.
	Foreign func() bool
	// Unseen reports which nodes that are not in the view, or which interfaces of a
	// node, may then be there; nil is all.
	Unseen func(node string) bool
	// MayUndo: what is deleted may have to be restored; see [Lab].
	MayUndo bool
	// Inhabited: the lab has nodes and interfaces before its first statement is run.
	Inhabited bool
	// Sole: nothing but the ops and the programs of this lab changes it.
	Sole bool
	// Kept are directories and files, by absolute names, that outlive the lab.
	Kept []string
	// Make makes a node or interface that a program may have made.
	Make func(r plan.Ref)

	book  *plan.Book
	autos map[plan.AddrUse]bool
	known map[plan.Ref]bool
	auto  Auto
	stale bool
	// made is how many interfaces were made, those included that are gone, and those
	// that were there before, once they are counted.
	made     int
	inCounts bool
	// nodes is how many nodes there are at most, if it was counted.
	nodes   int
	counted bool
	// background are the nodes where programs were started that may still change them.
	background map[string]bool
	// layers are the interfaces that have a lower device, and which. It is where
	// to look, never an answer; unread: others may have made some.
	layers map[plan.Ref]plan.Ref
	unread bool
	// touched: others than ops have changed the lab, so that what is known of it may lack names.
	touched bool
}

// NewLabState starts with nothing remembered and automatic IPv4 addresses.
func NewLabState(v plan.View) *LabState {
	return &LabState{View: v, book: plan.NewBook(), autos: map[plan.AddrUse]bool{},
		known: map[plan.Ref]bool{}, auto: Auto{V4: true}, stale: true,
		layers: map[plan.Ref]plan.Ref{}, unread: true, background: map[string]bool{}}
}

// Auto is the mode of automatic addresses.
func (m *LabState) Auto() Auto { return m.auto }

// SetAuto sets the mode of automatic addresses.
func (m *LabState) SetAuto(a Auto) { m.auto = a }

// Undoable reports that what is deleted may have to be restored.
func (m *LabState) Undoable() bool { return m.MayUndo }

// Keeps reports whether a file is one of Kept, or below one.
func (m *LabState) Keeps(file string) bool {
	return slices.ContainsFunc(m.Kept, func(k string) bool {
		return k == "/" || file == k || strings.HasPrefix(file, k+"/")
	})
}

// LinksAtMost is how many interfaces there may be: those that were there before the first
// statement and those that were made since, also if they are gone. Those that programs
// make are not among them.
func (m *LabState) LinksAtMost() (int, error) {
	if m.Inhabited && !m.inCounts {
		there, err := plan.CountLinks(m)
		if err != nil {
			return 0, err
		}
		m.made, m.inCounts = there, true
	}
	return m.made, nil
}

// NodesAtMost is how many nodes there may be: those that were there when it was first
// asked, or when a program had run, and those that were made since, also if they are gone.
func (m *LabState) NodesAtMost() (int, error) {
	if !m.counted || m.HasBackground() {
		there, err := m.Nodes()
		if err != nil {
			return 0, err
		}
		m.nodes, m.counted = len(there), true
	}
	return m.nodes, nil
}

// HasBackground reports that programs were spawned that may change the lab.
func (m *LabState) HasBackground() bool { return len(m.background) > 0 }

// Uncertain reports that the lab may be another than the view shows.
func (m *LabState) Uncertain() bool { return m.Foreign != nil && m.Foreign() }

// MayExist reports that a node (Link "") or interface may be there although the view
// does not show it.
func (m *LabState) MayExist(r plan.Ref) bool {
	return m.Uncertain() && (m.Unseen == nil || m.Unseen(r.Node))
}

// Assume takes a name for one that a program made.
func (m *LabState) Assume(r plan.Ref) {
	if m.Uncertain() {
		m.Make(r)
	}
}

// Known reports whether a node (Link "") or interface is there or was ever made.
func (m *LabState) Known(r plan.Ref) bool {
	if m.known[r] {
		return true
	}
	if r.Link == "" {
		has, err := m.HasNode(r.Node)
		return err == nil && has
	}
	_, err := m.Link(r.Node, r.Link)
	return err == nil
}

// Changed reports that a program ran which may have changed anything.
func (m *LabState) Changed() { m.stale, m.unread, m.touched, m.counted = true, true, true, false }

// Absent reports that an interface cannot be there: its name is none that an op has made
// or that the book has found, and nothing else makes names, but modules those of their own.
func (m *LabState) Absent(r plan.Ref) bool {
	return m.Sole && !m.touched && !m.unread && !m.HasBackground() && !m.known[r] && !plan.FallbackName(r.Link)
}

// Book is the book of addresses.
func (m *LabState) Book() (*plan.Book, error) {
	if !m.stale {
		return m.book, m.reread()
	}
	book := plan.NewBook()
	nodes, err := m.Nodes()
	if err != nil {
		return nil, err
	}
	for _, node := range append([]string{plan.Host}, nodes...) {
		if err := m.read(book, node); err != nil {
			return nil, err
		}
	}
	m.book, m.stale, m.unread = book, false, false
	return book, nil
}

// reread brings the book up to date about the nodes that change by themselves.
func (m *LabState) reread() error {
	for node := range m.background {
		m.book.DropNode(node)
		if err := m.read(m.book, node); err != nil && !errors.Is(err, plan.ErrNoNode) {
			return err
		}
	}
	return nil
}

// read notes what is in a node.
func (m *LabState) read(book *plan.Book, node string) error {
	links, err := m.Links(node)
	if err != nil {
		return err
	}
	for _, l := range links {
		m.noteLink(book, l)
	}
	return nil
}

func (m *LabState) noteLink(book *plan.Book, l plan.Link) {
	r := plan.Ref{Node: l.Node, Link: l.Name}
	m.know(r)
	if l.Lower.Link != "" {
		m.layers[r] = l.Lower
	}
	for _, a := range l.Addrs {
		u := plan.AddrUse{Ref: r, Addr: a, Auto: true}
		u.Auto = m.autos[u]
		book.Add(u)
	}
}

func (m *LabState) know(r plan.Ref) {
	m.known[r] = true
	m.known[plan.Ref{Node: r.Node}] = true
}

// Note follows an op that was done.
func (m *LabState) Note(op plan.Op) {
	e := op.Effect()
	for _, name := range e.Nodes {
		m.know(plan.Ref{Node: name})
	}
	m.nodes, m.made = m.nodes+len(e.Nodes), m.made+len(e.Links)
	for _, l := range e.Links {
		m.noteLink(m.book, l)
	}
	if e.To.Link != "" {
		m.becomes(e.From, e.To)
	}
	for _, u := range e.Added {
		if u.Auto {
			m.autos[u] = true
		}
		m.book.Add(u)
	}
	for _, u := range e.Deleted {
		m.book.Del(u.Ref, u.Addr)
		u.Auto = true
		delete(m.autos, u)
	}
	if e.Background != "" {
		m.background[e.Background] = true
	}
	m.stale = m.stale || e.Unsaid || e.Anything || len(e.Gone) > 0
	m.unread = m.unread || e.Anything
	m.touched = m.touched || e.Anything
	m.counted = m.counted && !e.Anything
}

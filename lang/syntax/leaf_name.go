package syntax

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// NewName is the name of a namespace that is to be made (ip-netns(8): the name
// of a file under /run/netns).
type NewName struct{ Text }

// Parse takes one word.
func (n *NewName) Parse(lex *lexer.PeekingLexer) error { return n.Text.Parse(lex) }

// Completes implements [Completer].
func (NewName) Completes() []Completion { return []Completion{Nothing} }

// Problem tells names that no namespace can have.
func (n NewName) Problem() *diag.Diagnostic {
	if n.Value == HostName {
		return diag.Errorf(diag.HostFixed, n.Span, "host is there from the start: it is the lab's own root namespace").
			WithHelp("choose another name for the new namespace")
	}
	return nameProblem(n.Text, "namespace")
}

const nameHelp = "a name is made of letters, digits and - _ . as in v-net-0"

func nameProblem(t Text, what string) *diag.Diagnostic {
	switch {
	case t.Value == "" || t.Value == "." || t.Value == "..":
		return diag.Errorf(diag.BadName, t.Span, "%q cannot be the name of a %s", t.Value, what).WithHelp(nameHelp)
	case len(t.Value) > 255:
		return diag.Errorf(diag.BadName, t.Span, "a %s's name has at most 255 bytes; this one has %d", what, len(t.Value)).
			WithHelp("choose a shorter one")
	case AddressLike(t.Value):
		return diag.Errorf(diag.BadName, t.Span, "%s is an address, not the name of a %s", t.Value, what).
			WithHelp("write the name, as in red")
	}
	if d := countedNames(t); d != nil {
		return d
	}
	if i := strings.IndexAny(t.Value, "/:*,$<>(){}\"' \t\n%\x00"); i >= 0 {
		return diag.Errorf(diag.BadName, t.Span, "the name of a %s cannot hold %q", what, t.Value[i]).
			WithHelp(nameHelp)
	}
	return nil
}

// NodeRef is the name of a node that is there.
type NodeRef struct{ Text }

// Parse takes one word.
func (n *NodeRef) Parse(lex *lexer.PeekingLexer) error { return n.Text.Parse(lex) }

// Completes implements [Completer].
func (NodeRef) Completes() []Completion { return []Completion{Nodes} }

// Problem tells texts that name no node.
func (n NodeRef) Problem() *diag.Diagnostic {
	if node, link, found := strings.Cut(n.Value, ":"); found && node != "" && !AddressLike(n.Value) {
		return diag.Errorf(diag.BadName, n.Span, "%s names an interface; a node is wanted here", n.Value).
			WithHelp("write %s without :%s", node, link)
	}
	return nameProblem(n.Text, "node")
}

// IfName is the name of an interface (<linux/if.h>: at most 15 bytes).
type IfName struct{ Text }

// Parse takes one word.
func (n *IfName) Parse(lex *lexer.PeekingLexer) error { return n.Text.Parse(lex) }

// Completes implements [Completer].
func (IfName) Completes() []Completion { return []Completion{Interfaces} }

// Problem tells names that no interface can have.
func (n IfName) Problem() *diag.Diagnostic { return ifNameProblem(n.Text, n.Value) }

// Label is the name of an IPv4 address: that of its interface, mostly with a number: eth0:1.
type Label struct{ Text }

// Parse takes one word.
func (l *Label) Parse(lex *lexer.PeekingLexer) error { return l.Text.Parse(lex) }

// Completes implements [Completer].
func (Label) Completes() []Completion { return []Completion{Interfaces} }

// Problem reports what the kernel does not take for a label, or cuts (IFA_LABEL, IFNAMSIZ).
func (l Label) Problem() *diag.Diagnostic {
	return ifNameProblem(l.Text, strings.ReplaceAll(l.Value, ":", "-"))
}

// ifNameProblem follows dev_valid_name (net/core/dev.c), and refuses %, for which the
// kernel puts a number (dev_alloc_name).
func ifNameProblem(t Text, name string) *diag.Diagnostic {
	switch {
	case len(name) > MaxIfName:
		return diag.Errorf(diag.NameTooLong, t.Span,
			"an interface name has at most %d %s; %s has %d", MaxIfName, unitOfName(name), name, len(name)).
			WithHelp("choose a shorter one, as %s", cutIfName(name))
	case name == "" || name == "." || name == "..":
		return diag.Errorf(diag.BadName, t.Span, "%q cannot be the name of an interface", name).WithHelp(nameHelp)
	case AddressLike(name):
		return diag.Errorf(diag.BadName, t.Span, "%s is an address, not the name of an interface", name).
			WithHelp("write the name, as in veth-red")
	}
	if i := strings.IndexAny(name, "/: \t\n%\x00"); i >= 0 {
		return diag.Errorf(diag.BadName, t.Span, "the name of an interface cannot hold %q", name[i]).WithHelp(nameHelp)
	}
	return nil
}

// unitOfName is what the length of a name is counted in.
func unitOfName(name string) string {
	if utf8.RuneCountInString(name) == len(name) {
		return "characters"
	}
	return "bytes"
}

// cutIfName is the name cut to what the kernel takes, no character halved.
func cutIfName(name string) string {
	n := MaxIfName
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n]
}

// BridgeRef is a bridge: node:interface, or an interface of the host.
type BridgeRef struct{ Endpoint }

// Completes implements [Completer].
func (BridgeRef) Completes() []Completion { return []Completion{Bridges} }

// Endpoint is node:interface, a node, or an interface of the host.
type Endpoint struct{ Text }

// Parse takes one word.
func (e *Endpoint) Parse(lex *lexer.PeekingLexer) error { return e.Text.Parse(lex) }

// Completes implements [Completer].
func (Endpoint) Completes() []Completion { return []Completion{Endpoints} }

// Split is the node and the interface; link is "" when there is no colon.
func (e Endpoint) Split() (node, link string) {
	node, link, _ = strings.Cut(e.Value, ":")
	return node, link
}

// HasLink reports whether the interface is named, as in red:eth0.
func (e Endpoint) HasLink() bool { return strings.Contains(e.Value, ":") }

// Problem tells texts that can be neither a node nor an interface.
func (e Endpoint) Problem() *diag.Diagnostic {
	node, link, found := strings.Cut(e.Value, ":")
	if AddressLike(e.Value) {
		return diag.Errorf(diag.BadName, e.Span, "%s is an address; a node or node:interface is wanted here", e.Value).
			WithHelp("write the node that has the address, as red or red:veth-red")
	}
	if found && (node == "" || link == "") {
		return diag.Errorf(diag.BadName, e.Span, "%s lacks the name on one side of its colon", e.Value).
			WithHelp("write node:interface, as red:veth-red; an interface of the host needs no node: v-net-0")
	}
	t := e.Text
	t.Value = node
	if d := nameProblem(t, "node"); d != nil {
		return d
	}
	if found {
		return ifNameProblem(e.Text, link)
	}
	return nil
}

// NodeSet is one node, a list of nodes, or * for all of them.
type NodeSet struct {
	All    *Star     `parser:"  @@"`
	List   []NodeRef `parser:"| '<' @@* '>'"`
	Single *NodeRef  `parser:"| @@"`
}

// Star is the word *.
type Star struct{ Text }

// Parse takes the word *.
func (s *Star) Parse(lex *lexer.PeekingLexer) error {
	return takeStatic(&s.Text, lex, func(w string) bool { return w == "*" })
}

// Completes implements [Completer].
func (Star) Completes() []Completion { return []Completion{Words{"*"}} }

// takeStatic is take for optional leaves that a dynamic word must not fill
// while a wider one after them may.
func takeStatic(t *Text, lex *lexer.PeekingLexer, fits func(string) bool) error {
	if lex.Peek().Type != typeWord {
		return errNextMatch
	}
	return t.take(lex, fits)
}

// Refs are the nodes that are named; none for *.
func (s NodeSet) Refs() []NodeRef {
	if s.Single != nil {
		return []NodeRef{*s.Single}
	}
	return s.List
}

// Target is what a probe asks about: a node, node:iface, an address or a name.
type Target struct{ Text }

// Parse takes one word.
func (t *Target) Parse(lex *lexer.PeekingLexer) error { return t.Text.Parse(lex) }

// Completes implements [Completer].
func (Target) Completes() []Completion { return []Completion{Endpoints, Addresses} }

// Addr is the address that the word is, without its zone, and the zone.
func (t Target) Addr() (addr netip.Addr, zone string, ok bool) {
	a, err := parseAddr(t.Value)
	return a.WithZone(""), a.Zone(), err == nil
}

// Problem reports what can be none of them.
func (t Target) Problem() *diag.Diagnostic {
	if !AddressLike(t.Value) {
		return Endpoint{t.Text}.Problem()
	}
	if a, _, ok := t.Addr(); ok && a.IsUnspecified() {
		return diag.Errorf(diag.UnusableAddr, t.Span, "%s means \"no address\", so nothing can be sent to it", a).
			WithHelp("write the address of a node, or its name")
	}
	return Address{t.Text}.Problem()
}

// Hop is a router on a way, or * for any.
type Hop struct{ Target }

// Problem reports what can be neither.
func (h Hop) Problem() *diag.Diagnostic {
	if h.Value == "*" {
		return nil
	}
	return h.Target.Problem()
}

// TargetSet is one target, a list of them, or * for all nodes.
type TargetSet struct {
	All    *Star    `parser:"  @@"`
	List   []Target `parser:"| '<' @@* '>'"`
	Single *Target  `parser:"| @@"`
}

// Targets are those that are named; none for *.
func (s TargetSet) Targets() []Target {
	if s.Single != nil {
		return []Target{*s.Single}
	}
	return s.List
}

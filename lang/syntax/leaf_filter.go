package syntax

import (
	"net/netip"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Peer is one side of what a packet filter looks at: a node, an address or a
// subnet. The words of the filter's own grammar are none.
type Peer struct{ Text }

// Parse takes one word.
func (w *Peer) Parse(lex *lexer.PeekingLexer) error {
	return w.take(lex, func(s string) bool { return !filterWord(s) })
}

// Completes implements [Completer].
func (Peer) Completes() []Completion { return []Completion{Nodes, Subnets} }

func filterWord(s string) bool {
	switch s {
	case "tcp", "udp", "icmp", "on", "new", "established", "related", "invalid", "forwarded", "published":
		return true
	}
	return false
}

// Prefix is the subnet or address, or the zero Prefix for a node.
func (w Peer) Prefix() netip.Prefix {
	if !AddressLike(w.Value) {
		return netip.Prefix{}
	}
	return Dest(w).Prefix()
}

// Problem reports what is none of them.
func (w Peer) Problem() *diag.Diagnostic {
	if AddressLike(w.Value) {
		return Dest(w).Problem()
	}
	node, port, _ := strings.Cut(w.Value, ":")
	if _, ok := portNumber(port); ok {
		return diag.Errorf(diag.BadName, w.Span, "%s names a port; a node is wanted here", w.Value).
			WithHelp("write the port after the protocol: %s tcp %s", node, port)
	}
	return NodeRef(w).Problem()
}

// PeerSet is one side, or a list of them; * is everybody.
type PeerSet struct {
	All    *Star  `parser:"  @@"`
	List   []Peer `parser:"| '<' @@* '>'"`
	Single *Peer  `parser:"| @@"`
}

// Peers are those that are named; none for *.
func (s *PeerSet) Peers() []Peer {
	switch {
	case s == nil:
		return nil
	case s.Single != nil:
		return []Peer{*s.Single}
	}
	return s.List
}

// Port is the number of a TCP or UDP port.
type Port struct{ Text }

// Parse takes a word that begins with a digit.
func (w *Port) Parse(lex *lexer.PeekingLexer) error {
	return w.take(lex, func(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' })
}

// Completes implements [Completer].
func (Port) Completes() []Completion { return []Completion{Nothing} }

// Number is the port, or 0 when it is malformed.
func (w Port) Number() int {
	n, _ := portNumber(w.Value)
	return n
}

// Problem reports what is no port.
func (w Port) Problem() *diag.Diagnostic { return portProblem(w.Text, w.Value, "") }

// Ports is the number of a TCP or UDP port, or a range of them: 80, 8000-8010.
type Ports struct{ Port }

// Range are the first and the last port, both 0 when it is malformed.
func (w Ports) Range() (ports struct{ First, Last uint16 }) { return portRange(w.Value) }

// Problem reports what is no port and no range of them.
func (w Ports) Problem() *diag.Diagnostic { return portRangeProblem(w.Text, w.Value, "blue:80") }

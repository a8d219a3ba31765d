package syntax

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// NodePort is a port of a node: blue:80. The node may be * for all of them.
type NodePort struct{ Text }

// Parse takes one word.
func (n *NodePort) Parse(lex *lexer.PeekingLexer) error { return n.Text.Parse(lex) }

// Completes implements [Completer].
func (NodePort) Completes() []Completion { return []Completion{Nodes} }

// Split is the node and the port, 0 where there is none.
func (n NodePort) Split() (node string, port int) {
	node, text, _ := strings.Cut(n.Value, ":")
	port, _ = portNumber(text)
	return node, port
}

// HasPort reports whether the port is named.
func (n NodePort) HasPort() bool { return strings.Contains(n.Value, ":") }

// Node is the part before the colon, at its place.
func (n NodePort) Node() NodeRef {
	node, _, _ := strings.Cut(n.Value, ":")
	t := n.Text
	t.Value = node
	if !t.Quoted {
		t.Span.End = t.Span.Start + len(node)
	}
	return NodeRef{t}
}

// Problem reports what is no node with a port.
func (n NodePort) Problem() *diag.Diagnostic {
	if AddressLike(n.Value) {
		return diag.Errorf(diag.BadPort, n.Span, "%s is an address; a node and a port are wanted here", n.Value).
			WithHelp("write them as blue:80")
	}
	node, text, found := strings.Cut(n.Value, ":")
	if node != "*" {
		t := n.Node().Text
		if d := nameProblem(t, "node"); d != nil {
			return d
		}
	}
	if !found {
		return nil
	}
	return portProblem(n.Text, text, node)
}

func portNumber(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil && n > 0
}

// portProblem says what is no port (RFC 6335, section 6).
func portProblem(t Text, text, before string) *diag.Diagnostic {
	if _, ok := portNumber(text); ok {
		return nil
	}
	if before == "" || before == "*" {
		before = "blue"
	}
	return diag.NotAPort(t.Span, text, before+":80")
}

// Service is what a probe connects to: a node, an address or a name, and a
// port: blue:80, blue:eth0:80, 10.0.0.1:80, [fd00::1]:80, www.example.com:80.
type Service struct{ Text }

// Parse takes one word.
func (s *Service) Parse(lex *lexer.PeekingLexer) error { return s.Text.Parse(lex) }

// Completes implements [Completer].
func (Service) Completes() []Completion { return []Completion{Nodes} }

// Target is the part before the port, at its place.
func (s Service) Target() Target {
	t := s.Text
	t.Value, _ = s.cut()
	if !t.Quoted {
		t.Span.End = t.Span.Start + len(t.Value)
		if strings.HasPrefix(s.Value, "[") {
			t.Span.End += len("[]")
		}
	}
	return Target{t}
}

// Port is the number after the last colon, 0 where there is none.
func (s Service) Port() int {
	_, text := s.cut()
	port, _ := portNumber(text)
	return port
}

// cut parts the word at its last colon; an IPv6 address is in brackets.
func (s Service) cut() (target, port string) {
	if a, err := netip.ParseAddr(s.Value); err == nil && a.Is6() {
		return s.Value, ""
	}
	i := strings.LastIndexByte(s.Value, ':')
	if i < 0 {
		return s.Value, ""
	}
	target, port = s.Value[:i], s.Value[i+1:]
	if inner, found := strings.CutPrefix(target, "["); found {
		target = strings.TrimSuffix(inner, "]")
	}
	return target, port
}

// open reports a bracket that is not closed.
func (s Service) open() *diag.Diagnostic {
	if !strings.HasPrefix(s.Value, "[") || strings.Contains(s.Value, "]") {
		return nil
	}
	return diag.Errorf(diag.BadPort, s.Span, "%s has no ] after the address", s.Value).WithHelp("an IPv6 address with a port is written [ADDR]:PORT")
}

// Problem reports what cannot be connected to.
func (s Service) Problem() *diag.Diagnostic {
	if d := s.open(); d != nil {
		return d
	}
	target, port := s.cut()
	if port == "" && !strings.HasSuffix(s.Value, ":") {
		d := diag.Errorf(diag.BadPort, s.Span, "%s has no port", s.Value)
		if a, err := netip.ParseAddr(s.Value); err == nil && a.Is6() {
			return d.WithHelp("write [%s]:80", s.Value)
		}
		return d.WithHelp("say which: %s:80", s.Value)
	}
	if target != "*" {
		if d := s.Target().Problem(); d != nil {
			return d
		}
	}
	return portProblem(s.Text, port, target)
}

// ServiceSet is one service, or a list of them.
type ServiceSet struct {
	List   []Service `parser:"  '<' @@* '>'"`
	Single *Service  `parser:"| @@"`
}

// Services are those that are named.
func (s ServiceSet) Services() []Service {
	if s.Single != nil {
		return []Service{*s.Single}
	}
	return s.List
}

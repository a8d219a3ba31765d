package syntax

import (
	"net/netip"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Published is a port that is opened to the outside, or a range of them, on one address of
// a node or on all: 8080, 8000-8010, 192.168.1.5:8080, [fd00::1]:8080.
type Published struct{ Text }

// Parse takes one word.
func (p *Published) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (Published) Completes() []Completion { return []Completion{Nodes} }

// Ports are the first and the last one, both 0 when it is malformed.
func (p Published) Ports() (ports struct{ First, Last uint16 }) {
	if ports = portRange(p.Value); ports.First != 0 {
		return ports
	}
	_, text := Service(p).cut()
	return portRange(text)
}

// Addr is the address, or the zero Addr where none is named.
func (p Published) Addr() netip.Addr {
	if portRange(p.Value).First != 0 {
		return netip.Addr{}
	}
	host, _ := Service(p).cut()
	a, _ := parseAddr(host)
	return a
}

// Problem reports what is neither a port nor an address with a port.
func (p Published) Problem() *diag.Diagnostic { return p.problem("publish", "blue:80") }

// problem is that of a verb, with an example of where its ports lead to.
func (p Published) problem(verb, to string) *diag.Diagnostic {
	if portRange(p.Value).First != 0 {
		return nil
	}
	host, port := Service(p).cut()
	switch {
	case port == "" && !AddressLike(p.Value):
		return portRangeProblem(p.Text, p.Value, verb+" 8080 -> "+to)
	case port == "":
		return Service(p).Problem()
	case !AddressLike(host):
		return diag.Errorf(diag.BadPort, p.Span, "%s is neither a port nor an address and a port", p.Value).
			WithHelp("write the port alone, and the node after it: %s %s -> %s on %s", verb, port, to, host)
	}
	t := p.Text
	t.Value = host
	if d := (Address{t}).Problem(); d != nil {
		return d
	}
	return portRangeProblem(p.Text, port, host+":80")
}

// PublishTo is where a published port leads to: a node, an address or a name, with a port
// or without: blue:80, blue, 10.0.0.1:8000-8010, [fd00::1]:80.
type PublishTo struct{ Text }

// Parse takes one word.
func (t *PublishTo) Parse(lex *lexer.PeekingLexer) error { return t.Text.Parse(lex) }

// Completes implements [Completer].
func (PublishTo) Completes() []Completion { return []Completion{Nodes} }

// Target is the part before the port, at its place.
func (t PublishTo) Target() Target { return Service(t).Target() }

// Ports are the first and the last one, both 0 where there is none.
func (t PublishTo) Ports() (ports struct{ First, Last uint16 }) {
	_, text := Service(t).cut()
	return portRange(text)
}

// Problem reports what nothing can lead to.
func (t PublishTo) Problem() *diag.Diagnostic {
	target, port := Service(t).cut()
	if d := t.Target().Problem(); d != nil {
		return d
	}
	if port == "" && t.Value == target {
		return nil
	}
	if target == "" {
		target = "blue"
	}
	return portRangeProblem(t.Text, port, target+":80")
}

package syntax

import (
	"net/netip"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Published is the port that is opened to the outside, on one address of a node
// or on all: 8080, 192.168.1.5:8080, [fd00::1]:8080.
type Published struct{ Text }

// Parse takes one word.
func (p *Published) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (Published) Completes() []Completion { return []Completion{Nodes} }

// Port is the number, or 0 when it is malformed.
func (p Published) Port() int {
	if port, ok := portNumber(p.Value); ok {
		return port
	}
	return Service(p).Port()
}

// Addr is the address, or the zero Addr where none is named.
func (p Published) Addr() netip.Addr {
	if _, ok := portNumber(p.Value); ok {
		return netip.Addr{}
	}
	host, _ := Service(p).cut()
	a, _ := parseAddr(host)
	return a
}

// Problem reports what is neither a port nor an address with a port.
func (p Published) Problem() *diag.Diagnostic {
	if _, ok := portNumber(p.Value); ok {
		return nil
	}
	host, port := Service(p).cut()
	switch {
	case port == "" && !AddressLike(p.Value):
		return diag.NotAPort(p.Span, p.Value, "publish 8080 -> blue:80")
	case port == "":
		return Service(p).Problem()
	case !AddressLike(host):
		return diag.Errorf(diag.BadPort, p.Span, "%s is neither a port nor an address and a port", p.Value).
			WithHelp("write the port alone, and the node after it: publish %s -> blue:80 on %s", port, host)
	}
	t := p.Text
	t.Value = host
	if d := (Address{t}).Problem(); d != nil {
		return d
	}
	return portProblem(p.Text, port, host)
}

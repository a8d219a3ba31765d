package syntax

import (
	"net/netip"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Redirected is a port whose connections are led to another one, or a range of them, on one
// address or on all: 80, 8000-8010, 192.168.1.5:80, [fd00::1]:80.
type Redirected struct{ Published }

// Completes implements [Completer].
func (Redirected) Completes() []Completion { return []Completion{Nothing} }

// Problem reports what is neither a port nor an address with a port.
func (r Redirected) Problem() *diag.Diagnostic { return r.problem("redirect", "80") }

// Opened are the ports that are redirected.
func Opened(list []Redirected) []Published {
	ports := make([]Published, len(list))
	for i, r := range list {
		ports[i] = r.Published
	}
	return ports
}

// RedirectTo is a port of the node that redirects, or one of its addresses and a port: 8080,
// 127.0.0.1:8080, [fd00::1]:8080.
type RedirectTo struct{ Text }

// Parse takes one word.
func (r *RedirectTo) Parse(lex *lexer.PeekingLexer) error { return r.Text.Parse(lex) }

// Completes implements [Completer].
func (RedirectTo) Completes() []Completion { return []Completion{Nothing} }

// Port is the port, 0 when it is malformed.
func (r RedirectTo) Port() uint16 { return Published(r).Ports().First }

// Addr is the address, or the zero Addr where none is named.
func (r RedirectTo) Addr() netip.Addr { return Published(r).Addr() }

// Address is the address at its place.
func (r RedirectTo) Address() Address {
	t := r.Text
	t.Value = ""
	if a := r.Addr(); a.IsValid() {
		t.Value = a.String()
	}
	return Address{t}
}

// Problem reports what is neither one port nor an address with one.
func (r RedirectTo) Problem() *diag.Diagnostic {
	if ports := Published(r).Ports(); ports.First != ports.Last {
		return diag.Errorf(diag.BadPort, r.Span, "%s is more than one port", r.Value).WithHelp("all connections are redirected to one: redirect 8000-8010 -> 80")
	}
	host, port := Service(r).cut()
	if host != "" && port != "" && !AddressLike(host) {
		return diag.Errorf(diag.BadPort, r.Span, "redirect leads to a port of the same node, and %s is one of %s", r.Value, host).
			WithHelp("to lead to another node: publish 80 -> %s", r.Value)
	}
	return Published(r).problem("redirect", "80")
}

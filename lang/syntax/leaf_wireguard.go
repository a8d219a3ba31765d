package syntax

import (
	"encoding/base64"
	"net/netip"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// WGKey is a key of wireguard in base64, as wg(8) writes it.
type WGKey struct{ Text }

// Parse takes one word.
func (k *WGKey) Parse(lex *lexer.PeekingLexer) error { return k.Text.Parse(lex) }

// Completes implements [Completer].
func (WGKey) Completes() []Completion { return []Completion{Nothing} }

// Problem reports what is no key.
func (k WGKey) Problem() *diag.Diagnostic {
	if IsWGKey(k.Value) {
		return nil
	}
	return diag.Errorf(diag.BadWord, k.Span, "%s is no wireguard key", k.Value).
		WithHelp("a key is 32 bytes in base64, 44 characters, as wg genkey prints it")
}

// IsWGKey reports whether a word is a key.
func IsWGKey(word string) bool {
	b, err := base64.StdEncoding.DecodeString(word)
	return err == nil && len(b) == 32
}

// WGPeer is the other end of a wireguard: an interface, or a public key.
type WGPeer struct{ Endpoint }

// Problem reports what is neither.
func (p WGPeer) Problem() *diag.Diagnostic {
	if IsWGKey(p.Value) {
		return nil
	}
	return p.Endpoint.Problem()
}

// WGEndpoint is where a wireguard is found: an address or a node, with a UDP port or without
// one, or none.
type WGEndpoint struct{ Service }

// None reports the word none.
func (e WGEndpoint) None() bool { return e.Value == noneWord }

const noneWord = "none"

// Problem reports what is no such place.
func (e WGEndpoint) Problem() *diag.Diagnostic {
	if e.None() {
		return nil
	}
	if d := e.open(); d != nil {
		return d
	}
	target, port := e.cut()
	if _, err := netip.ParseAddr(target); err != nil {
		if d := e.Target().Problem(); d != nil {
			return d
		}
	}
	if port == "" {
		return nil
	}
	return portProblem(e.Text, port, target)
}

package syntax

import (
	"net"
	"net/netip"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

var errNextMatch = participle.NextMatch

// AddressLike reports whether a word has the shape of an IP address or prefix,
// well-formed or not: it starts with a digit and holds a dot, has two colons,
// or ends in a slash and digits.
func AddressLike(w string) bool {
	if w == "" {
		return false
	}
	if before, bits, found := strings.Cut(w, "/"); found {
		return before != "" && bits != "" && strings.Trim(bits, "0123456789") == "" || AddressLike(before)
	}
	if w[0] >= '0' && w[0] <= '9' && strings.Contains(w, ".") {
		return strings.Trim(w, "0123456789.") == "" || strings.Count(w, ".") >= 3
	}
	return strings.Count(w, ":") >= 2
}

// parseAddr is netip.ParseAddr with IPv4-mapped addresses made plain.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err
}

func addressProblem(t Text, s string) *diag.Diagnostic {
	d := diag.Errorf(diag.BadAddress, t.Span, "%s is not an IP address", s)
	switch {
	case strings.Contains(s, ":"):
		return d.WithHelp("an IPv6 address has up to eight groups of four hex digits, as in fd00::1")
	case strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789.") == "":
		return d.WithHelp("each of the four numbers of an IPv4 address is 0 to 255, with no leading zero")
	}
	return d.WithHelp("an IPv4 address has four numbers, as in 192.168.15.1")
}

// Address is a plain IP address.
type Address struct{ Text }

// Parse takes one word.
func (a *Address) Parse(lex *lexer.PeekingLexer) error { return a.Text.Parse(lex) }

// Addr is the address, or the zero Addr when it is malformed.
func (a Address) Addr() netip.Addr {
	addr, _ := parseAddr(a.Value)
	return addr
}

// Problem tells what is no address.
func (a Address) Problem() *diag.Diagnostic {
	if _, err := parseAddr(a.Value); err == nil {
		return nil
	}
	if p, err := netip.ParsePrefix(a.Value); err == nil {
		return diag.Errorf(diag.BadAddress, a.Span, "%s has a prefix length; a plain address is wanted here", a.Value).
			WithHelp("write %s", p.Addr())
	}
	return addressProblem(a.Text, a.Value)
}

// IfAddr is an interface address: an address and the prefix length of its
// subnet, 192.168.15.1/24.
type IfAddr struct{ Text }

// Parse takes a word that looks like an address.
func (a *IfAddr) Parse(lex *lexer.PeekingLexer) error { return a.take(lex, AddressLike) }

// Prefix is the address with its prefix length, host bits kept, or the zero
// Prefix when it is malformed.
func (a IfAddr) Prefix() netip.Prefix {
	p, _ := parsePrefix(a.Value)
	return p
}

func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p, err
}

// Problem tells what is no interface address, or not one a host can have.
func (a IfAddr) Problem() *diag.Diagnostic {
	p, err := parsePrefix(a.Value)
	if err != nil {
		return a.malformed()
	}
	return usableProblem(a.Text, p)
}

func (a IfAddr) malformed() *diag.Diagnostic {
	if addr, err := parseAddr(a.Value); err == nil {
		bits := 24
		if addr.Is6() {
			bits = 64
		}
		return diag.Errorf(diag.NoPrefixLen, a.Span, "%s has no prefix length, so nothing else would be in its subnet", a.Value).
			WithHelp("write %s/%d for a subnet of the usual size", a.Value, bits)
	}
	return prefixProblem(a.Text)
}

// prefixProblem tells which half of ADDRESS/LENGTH is malformed.
func prefixProblem(t Text) *diag.Diagnostic {
	before, bits, found := strings.Cut(t.Value, "/")
	addr, err := parseAddr(before)
	switch {
	case err != nil:
		return addressProblem(t, before)
	case !found:
		return diag.Errorf(diag.BadPrefix, t.Span, "%s has no prefix length", t.Value).
			WithHelp("a subnet is written with the length of its prefix, as in 192.168.15.0/24")
	}
	return diag.Errorf(diag.BadPrefix, t.Span, "/%s is no prefix length", bits).
		WithHelp("it is the number of bits of the subnet: 0 to %d", addr.BitLen())
}

// usableProblem tells addresses that no interface can have as its own
// (RFC 1122 3.2.1.3; RFC 4291 2.5.2, 2.7).
func usableProblem(t Text, p netip.Prefix) *diag.Diagnostic {
	a := p.Addr()
	switch {
	case a.IsUnspecified() || a.IsMulticast():
		return diag.Errorf(diag.UnusableAddr, t.Span, "%s cannot be the address of an interface", a)
	case !a.Is4() || p.Bits() > 30:
		return nil
	case a == p.Masked().Addr():
		return diag.Errorf(diag.UnusableAddr, t.Span, "%s is the name of the subnet %s, not an address in it", a, p.Masked()).
			WithHelp("the first address is %s/%d", a.Next(), p.Bits())
	case a == lastAddr(p):
		return diag.Errorf(diag.UnusableAddr, t.Span, "%s is the broadcast address of the subnet %s", a, p.Masked()).
			WithHelp("the last usable address is %s/%d", a.Prev(), p.Bits())
	}
	return nil
}

// lastAddr is the address with all host bits set.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// Subnet is a prefix with no host bits set: 192.168.15.0/24.
type Subnet struct{ Text }

// Parse takes a word that looks like an address.
func (s *Subnet) Parse(lex *lexer.PeekingLexer) error { return s.take(lex, AddressLike) }

// Prefix is the subnet, or the zero Prefix when it is malformed.
func (s Subnet) Prefix() netip.Prefix {
	p, _ := parsePrefix(s.Value)
	return p
}

// Problem tells what is no subnet.
func (s Subnet) Problem() *diag.Diagnostic {
	p, err := parsePrefix(s.Value)
	switch {
	case err != nil:
		return prefixProblem(s.Text)
	case p != p.Masked():
		return diag.Errorf(diag.HostBits, s.Span, "%s is an address in a subnet, not a subnet", s.Value).
			WithHelp("did you mean %s?", p.Masked())
	}
	return nil
}

// Dest is what a route leads to: default, a subnet, or one address.
type Dest struct{ Text }

// Parse takes one word.
func (d *Dest) Parse(lex *lexer.PeekingLexer) error { return d.Text.Parse(lex) }

// IsDefault reports whether it is the word default.
func (d Dest) IsDefault() bool { return d.Value == "default" }

// Prefix is the destination; for default, and when it is malformed, the zero Prefix.
func (d Dest) Prefix() netip.Prefix {
	if a, err := parseAddr(d.Value); err == nil {
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, _ := parsePrefix(d.Value)
	return p
}

// Problem tells what is no destination.
func (d Dest) Problem() *diag.Diagnostic {
	switch {
	case d.IsDefault():
		return nil
	case !AddressLike(d.Value):
		return diag.Errorf(diag.BadPrefix, d.Span, "%q is no destination", d.Value).
			WithHelp("a route leads to default, to a subnet as 192.168.1.0/24, or to one address")
	case !strings.Contains(d.Value, "/"):
		return Address{d.Text}.Problem()
	}
	return Subnet{d.Text}.Problem()
}

// MAC is a link-layer address of six bytes (IEEE 802, EUI-48).
type MAC struct{ Text }

// Parse takes a word that has colons or dashes between hex digits, well-formed or not.
func (m *MAC) Parse(lex *lexer.PeekingLexer) error { return m.take(lex, macLike) }

func macLike(w string) bool {
	return strings.Trim(w, "0123456789abcdefABCDEF:-.") == "" && strings.ContainsAny(w, ":-.") ||
		strings.Count(w, ":") >= 3
}

// Canonical is the address in the kernel's spelling, or "" when it is malformed.
func (m MAC) Canonical() string {
	hw, err := net.ParseMAC(m.Value)
	if err != nil || len(hw) != 6 {
		return ""
	}
	return hw.String()
}

// Problem tells what no interface can have as its MAC address.
func (m MAC) Problem() *diag.Diagnostic {
	hw, err := net.ParseMAC(m.Value)
	switch {
	case err != nil || len(hw) != 6:
		return diag.Errorf(diag.BadMAC, m.Span, "%s is not a MAC address", m.Value).
			WithHelp("it has six bytes in hex: 02:00:00:00:00:01")
	case hw[0]&1 == 1:
		return diag.Errorf(diag.BadMAC, m.Span, "%s is a multicast MAC address; an interface needs a unicast one", m.Value).
			WithHelp("the first byte is even: 02:00:00:00:00:01")
	case hw.String() == "00:00:00:00:00:00":
		return diag.Errorf(diag.BadMAC, m.Span, "an interface cannot have the MAC address of zeros")
	}
	return nil
}

// AddrOrSubnet is an interface address or a subnet; which of them, the
// statement tells.
type AddrOrSubnet struct{ Text }

// Parse takes a word that looks like an address.
func (a *AddrOrSubnet) Parse(lex *lexer.PeekingLexer) error { return a.take(lex, AddressLike) }

// Prefix is the prefix, host bits kept, or the zero Prefix when it is malformed.
func (a AddrOrSubnet) Prefix() netip.Prefix {
	p, _ := parsePrefix(a.Value)
	return p
}

// Problem tells what is neither.
func (a AddrOrSubnet) Problem() *diag.Diagnostic {
	if _, err := parsePrefix(a.Value); err != nil {
		return IfAddr(a).malformed()
	}
	return nil
}

package syntax

import (
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

var (
	errNextMatch    = participle.NextMatch
	errPrefixInZone = errors.New("a prefix length in the zone")
)

// AddressLike reports whether a word has the shape of an IP address or prefix,
// well-formed or not: it starts with a digit and holds a dot, has two colons
// after hex digits, or ends in a slash and digits.
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
	group, _, _ := strings.Cut(w, ":")
	return strings.Count(w, ":") >= 2 && len(group) <= 4 && strings.Trim(group, "0123456789abcdefABCDEF") == ""
}

// parseAddr is netip.ParseAddr with IPv4-mapped addresses made plain.
// The zone of fe80::1%eth0/64 is no name of an interface.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err == nil && strings.Contains(a.Zone(), "/") {
		return netip.Addr{}, errPrefixInZone
	}
	return a.Unmap(), err
}

// Address is a plain IP address.
type Address struct{ Text }

// Parse takes one word.
func (a *Address) Parse(lex *lexer.PeekingLexer) error { return a.Text.Parse(lex) }

// Completes implements [Completer].
func (Address) Completes() []Completion { return []Completion{Addresses} }

// Addr is the address, or the zero Addr when it is malformed.
func (a Address) Addr() netip.Addr {
	addr, _ := parseAddr(a.Value)
	return addr
}

// Problem reports what is no address.
func (a Address) Problem() *diag.Diagnostic {
	if _, err := parseAddr(a.Value); err == nil {
		return nil
	}
	if p, err := netip.ParsePrefix(a.Value); err == nil {
		return diag.Errorf(diag.BadAddress, a.Span, "%s has a prefix length; an address alone is wanted here", a.Value).
			WithHelp("write %s", p.Addr())
	}
	return addressProblem(a.Text, a.Value)
}

// HostAddress is an address where a subnet may come as well: it takes no word with a
// prefix length.
type HostAddress struct{ Address }

// Parse takes a word that looks like an address and has no length.
func (a *HostAddress) Parse(lex *lexer.PeekingLexer) error {
	return a.take(lex, func(word string) bool { return AddressLike(word) && !strings.Contains(word, "/") })
}

// IfAddr is an interface address: an address and the prefix length of its
// subnet, 192.168.15.1/24.
type IfAddr struct{ Text }

// Parse takes a word that looks like an address.
func (a *IfAddr) Parse(lex *lexer.PeekingLexer) error { return a.take(lex, AddressLike) }

// Completes implements [Completer].
func (IfAddr) Completes() []Completion { return []Completion{Nothing} }

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

// Problem reports what is no interface address, or not one a host can have.
func (a IfAddr) Problem() *diag.Diagnostic {
	p, err := parsePrefix(a.Value)
	if err != nil {
		return a.malformed()
	}
	return usableProblem(a.Text, p)
}

func (a IfAddr) malformed() *diag.Diagnostic {
	if addr, err := parseAddr(a.Value); err == nil {
		p := netip.PrefixFrom(addr.WithZone(""), usualBits(addr))
		if p == p.Masked() {
			p = netip.PrefixFrom(p.Addr().Next(), p.Bits())
		}
		return diag.Errorf(diag.NoPrefixLen, a.Span, "%s has no prefix length, so nothing else would be in its subnet", a.Value).
			WithHelp("write %s for a subnet of the usual size", p)
	}
	return prefixProblem(a.Text)
}

// Gateway is the address of a neighbour that packets go through.
type Gateway struct{ Address }

// Completes implements [Completer].
func (Gateway) Completes() []Completion { return []Completion{Gateways} }

// Subnet is a prefix with no host bits set: 192.168.15.0/24.
type Subnet struct{ Text }

// Parse takes a word that looks like an address.
func (s *Subnet) Parse(lex *lexer.PeekingLexer) error { return s.take(lex, AddressLike) }

// Completes implements [Completer].
func (Subnet) Completes() []Completion { return []Completion{Subnets} }

// Prefix is the subnet, or the zero Prefix when it is malformed.
func (s Subnet) Prefix() netip.Prefix {
	p, _ := parsePrefix(s.Value)
	return p
}

// Problem reports what is no subnet.
func (s Subnet) Problem() *diag.Diagnostic {
	p, err := parsePrefix(s.Value)
	switch {
	case err != nil:
		return prefixProblem(s.Text)
	case p != p.Masked():
		return diag.Errorf(diag.HostBits, s.Span, "%s is an address in a subnet, not a subnet", s.Value).
			WithHelp("did you mean %s?", p.Masked()).WithFix(s.Span, s.Value, p.Masked().String())
	}
	return nil
}

// autoWord may take the place of a subnet, and means the same as nothing there: so
// a function can hand "no subnet" on.
const autoWord = "auto"

// defaultWord is the destination of all packets that no other route takes.
const defaultWord = "default"

func autoOrAddress(w string) bool { return w == autoWord || AddressLike(w) }

// SubnetOrAuto is a subnet, or the word auto: automatic addresses.
type SubnetOrAuto struct{ Text }

// Parse takes the word auto, or one that looks like an address.
func (s *SubnetOrAuto) Parse(lex *lexer.PeekingLexer) error { return s.take(lex, autoOrAddress) }

// Completes implements [Completer].
func (SubnetOrAuto) Completes() []Completion { return []Completion{LastWords{autoWord}} }

// IsAuto reports whether it is the word auto.
func (s SubnetOrAuto) IsAuto() bool { return s.Value == autoWord }

// Prefix is the subnet; for auto, and when it is malformed, the zero Prefix.
func (s SubnetOrAuto) Prefix() netip.Prefix { return Subnet(s).Prefix() }

// Problem reports what is no subnet.
func (s SubnetOrAuto) Problem() *diag.Diagnostic {
	if s.IsAuto() {
		return nil
	}
	return Subnet(s).Problem()
}

// Dest is what a route leads to: default, a subnet, or one address.
type Dest struct{ Text }

// Parse takes one word.
func (d *Dest) Parse(lex *lexer.PeekingLexer) error { return d.Text.Parse(lex) }

// Completes implements [Completer].
func (Dest) Completes() []Completion { return []Completion{Words{defaultWord}, Destinations} }

// IsDefault reports whether it is the word default.
func (d Dest) IsDefault() bool { return d.Value == defaultWord }

// Prefix is the destination; for default, and when it is malformed, the zero Prefix.
func (d Dest) Prefix() netip.Prefix {
	if a, err := parseAddr(d.Value); err == nil {
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, _ := parsePrefix(d.Value)
	return p
}

// Problem reports what is no destination.
func (d Dest) Problem() *diag.Diagnostic {
	switch {
	case d.IsDefault():
		return nil
	case !AddressLike(d.Value):
		p := diag.Errorf(diag.BadPrefix, d.Span, "%q is not a destination", d.Value)
		return p.WithNearest(d.Value, []string{defaultWord}, "a route leads to default, to a subnet as 192.168.1.0/24, or to one address as 192.168.1.5")
	case !strings.Contains(d.Value, "/"):
		return Address{d.Text}.Problem()
	}
	return Subnet{d.Text}.Problem()
}

// MAC is a link-layer address of six bytes (IEEE 802, EUI-48).
type MAC struct{ Text }

// Parse takes a word that has colons or dashes between hex digits, well-formed or not.
func (m *MAC) Parse(lex *lexer.PeekingLexer) error { return m.take(lex, macLike) }

// Completes implements [Completer].
func (MAC) Completes() []Completion { return []Completion{Nothing} }

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

// Problem reports what no interface can have as its MAC address.
func (m MAC) Problem() *diag.Diagnostic {
	hw, err := net.ParseMAC(m.Value)
	switch {
	case err != nil || len(hw) != 6:
		return diag.Errorf(diag.BadMAC, m.Span, "%s is not a MAC address", m.Value).
			WithHelp("it has six bytes of two hex digits, as in 02:00:00:00:00:01")
	case hw[0]&1 == 1:
		return diag.Errorf(diag.BadMAC, m.Span, "%s is a multicast MAC address; an interface needs a unicast one", m.Value).
			WithHelp("the first byte of a unicast address is even, as in 02:00:00:00:00:01")
	case hw.String() == "00:00:00:00:00:00":
		return diag.Errorf(diag.BadMAC, m.Span, "an interface cannot have a MAC address of zeros only").
			WithHelp("write another, as in 02:00:00:00:00:01")
	}
	return nil
}

// AddrOrSubnet is an interface address, a subnet, or the word auto: automatic
// addresses. Which of them it can be, the statement tells.
type AddrOrSubnet struct{ Text }

// Parse takes the word auto, or one that looks like an address.
func (a *AddrOrSubnet) Parse(lex *lexer.PeekingLexer) error { return a.take(lex, autoOrAddress) }

// Completes implements [Completer].
func (AddrOrSubnet) Completes() []Completion { return []Completion{LastWords{autoWord}} }

// IsAuto reports whether it is the word auto.
func (a AddrOrSubnet) IsAuto() bool { return a.Value == autoWord }

// Prefix is the prefix, host bits kept; for auto, and when it is malformed, the
// zero Prefix.
func (a AddrOrSubnet) Prefix() netip.Prefix {
	p, _ := parsePrefix(a.Value)
	return p
}

// Problem reports what is none of them.
func (a AddrOrSubnet) Problem() *diag.Diagnostic {
	if _, err := parsePrefix(a.Value); err != nil && !a.IsAuto() {
		return IfAddr(a).malformed()
	}
	return nil
}

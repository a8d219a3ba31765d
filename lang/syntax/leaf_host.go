package syntax

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// HostAddr is an address of an interface, with the prefix length of its subnet
// or without it.
type HostAddr struct{ Text }

// Parse takes a word that looks like an address.
func (h *HostAddr) Parse(lex *lexer.PeekingLexer) error { return h.take(lex, AddressLike) }

// Completes implements [Completer].
func (HostAddr) Completes() []Completion { return []Completion{Endpoints, Addresses} }

// Addr is the address, or the zero Addr when it is malformed.
func (h HostAddr) Addr() netip.Addr {
	if a, err := parseAddr(h.Value); err == nil {
		return a
	}
	p, _ := parsePrefix(h.Value)
	return p.Addr()
}

// Is reports whether an interface address is the one that is meant: without a
// prefix length, any length will do.
func (h HostAddr) Is(p netip.Prefix) bool {
	if strings.Contains(h.Value, "/") {
		mine, _ := parsePrefix(h.Value)
		return mine == p
	}
	return h.Addr() == p.Addr()
}

// Problem reports what is no address.
func (h HostAddr) Problem() *diag.Diagnostic {
	if strings.Contains(h.Value, "/") {
		return IfAddr(h).Problem()
	}
	return Address(h).Problem()
}

// OwnAddr is an address that an interface has.
type OwnAddr struct{ HostAddr }

// Completes implements [Completer].
func (OwnAddr) Completes() []Completion { return []Completion{OwnAddresses} }

// PingSource is what requests are sent from: an address of the node, or the name of one
// of its interfaces.
type PingSource struct{ Text }

// Parse takes one word.
func (p *PingSource) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (PingSource) Completes() []Completion { return []Completion{Interfaces} }

// Addr is the address that it is, and ok is false for an interface.
func (p PingSource) Addr() (addr netip.Addr, ok bool) {
	a, err := parseAddr(p.Value)
	return a.WithZone(""), err == nil
}

// Problem reports what can be neither.
func (p PingSource) Problem() *diag.Diagnostic {
	if AddressLike(p.Value) {
		return Address(p).Problem()
	}
	return ifNameProblem(p.Text, p.Value)
}

// Byte is a number of eight bits, 184 or 0xb8.
type Byte struct{ Text }

// Parse takes one word.
func (b *Byte) Parse(lex *lexer.PeekingLexer) error { return b.Text.Parse(lex) }

// Completes implements [Completer].
func (Byte) Completes() []Completion { return []Completion{Nothing} }

// Byte is the number, or 0 when it is malformed.
func (b Byte) Byte() int {
	n, err := strconv.ParseUint(b.Value, 0, 8)
	if err != nil {
		return 0
	}
	return int(n)
}

// Problem reports what is no such number.
func (b Byte) Problem() *diag.Diagnostic {
	if _, err := strconv.ParseUint(b.Value, 0, 8); err != nil {
		return diag.Errorf(diag.BadNumber, b.Span, "%q is not a number from 0 to 255", b.Value).
			WithHelp("write it in decimal or in hex: 184, 0xb8")
	}
	return nil
}

// RouteTarget is what a routing table is asked for: an address or a node, or
// one of its entries by its destination: default or a subnet.
type RouteTarget struct{ Text }

// Parse takes one word.
func (r *RouteTarget) Parse(lex *lexer.PeekingLexer) error { return r.Text.Parse(lex) }

// Completes implements [Completer].
func (RouteTarget) Completes() []Completion { return []Completion{Endpoints, Addresses} }

// IsEntry reports whether it is the destination of an entry.
func (r RouteTarget) IsEntry() bool {
	return r.Value == defaultWord || AddressLike(r.Value) && strings.Contains(r.Value, "/")
}

// Problem reports what can be none of them.
func (r RouteTarget) Problem() *diag.Diagnostic {
	if r.IsEntry() {
		return Dest(r).Problem()
	}
	return Target(r).Problem()
}

// Selector is what a rule matches an address with: a subnet, one address, or all.
type Selector struct{ Text }

// Parse takes one word.
func (s *Selector) Parse(lex *lexer.PeekingLexer) error { return s.Text.Parse(lex) }

// Completes implements [Completer].
func (Selector) Completes() []Completion { return []Completion{Subnets} }

// Prefix is the addresses that match; the zero Prefix for all of them.
func (s Selector) Prefix() netip.Prefix { return Dest(s).Prefix() }

// Problem reports what is no subnet and no address.
func (s Selector) Problem() *diag.Diagnostic {
	if s.Value == "all" {
		return nil
	}
	if !AddressLike(s.Value) {
		return diag.Errorf(diag.BadPrefix, s.Span, "%q is neither a subnet nor an address", s.Value).
			WithHelp("for example 192.168.15.0/24, 192.168.15.1 or all")
	}
	return Dest(s).Problem()
}

// Mark is a firewall mark (ip-rule(8)): a number, 10 or 0xa.
type Mark struct{ Text }

// Parse takes one word.
func (m *Mark) Parse(lex *lexer.PeekingLexer) error { return m.Text.Parse(lex) }

// Completes implements [Completer].
func (Mark) Completes() []Completion { return []Completion{Nothing} }

// Mark is the number, or 0 when it is malformed.
func (m Mark) Mark() uint32 {
	n, err := strconv.ParseUint(m.Value, 0, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// Problem reports what is no mark; 0 is the mark of packets that have none.
func (m Mark) Problem() *diag.Diagnostic {
	if n, err := strconv.ParseUint(m.Value, 0, 32); err != nil || n == 0 {
		return diag.Errorf(diag.BadNumber, m.Span, "%q is not a firewall mark", m.Value).
			WithHelp("it is a number from 1 to 4294967295, as 10 or 0xa")
	}
	return nil
}

// Table is the number of a routing table (ip-route(8)); 254, also called main,
// is used when none is named.
type Table struct{ Text }

// Parse takes one word.
func (t *Table) Parse(lex *lexer.PeekingLexer) error { return t.Text.Parse(lex) }

// Completes implements [Completer].
func (Table) Completes() []Completion { return []Completion{Nothing} }

// Number is the table's number, or 0 when it is malformed.
func (t Table) Number() int {
	if t.Value == "main" {
		return mainTable
	}
	return Int(t).Int()
}

const mainTable = 254 // RT_TABLE_MAIN, <linux/rtnetlink.h>

// Problem reports what is no table that a lab may fill.
func (t Table) Problem() *diag.Diagnostic {
	switch n := t.Number(); {
	case n == 0:
		return diag.Errorf(diag.BadNumber, t.Span, "%q is not the number of a routing table", t.Value).
			WithHelp("any number from 1 to 4294967295 will do, as 100; main is the usual table")
	case n == 255:
		return diag.Errorf(diag.BadNumber, t.Span, "table 255 is the kernel's own list of local addresses").
			WithHelp("choose another number, as 100")
	}
	return nil
}

package syntax

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// AddrRange is addresses from a first to a last: 10.0.0.100..10.0.0.200, or
// 10.0.0.100..200, where the last number alone is written.
type AddrRange struct{ Text }

// Parse takes a word with two dots in it, or two addresses with a dash.
func (r *AddrRange) Parse(lex *lexer.PeekingLexer) error {
	return r.take(lex, func(w string) bool { return strings.Contains(w, "..") || dashed(w) })
}

// Completes implements [Completer].
func (AddrRange) Completes() []Completion { return []Completion{Nothing} }

func dashed(w string) bool {
	from, to, found := strings.Cut(w, "-")
	return found && AddressLike(from) && strings.Trim(to, "0123456789.") == ""
}

// Ends are the first address and the last, or zero Addrs when it is malformed.
func (r AddrRange) Ends() (first, last netip.Addr) {
	from, to := r.cut()
	first, err := parseAddr(from)
	last, errLast := parseAddr(to)
	if err != nil || errLast != nil {
		return netip.Addr{}, netip.Addr{}
	}
	return first, last
}

// cut parts the text; a last number is made a whole address.
func (r AddrRange) cut() (from, to string) {
	from, to, _ = strings.Cut(r.Value, "..")
	dot := strings.LastIndexByte(from, '.')
	if _, err := strconv.ParseUint(to, 10, 16); err == nil && dot > 0 {
		to = from[:dot+1] + to
	}
	return from, to
}

// Problem reports what is no range.
func (r AddrRange) Problem() *diag.Diagnostic {
	if dashed(r.Value) {
		return diag.Errorf(diag.BadAddress, r.Span, "%s has a dash between its ends; a range is written with two dots", r.Value).
			WithHelp("write %s", strings.Replace(r.Value, "-", "..", 1))
	}
	from, to := r.cut()
	for _, end := range []string{from, to} {
		if end == "" {
			return diag.Errorf(diag.BadAddress, r.Span, "%s lacks one end of the range", r.Value).
				WithHelp("write the first and the last address: 10.0.0.100..10.0.0.200")
		}
		if strings.Contains(end, "/") {
			return diag.Errorf(diag.BadAddress, r.Span, "%s has a prefix length; addresses alone are wanted here", r.Value).
				WithHelp("write 10.0.0.100..10.0.0.200; the subnet is that of the interface")
		}
		if _, err := parseAddr(end); err != nil {
			return addressProblem(r.Text, end)
		}
	}
	first, last := r.Ends()
	switch {
	case first.Is4() != last.Is4():
		return diag.Errorf(diag.FamilyMismatch, r.Span, "the range %s begins with %s and ends with %s", r.Value, family(first), family(last)).
			WithHelp("both ends are of one family, as in 10.0.0.100..10.0.0.200")
	case last.Less(first):
		return diag.Errorf(diag.BadAddress, r.Span, "the range %s ends before it begins", r.Value).
			WithHelp("write it as %s..%s", last, first)
	}
	return nil
}

package syntax

import (
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Rate is a number of bits per second with its unit: 100kbit, 10mbit, 1gbit.
type Rate struct{ Text }

// Parse takes one word.
func (r *Rate) Parse(lex *lexer.PeekingLexer) error { return r.Text.Parse(lex) }

// Completes implements [Completer].
func (Rate) Completes() []Completion { return []Completion{Nothing} }

// Bits is the rate in bits per second, or 0 when it is malformed.
func (r Rate) Bits() float64 {
	number, factor := splitRate(r.Value)
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || !(f > 0) {
		return 0
	}
	return f * factor
}

// splitRate is the number and what its unit means, in bits per second; 0
// for a unit that there is none of.
func splitRate(s string) (number string, factor float64) {
	number = strings.TrimRight(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz/")
	switch strings.ToLower(s)[len(number):] {
	case "bit":
		return number, 1
	case "kbit":
		return number, 1e3
	case "mbit":
		return number, 1e6
	case "gbit":
		return number, 1e9
	case "tbit":
		return number, 1e12
	}
	return number, 0
}

// Problem reports what is no rate.
func (r Rate) Problem() *diag.Diagnostic {
	if bits := r.Bits(); bits > 0 && bits <= 1e15 {
		return nil
	}
	d := diag.Errorf(diag.BadRate, r.Span, "%q is not a rate", r.Value)
	number, factor := splitRate(r.Value)
	if f, err := strconv.ParseFloat(number, 64); err == nil && f > 0 && factor == 0 {
		unit := strings.ToLower(r.Value)[len(number):]
		if unit == "" {
			return d.WithHelp("it needs a unit: %smbit or %skbit", number, number)
		}
		switch strings.TrimRight(strings.TrimSuffix(unit, "/s"), "bits p") {
		case "k":
			return d.WithHelp("rates are in bits per second: %skbit", number)
		case "m":
			return d.WithHelp("rates are in bits per second: %smbit", number)
		case "g":
			return d.WithHelp("rates are in bits per second: %sgbit", number)
		}
	}
	return d.WithHelp("write it in bits per second, with its unit: 100kbit, 10mbit, 1gbit")
}

package syntax

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// Domain is a name of the DNS: www.example.com, blue (RFC 1035, section 2.3.4;
// RFC 2181, section 11).
type Domain struct{ Text }

// Parse takes one word.
func (d *Domain) Parse(lex *lexer.PeekingLexer) error { return d.Text.Parse(lex) }

// Completes implements [Completer].
func (Domain) Completes() []Completion { return []Completion{Nothing} }

// Name is the name in small letters, without a dot at its end.
func (d Domain) Name() string { return strings.ToLower(strings.TrimSuffix(d.Value, ".")) }

// Lengths of a name and of its parts, in bytes.
const (
	maxDomain = 253
	maxLabel  = 63
)

const domainHelp = "a name is labels of letters, digits and dashes with dots between, as in www.example.com"

// Problem reports what is no name.
func (d Domain) Problem() *diag.Diagnostic {
	name := d.Name()
	switch {
	case name == "":
		return diag.Errorf(diag.BadDomain, d.Span, "%q cannot be a name", d.Value).WithHelp(domainHelp)
	case AddressLike(d.Value):
		return diag.Errorf(diag.BadDomain, d.Span, "%s is an address; a name is wanted here", d.Value).WithHelp(domainHelp)
	case len(name) > maxDomain:
		return diag.Errorf(diag.BadDomain, d.Span, "a name has at most %d characters; this one has %d", maxDomain, len(name)).
			WithHelp("choose a shorter one")
	}
	for _, label := range strings.Split(name, ".") {
		if p := d.label(label); p != nil {
			return p
		}
	}
	return nil
}

func (d Domain) label(label string) *diag.Diagnostic {
	switch {
	case label == "":
		return diag.Errorf(diag.BadDomain, d.Span, "%s has two dots with nothing between, or one in front", d.Value).WithHelp(domainHelp)
	case len(label) > maxLabel:
		return diag.Errorf(diag.BadDomain, d.Span, "a part of a name has at most %d characters; %s has %d", maxLabel, label, len(label)).
			WithHelp("choose a shorter one")
	case label[0] == '-' || label[len(label)-1] == '-':
		return diag.Errorf(diag.BadDomain, d.Span, "%s begins or ends with a dash", label).WithHelp(domainHelp)
	}
	for _, r := range label {
		switch {
		case r > 127:
			return diag.Errorf(diag.BadDomain, d.Span, "the name %s holds %q", d.Value, r).
				WithHelp("the DNS knows such names in their ASCII form, which begins with xn--")
		case !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r):
			return diag.Errorf(diag.BadDomain, d.Span, "the name %q holds %q", d.Value, r).WithHelp(domainHelp)
		}
	}
	return nil
}

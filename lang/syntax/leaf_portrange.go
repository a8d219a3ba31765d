package syntax

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// PortRange is a port, or the first and the last of several: 80, 8000-8010.
type PortRange struct{ Text }

// Parse takes one word.
func (r *PortRange) Parse(lex *lexer.PeekingLexer) error { return r.Text.Parse(lex) }

// Completes implements [Completer].
func (PortRange) Completes() []Completion { return []Completion{Nothing} }

// Range are the first and the last port, both 0 when it is malformed.
func (r PortRange) Range() (ports struct{ First, Last uint16 }) { return portRange(r.Value) }

func portRange(text string) (ports struct{ First, Last uint16 }) {
	from, to, found := strings.Cut(text, "-")
	if !found {
		to = from
	}
	first, ok := portNumber(from)
	last, okToo := portNumber(to)
	if !ok || !okToo || first > last {
		return ports
	}
	ports.First, ports.Last = uint16(first), uint16(last)
	return ports
}

// Problem reports what is no port and no range of them.
func (r PortRange) Problem() *diag.Diagnostic {
	return portRangeProblem(r.Text, r.Value, "dport 80, or dport 8000-8010")
}

// portRangeProblem says what is no range of ports; example is a right one.
func portRangeProblem(t Text, text, example string) *diag.Diagnostic {
	if ports := portRange(text); ports.First != 0 {
		return nil
	}
	if from, to, found := strings.Cut(text, "-"); found {
		first, ok := portNumber(from)
		if last, okToo := portNumber(to); ok && okToo && first > last {
			return diag.Errorf(diag.BadPort, t.Span, "%s ends before it begins", text).WithHelp("write %s-%s", to, from)
		}
	}
	return diag.NotAPort(t.Span, text, example)
}

// IPProto is a protocol above IP: tcp, udp or icmp.
type IPProto struct{ Text }

func ipProtos() []string { return []string{"tcp", "udp", "icmp"} }

// Parse takes one word.
func (p *IPProto) Parse(lex *lexer.PeekingLexer) error { return p.Text.Parse(lex) }

// Completes implements [Completer].
func (IPProto) Completes() []Completion { return []Completion{Words(ipProtos())} }

// Problem reports what is none of them.
func (p IPProto) Problem() *diag.Diagnostic {
	if slices.Contains(ipProtos(), p.Value) {
		return nil
	}
	d := diag.Errorf(diag.BadWord, p.Span, "there is no protocol %q", p.Value)
	return d.WithNearest(p.Value, ipProtos(), "it is tcp, udp or icmp")
}

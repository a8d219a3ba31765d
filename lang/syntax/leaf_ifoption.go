package syntax

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
)

// IfOption is the name of an option of an interface.
type IfOption struct{ Text }

// IfOptions are the names of all, in the order of the documentation: those of any
// interface, of a bridge and of a bridge's port.
func IfOptions() []string {
	return []string{
		"alias", "txqueuelen", "promisc", "allmulticast", "multicast", "arp",
		"stp", "ageing", "forward-delay", "hello", "max-age", "bridge-priority", "multicast-snooping", "multicast-querier",
		"cost", "priority", "hairpin", "guard", "root-block", "isolated", "learning", "flood", "mcast-flood", "bcast-flood",
	}
}

// Parse takes the name of an option.
func (o *IfOption) Parse(lex *lexer.PeekingLexer) error {
	return o.take(lex, func(word string) bool { return slices.Contains(IfOptions(), word) })
}

// Completes implements [Completer].
func (IfOption) Completes() []Completion { return []Completion{Words(IfOptions())} }

// Keywords are the words that it takes.
func (IfOption) Keywords() []string { return IfOptions() }

// Problem is nil: only names of options are taken.
func (o IfOption) Problem() *diag.Diagnostic { return nil }

// OptionValue is the value of an option of an interface.
type OptionValue struct{ Free }

// Completes implements [Completer].
func (OptionValue) Completes() []Completion { return []Completion{OnOffWords()} }

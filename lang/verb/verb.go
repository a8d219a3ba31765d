package verb

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/participle/v2"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// syntax may not import plan; their ideas of a name are held equal here.
const (
	_ = uint(plan.MaxIfName - syntax.MaxIfName)
	_ = uint(syntax.MaxIfName - plan.MaxIfName)
)

// Group is the chapter a verb is documented in.
type Group string

// The chapters, in the order of the documentation.
const (
	Building  Group = "Building"
	Looking   Group = "Looking"
	Expecting Group = "Expecting"
	Probing   Group = "Probes"
	Language  Group = "Language"
)

// Example is a piece of script that a test runs; Note says what it shows.
type Example struct {
	Note string
	// Code is whole statements. What an example needs beforehand is in it.
	Code string
	// Needs is the module without which the kernel cannot run it, or "".
	Needs string
}

// Spec is what a verb says of itself. Help, the documentation, completion and
// the editor grammar read it.
type Spec struct {
	Name string
	// Also are words that other programs, and people, have for it: they are no
	// statements, and are answered with its name.
	Also []string
	// Group is the chapter, Building where none is named.
	Group   Group
	Summary string // one line, no full stop
	// Usage are the forms of the statement, words in capitals being filled in.
	Usage []string
	// Doc is Markdown: what it does, what it refuses, and why.
	Doc      string
	Examples []Example
	// Role is what readers that run nothing must know of the statement.
	Role Role
	// Lines says that the statement may have a block of lines that are no
	// statements; see [Table.Flat] for how its grammar reads them.
	Lines bool
	// Parse replaces the grammar's own parser where one grammar is not enough.
	Parse func(t *Table, tokens []syntax.Token) (Node, diag.List)
	// Spelling says what to write in the place of words that are wrong, where they are
	// another tool's spelling of the statement; nil where they are not.
	Spelling func(tokens []syntax.Token) *diag.Diagnostic
	// ParseStatement is for statements with blocks, and for those whose words are
	// expressions: it reads the whole statement, before any word is evaluated.
	ParseStatement func(t *Table, st *syntax.Statement) (Node, diag.List)
}

// Node is a parsed statement: a pointer to the grammar struct of its verb. It
// implements one of [Planner], [Runner] and [Prober], and may implement [Checker].
type Node any

// Checker is a node with rules of its own that need no lab: options that
// exclude each other, say. Malformed words are found without it.
type Checker interface{ Check() diag.List }

// Planner is a node that changes the lab.
type Planner interface{ Plan(p *Plan) }

// Verb is an entry of the table.
type Verb struct {
	Spec
	// grammars are the grammar structs, one for each form of the statement.
	grammars []reflect.Type
	parse    func(tokens []syntax.Token) (Node, error)
	keywords func() []string
	ebnf     func() string
}

// Define makes a verb whose grammar is the participle struct G. The parser is
// built when it is used for the first time.
func Define[G any](s Spec) *Verb {
	parser := newParser[G]()
	return define(s, []reflect.Type{reflect.TypeFor[G]()}, parser, func(tokens []syntax.Token) (Node, error) {
		return parse(parser(), tokens)
	})
}

// newParser builds a parser at its first use.
func newParser[G any](options ...participle.Option) func() *participle.Parser[G] {
	options = append(options, participle.Lexer(syntax.Definition{}), participle.UseLookahead(participle.MaxLookahead))
	return sync.OnceValue(func() *participle.Parser[G] { return participle.MustBuild[G](options...) })
}

func parse[G any](parser *participle.Parser[G], tokens []syntax.Token) (*G, error) {
	lex, err := syntax.Stream(tokens)
	if err != nil {
		return nil, err
	}
	return parser.ParseFromLexer(lex)
}

func define[G any](s Spec, grammars []reflect.Type, parser func() *participle.Parser[G], read func([]syntax.Token) (Node, error)) *Verb {
	if s.Group == "" {
		s.Group = Building
	}
	return &Verb{
		Spec:     s,
		grammars: grammars,
		parse:    read,
		ebnf:     func() string { return parser().String() },
		keywords: sync.OnceValue(func() []string {
			var words []string
			seen := map[reflect.Type]bool{}
			for _, g := range grammars {
				words = append(words, keywordsOf(g, seen)...)
			}
			return words
		}),
	}
}

// literal finds the quoted words of a grammar tag.
var literal = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'([a-z][a-z0-9-]*)'`) })

// keywordsOf collects the literal words of a grammar, in order.
func keywordsOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var words []string
	for f := range fieldsOf(t) {
		for _, m := range literal().FindAllStringSubmatch(f.Tag.Get("parser"), -1) {
			words = append(words, m[1])
		}
		words = append(words, keywordsOf(f.Type, seen)...)
	}
	return words
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// Patience is how long a probe is asked when the script does not say: see
// [Prober]. Both are 0 for one that looks once, and for what is no probe.
func (v *Verb) Patience() (positive, negative time.Duration) {
	p, ok := reflect.New(v.grammars[0]).Interface().(Prober)
	if !ok {
		return 0, 0
	}
	return p.Patience(false), p.Patience(true)
}

// Keywords are the words that the verb's grammar names, its own name left out.
func (v *Verb) Keywords() []string {
	words := slices.Clone(v.keywords())
	words = slices.DeleteFunc(words, func(w string) bool { return w == v.Name })
	slices.Sort(words)
	return slices.Compact(words)
}

// Parse reads the tokens of one statement. A node is returned only when there
// are no findings.
func (v *Verb) Parse(t *Table, tokens []syntax.Token) (Node, diag.List) {
	if v.Spec.Parse != nil {
		return v.Spec.Parse(t, tokens)
	}
	node, err := v.parse(tokens)
	list := diag.List{}
	if err != nil {
		list.Add(v.explain(tokens, err))
	} else {
		list = Problems(node)
	}
	if err == nil && len(list) > 0 {
		if meant := v.assigned(tokens, list[0]); meant != "" {
			return nil, diag.List{proposed(list[0], tokens, meant)}
		}
	}
	if len(list) > 0 && v.Spelling != nil {
		if d := v.Spelling(tokens); d != nil {
			return nil, diag.List{d}
		}
	}
	return node, list
}

// explain says in our own words why a grammar did not fit; participle only
// tells the place.
func (v *Verb) explain(tokens []syntax.Token, err error) *diag.Diagnostic {
	var perr participle.Error
	i := len(tokens)
	if errors.As(err, &perr) {
		i = min(perr.Position().Column, len(tokens))
	}
	if i == len(tokens) {
		end := tokens[len(tokens)-1].Span.End
		return diag.Incomplete(source.Span{Start: end, End: end}, v.Name).WithHelp("%s", v.usage())
	}
	t := tokens[i]
	d := diag.UnexpectedWord(t.Span, v.Name, t.Text)
	near, meant := diag.Nearest(t.Text, append(v.Keywords(), v.leafWords()...)), v.repair(tokens, i)
	if t.Kind == syntax.Word && near != "" && (meant == "" || v.fitsWith(tokens, i, near)) {
		d.Summary = v.Name + ": there is no option " + `"` + t.Text + `"`
		return d.WithHelp("did you mean %q?\n%s", near, v.usage()).WithFix(t.Span, "", near)
	}
	if meant != "" {
		d = proposed(d, tokens, meant)
		return d.WithHelp("%s%s", v.wrongArrow(t), d.Help)
	}
	return d.WithHelp("%s%s", v.wrongArrow(t), v.usage())
}

// wrongArrow tells the two arrows apart.
func (v *Verb) wrongArrow(t syntax.Token) string {
	cable := len(v.Usage) > 0 && strings.Contains(v.Usage[0], "<->")
	switch {
	case t.Kind == syntax.Arrow && cable:
		return "a cable has two ends: write <->\n"
	case t.Kind == syntax.Cable && !cable:
		return "this goes one way: write ->\n"
	}
	return ""
}

func (v *Verb) usage() string {
	text := ""
	for i, u := range v.Usage {
		if i > 0 {
			text += "\n   or: "
		} else {
			text = "usage: "
		}
		text += u
	}
	return text
}

package main

import (
	"regexp"
	"slices"
	"strings"

	"nsl/lang/verb"
)

// grammar is what colours depend on: the words of the table, by what they are.
type grammar struct {
	// control are the statements of the language itself, statements all others but those
	// with a program's command line, which are programs, and those with a probe, expects.
	control, statements, programs, expects []string
	probes, programProbes                  []string
	// options are the words that the grammars of statements and probes name,
	// programOptions those that may follow the command line of a program.
	options, programOptions []string
}

// The words of expressions and blocks, which no grammar of the table names.
var (
	expression = []string{"and", "false", "in", "not", "or", "true"}
	branches   = []string{"else"}
)

// The regular expressions of values, in the part of the syntax that is the same in all
// editors but Vim. None begins or ends within a word.
const (
	macPattern      = `[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}`
	ipv4Pattern     = `[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?`
	ipv6Pattern     = `[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?`
	rangePattern    = `[0-9]+\.\.[0-9]+`
	numberPattern   = `[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|[kmgt]?bit|[kmg]?b|%)?`
	endpointPattern = `[A-Za-z_*][A-Za-z0-9_.@*-]*:[A-Za-z0-9_.@*-]+`
	operatorPattern = `<->|->|[=!<>]=|[-+*/%=<>]`
	namePattern     = `[A-Za-z_][A-Za-z0-9_]*`
	callPattern     = `[A-Za-z_][A-Za-z0-9_.-]*`
	rowPattern      = `[A-Za-z_*][A-Za-z0-9_.@*-]*:` // of a matrix
)

// addressPattern is any address or prefix.
const addressPattern = macPattern + "|" + ipv4Pattern + "|" + ipv6Pattern

// quantityPattern is any number, with its unit.
const quantityPattern = rangePattern + "|" + numberPattern

func grammarOf(t *verb.Table) grammar {
	g := grammar{control: branches, options: slices.Clone(expression)}
	for _, v := range t.Verbs() {
		list := &g.statements
		switch {
		case v.Role == verb.RoleProgram:
			list = &g.programs
		case v.Role == verb.RoleExpect:
			list = &g.expects
		case v.Group == verb.Language || v.Role == verb.RoleTest:
			list = &g.control
		}
		*list = append(*list, v.Name)
		g.options = append(g.options, v.Keywords()...)
	}
	for _, p := range t.Probes() {
		if p.Role == verb.RoleProgram {
			g.programProbes = append(g.programProbes, p.Name)
			g.programOptions = append(g.programOptions, inUsage(p)...)
		} else {
			g.probes = append(g.probes, p.Name)
		}
		g.options = append(g.options, p.Keywords()...)
	}
	// A record of dns is called a, and so are many nodes.
	g.options = slices.DeleteFunc(g.options, func(w string) bool { return len(w) == 1 })
	return g
}

// inUsage are the options that a verb's usage shows, for those whose grammar does not
// name them.
func inUsage(v *verb.Verb) []string {
	var list []string
	for _, m := range option.FindAllStringSubmatch(strings.Join(v.Usage, "\n"), -1) {
		list = append(list, m[1])
	}
	return list
}

var option = regexp.MustCompile(`\[([a-z]+) `)

// oneOf matches the words, longer ones first: some engines take the first that fits.
func oneOf(words []string) string {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b string) int {
		if n := len(b) - len(a); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	words = slices.Compact(words)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return strings.Join(words, "|")
}

package shell

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// Word is a word of a command, as it was written.
type Word struct {
	// Start and End are its place in the text.
	Start, End int
	// Inner is the place of what is between the quotes, if they hold all of the word and
	// nothing in them is escaped; else it is 0.
	Inner int
	word  *syntax.Word
}

func (r reader) word(w *syntax.Word) Word {
	out := Word{Start: int(w.Pos().Offset()), End: int(w.End().Offset()), word: w} //nolint:gosec // places in a text
	text := r.text[out.Start:out.End]
	if n := len(text); n > 1 && (text[0] == '\'' || text[0] == '"') && len(w.Parts) == 1 && !strings.Contains(text, `\`) {
		out.Inner = out.Start + 1
	}
	return out
}

// ErrUnset is the error of a word that reads a variable which is not there; the error
// names it.
var ErrUnset = errors.New("unset variable")

// ErrSubstitution is the error of a word with a command in $(…) that only a shell can run.
var ErrSubstitution = errors.New("only $(seq …) is done in a command line here")

// IsPattern reports a word for which the shell puts the names of files: a path with a
// sign of a pattern outside of quotes.
func (w Word) IsPattern() bool {
	if w.word == nil || len(w.word.Parts) == 0 {
		return false
	}
	path, pattern := false, false
	for _, part := range w.word.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			path = path || strings.Contains(lit.Value, "/")
			pattern = pattern || strings.ContainsAny(strings.ReplaceAll(lit.Value, `\*`, ""), "*?")
		}
	}
	return path && pattern
}

// maxFields bounds how many words one may become.
const maxFields = 10000

// Fields are the words that the shell would make of this one. value says what
// variables hold. Of the commands in $(…) only seq is done.
func (w Word) Fields(value func(name string) (string, bool)) ([]string, error) {
	if w.word == nil {
		return []string{""}, nil
	}
	list, err := expanded(w.word, value, func(cfg *expand.Config, word *syntax.Word) ([]string, error) { return expand.Fields(cfg, word) })
	if len(list) > maxFields {
		return nil, fmt.Errorf("%d words", len(list))
	}
	return list, err
}

// expanded is what a way to expand makes of a word.
func expanded[T any](w *syntax.Word, value func(name string) (string, bool), how func(*expand.Config, *syntax.Word) (T, error)) (T, error) {
	v := &variables{value: value, names: readsOf(w)}
	out, err := how(v.config(sequence(v)), w)
	if v.missing != "" {
		err = fmt.Errorf("%w: %s", ErrUnset, v.missing)
	}
	return out, err
}

// variables answers for the values of nsl, and remembers the first that is not there.
type variables struct {
	value func(name string) (string, bool)
	// names are those that the word reads: the shell looks for others of its own.
	names   []string
	missing string
}

// config is what an expansion may do: no program runs, and so there is no output of one to read.
func (v *variables) config(substitute func(io.Writer, *syntax.CmdSubst) error) *expand.Config {
	return &expand.Config{Env: v, CmdSubst: substitute,
		ProcSubst: func(*syntax.ProcSubst) (string, error) { return "", ErrSubstitution }}
}

func (v *variables) Get(name string) expand.Variable {
	if !slices.Contains(v.names, name) {
		return expand.Variable{}
	}
	text, ok := v.value(name)
	if !ok && v.missing == "" {
		v.missing = name
	}
	return expand.Variable{Set: ok, Kind: expand.String, Str: text}
}

func (v *variables) Each(func(name string, vr expand.Variable) bool) {}

// sequence does $(seq [A] B).
func sequence(v *variables) func(io.Writer, *syntax.CmdSubst) error {
	return func(out io.Writer, c *syntax.CmdSubst) error {
		var words []string
		if len(c.Stmts) == 1 {
			if call, ok := c.Stmts[0].Cmd.(*syntax.CallExpr); ok && len(c.Stmts[0].Redirs) == 0 {
				words, _ = expand.Fields(v.config(nil), call.Args...)
			}
		}
		if len(words) < 2 || len(words) > 3 || words[0] != "seq" {
			return ErrSubstitution
		}
		first, err1 := strconv.Atoi(words[len(words)-2])
		if len(words) == 2 {
			first, err1 = 1, nil
		}
		last, err2 := strconv.Atoi(words[len(words)-1])
		if err := errors.Join(err1, err2); err != nil || last-first > maxFields {
			return errors.New("seq takes one or two small numbers here")
		}
		for i := first; i <= last; i++ {
			fmt.Fprintln(out, i)
		}
		return nil
	}
}

// Reads are the names of the variables that a text of the shell reads, those that it sets
// itself aside; none of a text that cannot be read.
func Reads(text string) []string {
	f, err := parse(text)
	if err != nil {
		return nil
	}
	return readsOf(f)
}

func readsOf(n syntax.Node) []string {
	var names []string
	own := map[string]bool{}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.WordIter:
			own[n.Name.Value] = true
		case *syntax.Assign:
			if n.Name != nil {
				own[n.Name.Value] = true
			}
		case *syntax.ParamExp:
			if !own[n.Param.Value] {
				names = append(names, n.Param.Value)
			}
		case *syntax.ArithmExp:
			names = append(names, inArithmetic(n.X, own)...)
		}
		return true
	})
	return names
}

// inArithmetic are the variables that an arithmetic expression reads by their names alone.
func inArithmetic(x syntax.ArithmExpr, own map[string]bool) []string {
	var names []string
	syntax.Walk(x, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok {
			if name := w.Lit(); syntax.ValidName(name) && !own[name] {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

package shell

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Statement is a statement of the shell; it is one of [*Simple], [*Pair], [*Not], [*If],
// [*Loop], [*Group] and [*Other].
type Statement interface{ statement() }

// Simple is a command with its words, or only assignments.
type Simple struct {
	Words     []Word
	Redirects []Redirect
	// Assigns are the variables that are set before it.
	Assigns []Assign
	// Background: it ends with "&".
	Background bool
	// Input is the here-document or here-string that it reads, or nil.
	Input *Input
	// Text is all of it, as it was written.
	Text string
}

// Redirect is "> FILE" and its like: Op is the sign with what is before it.
type Redirect struct {
	Op   string
	File Word
}

// Assign is NAME=VALUE.
type Assign struct {
	Name  string
	Value Word
}

// Pair is two statements with "&&", "||" or "|" between them.
type Pair struct {
	Op   string
	X, Y Statement
	Text string
}

// Not is a statement after "!".
type Not struct {
	X    Statement
	Text string
}

// If is a condition without elif.
type If struct {
	Cond, Then, Else []Statement
	Text             string
}

// Loop is a for, while or until loop.
type Loop struct {
	// Word is "for", "while" or "until".
	Word string
	// Name and Items are those of a for loop.
	Name  string
	Items []Word
	// Cond is the condition of the others.
	Cond, Body []Statement
	Text       string
}

// Group is what is between braces or parentheses. Apart: what is set in it counts only there.
type Group struct {
	List  []Statement
	Apart bool
}

// Other is what this package does not take apart: case, functions, subshells, …
type Other struct{ Text string }

func (*Simple) statement() {}
func (*Pair) statement()   {}
func (*Not) statement()    {}
func (*If) statement()     {}
func (*Loop) statement()   {}
func (*Group) statement()  {}
func (*Other) statement()  {}

// Error is a text that no shell takes.
type Error struct {
	// At is the place in the text.
	At      int
	Message string
}

func (e *Error) Error() string { return e.Message }

// Parse reads a text of the shell, prompts aside. An error is an [*Error].
func Parse(text string) ([]Statement, error) {
	f, err := parse(text)
	var perr syntax.ParseError
	if errors.As(err, &perr) {
		return nil, &Error{At: int(perr.Pos.Offset()), Message: perr.Text} //nolint:gosec // a text's length
	}
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	r := reader{text}
	return r.statements(f.Stmts), nil
}

type reader struct{ text string }

func (r reader) statements(list []*syntax.Stmt) []Statement {
	out := make([]Statement, len(list))
	for i, s := range list {
		out[i] = r.statement(s)
	}
	return out
}

func (r reader) statement(s *syntax.Stmt) Statement {
	other := &Other{Text: r.source(s)}
	switch {
	case s.Coprocess:
		return other
	case s.Negated:
		inner := *s
		inner.Negated = false
		return &Not{X: r.statement(&inner), Text: other.Text}
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		return r.simple(s, c)
	case *syntax.DeclClause:
		return r.declares(s, c)
	case *syntax.Block:
		if len(s.Redirs) == 0 && !s.Background {
			return &Group{List: r.statements(c.Stmts)}
		}
	case *syntax.Subshell:
		if len(s.Redirs) == 0 && !s.Background {
			return &Group{List: r.statements(c.Stmts), Apart: true}
		}
	case *syntax.BinaryCmd:
		if c.Op == syntax.AndStmt || c.Op == syntax.OrStmt || c.Op == syntax.Pipe {
			return &Pair{Op: c.Op.String(), X: r.statement(c.X), Y: r.statement(c.Y), Text: other.Text}
		}
	case *syntax.IfClause:
		return r.condition(c, other)
	case *syntax.ForClause:
		if it, ok := c.Loop.(*syntax.WordIter); ok && !c.Select {
			return &Loop{Word: "for", Name: it.Name.Value, Items: r.words(it.Items), Body: r.statements(c.Do), Text: other.Text}
		}
	case *syntax.WhileClause:
		word := "while"
		if c.Until {
			word = "until"
		} else if n := len(c.Cond); n == 1 && c.Cond[0].Negated {
			word, c.Cond[0].Negated = "until", false
		}
		return &Loop{Word: word, Cond: r.statements(c.Cond), Body: r.statements(c.Do), Text: other.Text}
	}
	return other
}

// condition is if; one with elif, or of which something is redirected, is other.
func (r reader) condition(c *syntax.IfClause, other *Other) Statement {
	out := &If{Cond: r.statements(c.Cond), Then: r.statements(c.Then), Text: other.Text}
	if c.Else != nil {
		if len(c.Else.Cond) > 0 {
			return other
		}
		out.Else = r.statements(c.Else.Then)
	}
	return out
}

// declares is export NAME=VALUE and its like: it sets variables.
func (r reader) declares(s *syntax.Stmt, c *syntax.DeclClause) Statement {
	out := &Simple{}
	for _, a := range c.Args {
		if a.Array != nil || a.Append {
			return &Other{Text: r.source(s)}
		}
		if !a.Naked && a.Name != nil && a.Value != nil {
			out.Assigns = append(out.Assigns, Assign{Name: a.Name.Value, Value: r.word(a.Value)})
		}
	}
	if len(out.Assigns) == 0 {
		return &Other{Text: r.source(s)}
	}
	return out
}

func (r reader) simple(s *syntax.Stmt, c *syntax.CallExpr) Statement {
	out := &Simple{Words: r.words(c.Args), Background: s.Background, Text: r.source(s)}
	for _, a := range c.Assigns {
		if a.Name == nil || a.Array != nil || a.Append {
			return &Other{Text: r.source(s)}
		}
		value := Word{}
		if a.Value != nil {
			value = r.word(a.Value)
		}
		out.Assigns = append(out.Assigns, Assign{Name: a.Name.Value, Value: value})
	}
	for _, rd := range s.Redirs {
		op := rd.Op.String()
		if rd.N != nil {
			op = rd.N.Value + op
		}
		if in := r.input(rd); in != nil && rd.N == nil {
			out.Input = in
			continue
		}
		if rd.Word == nil || rd.Hdoc != nil || rd.Op == syntax.RdrIn || rd.Op == syntax.WordHdoc {
			return &Other{Text: r.source(s)}
		}
		out.Redirects = append(out.Redirects, Redirect{Op: op, File: r.word(rd.Word)})
	}
	return out
}

func (r reader) source(s *syntax.Stmt) string {
	return strings.TrimSpace(r.text[s.Pos().Offset():docsEnd(r.text, s, int(s.End().Offset()))]) //nolint:gosec // places in a text
}

func (r reader) words(list []*syntax.Word) []Word {
	out := make([]Word, len(list))
	for i, w := range list {
		out[i] = r.word(w)
	}
	return out
}

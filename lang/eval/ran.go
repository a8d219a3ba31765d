package eval

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Ran is how a program ended that the script ran, as $out and $status read it.
type Ran struct {
	// Out is what it wrote, the newline at its end taken off; nil when it was not kept.
	Out Value
	// Status is its exit code.
	Status Value
}

// NewRan is the result of a program that wrote out and ended with code. A longer
// text than limit (bytes) is cut.
func NewRan(out string, code, limit int) *Ran {
	if len(out) > limit {
		out = out[:limit]
	}
	return &Ran{Out: Str(strings.TrimRight(strings.ToValidUTF8(out, "?"), "\n")), Status: Int(code)}
}

// UnknownRan is the result of a program in a check: only a run can tell.
func UnknownRan() *Ran { return &Ran{Out: Unknown{Str("")}, Status: Unknown{Int(1)}} }

// The names under which the result of the last program is read.
const (
	outName    = "out"
	statusName = "status"
)

// IsResult reports whether a name reads the result of the last program, where
// nothing else is bound to it.
func IsResult(name string) bool { return name == outName || name == statusName }

// result is the value of $out or $status.
func (c *Context) result(e variable) (Value, *diag.Diagnostic) {
	switch {
	case c.Ran == nil:
		return nil, diag.Errorf(diag.BadVariable, e.at, "$%s is of the last program that exec ran, and none was run", e.name).
			WithHelp("run one first: exec red ip addr")
	case e.name == statusName:
		return c.Ran.Status, nil
	case c.Ran.Out == nil:
		return nil, diag.Errorf(diag.BadVariable, e.at, "what the program wrote was not kept").
			WithHelp("it is, once $out was read: run the program again")
	}
	return c.Ran.Out, nil
}

// readsOut finds $out and ${…out…} in a word.
var readsOut = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$(out\b|\{[^}]*\bout\b)`) })

// ReadsOut reports whether statements read $out, or may: those of modules are not
// known before they are used.
func ReadsOut(table *verb.Table, list []*syntax.Statement) bool {
	return slices.ContainsFunc(list, func(st *syntax.Statement) bool {
		if st.Bad {
			return false
		}
		if table.Role(st.Verb()) == verb.RoleUse {
			return true
		}
		return slices.ContainsFunc(st.Parts, func(p syntax.Part) bool {
			return slices.ContainsFunc(p.Tokens, func(t syntax.Token) bool {
				return t.Kind == syntax.Foreign && strings.Contains(t.Text, "=$(") || t.Dynamic && strings.Contains(t.Text, "out") && readsOut().MatchString(t.Text)
			}) ||
				p.Block != nil && ReadsOut(table, p.Block.Statements)
		})
	})
}

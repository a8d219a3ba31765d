package repl

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// translate notes what a command of another program is in nsl.
func (p *prompt) translate(_ verb.Command, t verb.Translation) {
	p.translated = append(p.translated, t)
}

// inNSL says what was typed in the words of other programs, in nsl.
func (p *prompt) inNSL() {
	var lines []string
	for _, t := range p.translated {
		if !t.Quiet && len(t.Statements) > 0 {
			lines = append(lines, "in nsl: "+strings.Join(t.Statements, "; "))
		}
		if t.Hint != "" {
			lines = append(lines, t.Hint+" does this, and more")
		}
		if t.Note != "" {
			lines = append(lines, t.Note)
		}
	}
	p.some(lines)
}

// translated notes what the saved script has of a command line.
func (e *entry) translated(st *syntax.Statement, list []verb.Translation) {
	if st.Verb().Kind != syntax.Foreign {
		return
	}
	var lines []string
	for _, t := range list {
		if !t.Quiet || e.changes {
			lines = append(lines, t.Statements...)
		}
	}
	if len(lines) == 0 {
		lines = []string{"# " + oneLine(e.text)}
	}
	e.ours = commentAbove("\n"+e.text) + strings.Join(lines, "\n")
}

// saved is the text of a statement in the saved script.
func (e *entry) saved() string {
	if e.ours != "" {
		return e.ours
	}
	return e.text
}

// warn reports what is odd about a text that is right; what is pending was reported.
func (p *prompt) warn(tree *syntax.Tree, pending string) {
	var list diag.List
	for _, d := range tree.Diags {
		if d.Severity == diag.Warning && d.Subject.Start >= tree.File.Base+len(pending) {
			list.Add(d)
		}
	}
	p.report(list)
}

package verb

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Foreign reads command lines of other programs and says what they are in nsl.
type Foreign interface {
	// Extent is the length of the command line that a text begins with, 0 where it
	// begins with a statement of nsl. inBlock: the text is in a block. open: it may go on.
	Extent(text string, inBlock bool) (n int, open bool)
	// First is the word that a line begins with, prompts and sudo aside. Where a node
	// that is called own exists, the line is a statement of nsl: route red default ….
	First(line string) (word, own string)
	// Variables are the names of the variables that a line reads, and of those that it sets.
	Variables(line string) (reads, sets []string)
	// Commands are the commands of a line, loops unrolled. at is the place of the line;
	// value says what variables hold. An error of value is returned as it is.
	Commands(line string, at source.Span, value func(name string) (string, error)) ([]Command, error)
	// Pasted is, in nsl, what a comment would do if its "#" were the prompt of root; ""
	// where it is text.
	Pasted(comment string) string
}

// Command is a command of another program.
type Command interface {
	// Translate says what the command is in nsl, for the lab as it is. A mistake in it is
	// reported with the line that was meant.
	Translate(lab Lab) (Translation, *diag.Diagnostic)
	// MayFail: the line goes on after an error (|| true).
	MayFail() bool
	// Failed is called after an error of one that may fail: others of the line are done
	// only then, or not (|| and &&).
	Failed()
	// Words are the words of the command with their places.
	Words() []syntax.Text
	// At is the place of the command.
	At() source.Span
}

// Translation is what a command is in nsl.
type Translation struct {
	// Statements are whole statements; there may be none.
	Statements []string
	// Hint is a shorter statement that does more.
	Hint string
	// Note is what has to be known beside.
	Note string
	// Asks: the statements show or expect something. Quiet: they only print what the
	// command would. Passed: the program itself does the command.
	Asks, Quiet, Passed bool
	// Reads is the program that answers a command which changes nothing, if it is
	// installed: the statements then only say what is near to it in nsl.
	Reads Reading
}

// Reading is a program that is run for what it prints, and the node where it runs. It is
// none without words.
type Reading struct {
	Node string
	Argv []string
	// MayFail: the line goes on whatever its exit code is, as in a shell.
	MayFail bool
}

// Line implements [syntax.Dialect].
func (t *Table) Line(text string, inBlock bool) (n int, open bool) {
	if t.Foreign == nil {
		return 0, false
	}
	return t.Foreign.Extent(text, inBlock)
}

// ownOnly is the dialect of a table without the lines of other programs.
type ownOnly struct{ *Table }

// Line finds none.
func (ownOnly) Line(string, bool) (n int, open bool) { return 0, false }

// pasted are warnings about comments that are commands after the prompt of root.
func (t *Table) pasted(tree *syntax.Tree) diag.List {
	var list diag.List
	for i, tok := range tree.Tokens {
		begins := i == 0 || tree.Tokens[i-1].Kind == syntax.End || tree.Tokens[i-1].Kind == syntax.BlockOpen
		if tok.Kind != syntax.Comment || !begins || t.Foreign == nil {
			continue
		}
		if ours := t.Foreign.Pasted(tok.Text); ours != "" {
			d := diag.Errorf(diag.PastedRoot, tok.Span, "a comment: nothing is done")
			d.Severity = diag.Warning
			list.Add(d.WithHelp("if # is the prompt of root, leave it out; in nsl: %s", ours).
				WithFix(tok.Span, "", strings.TrimPrefix(tok.Text, "# ")))
		}
	}
	return list
}

// OwnDialect is the dialect of a table without the command lines of other programs.
func (t *Table) OwnDialect() syntax.Dialect { return ownOnly{t} }

// Own reads the line of another program as statements of nsl: of functions that are called
// like a program, and of nodes.
func (t *Table) Own(line syntax.Token) *syntax.Tree {
	return syntax.SplitAs(&source.File{Text: line.Text, Base: line.Span.Start}, ownOnly{t})
}

// InNSL reads the translation of a command. All words have places in the command: that of
// the same word, or of all of it.
func (t *Table) InNSL(text string, c Command) *syntax.Tree {
	tree := syntax.SplitAs((&source.Set{}).Add("", text), ownOnly{t})
	words := map[string]source.Span{}
	for _, w := range c.Words() {
		words[w.Value] = w.Span
	}
	place(tree.Statements, c.At(), words)
	for _, d := range tree.Diags {
		d.Subject = c.At()
	}
	return tree
}

func place(list []*syntax.Statement, at source.Span, words map[string]source.Span) {
	for _, st := range list {
		st.Span = at
		for _, part := range st.Parts {
			for i := range part.Tokens {
				part.Tokens[i].Span = placeOf(part.Tokens[i], at, words)
			}
			if part.Block != nil {
				part.Block.Span = at
				place(part.Block.Statements, at, words)
			}
		}
	}
}

func placeOf(t syntax.Token, at source.Span, words map[string]source.Span) source.Span {
	if span, ok := words[t.Value()]; ok && t.Kind == syntax.Word {
		return span
	}
	return at
}

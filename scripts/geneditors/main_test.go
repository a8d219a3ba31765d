package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib"
)

const editors = "../editors"

func TestFilesAreUpToDate(t *testing.T) {
	for name, want := range files(grammarOf(stdlib.Table())) {
		if got, err := os.ReadFile(filepath.Join(editors, name)); err != nil || string(got) != want {
			t.Errorf("%s is stale (make generate): %v", name, err)
		}
	}
}

// TestNoListIsEmpty: an empty alternative fits everywhere, and ends what it is in.
func TestNoListIsEmpty(t *testing.T) {
	g := grammarOf(stdlib.Table())
	for _, list := range [][]string{g.control, g.statements, g.programs, g.expects, g.probes, g.programProbes, g.options} {
		if len(list) == 0 {
			t.Errorf("an empty list: %q", g)
		}
	}
	if !slices.Contains(g.programOptions, "exits") || !slices.Contains(g.programOptions, "prints") {
		t.Errorf("options after the command line of a program: %q", g.programOptions)
	}
}

// place is a word of a script, and the groups of which its colour has to be one.
type place struct {
	file         string
	line, column int
	text         string
	groups       []string
}

// labs are the scripts that are looked at.
func labs(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, dir := range []string{"../labs", "../../stdlib/std"} {
		found, err := filepath.Glob(filepath.Join(dir, "*.nsl"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no labs in %s: %v", dir, err)
		}
		list = append(list, found...)
	}
	return list
}

type reader struct {
	table  *verb.Table
	file   *source.File
	places []place
}

func places(t *testing.T, table *verb.Table) []place {
	t.Helper()
	var list []place
	for _, name := range labs(t) {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, placesOf(table, path, readLab(t, path))...)
	}
	return list
}

// placesOf are those of one script.
func placesOf(table *verb.Table, name, text string) []place {
	r := &reader{table: table, file: new(source.Set).Add(name, text)}
	tree := table.Split(r.file)
	for _, tok := range tree.Tokens {
		r.token(tok)
	}
	r.statements(tree.Statements)
	return r.places
}

func (r *reader) add(tok syntax.Token, groups ...string) {
	before := r.file.Text[:tok.Span.Start-r.file.Base]
	r.places = append(r.places, place{r.file.Name, strings.Count(before, "\n") + 1,
		len(before) - strings.LastIndex(before, "\n"), tok.Text, groups})
}

var number = regexp.MustCompile(`^[0-9]+(ms|s|m|mbit|kbit|%)?$`)

// token adds what is coloured wherever it is.
func (r *reader) token(tok syntax.Token) {
	_, notAddress := netip.ParseAddr(tok.Text)
	_, notPrefix := netip.ParsePrefix(tok.Text)
	switch {
	case tok.Kind == syntax.Comment:
		r.add(tok, "nslComment")
	case tok.Kind == syntax.String:
		r.add(tok, "nslString")
	case tok.Argument:
	case tok.Kind == syntax.Arrow, tok.Kind == syntax.Cable, tok.Kind == syntax.ListOpen, tok.Kind == syntax.ListClose, tok.Kind == syntax.Compare:
		r.add(tok, "nslOperator")
	case tok.Kind != syntax.Word || tok.Dynamic:
	case notAddress == nil, notPrefix == nil:
		r.add(tok, "nslAddress")
	case number.MatchString(tok.Text):
		r.add(tok, "nslNumber")
	}
}

func (r *reader) statements(list []*syntax.Statement) {
	for _, st := range list {
		r.statement(st)
		for _, p := range st.Parts {
			if p.Block != nil {
				r.statements(p.Block.Statements)
			}
		}
	}
}

// statement adds the words that its grammar names.
func (r *reader) statement(st *syntax.Statement) {
	head := st.Head()
	if len(head) == 0 || head[0].Kind != syntax.Word || head[0].Dynamic {
		return
	}
	v := r.table.Verb(head[0].Text)
	switch {
	case v == nil && strings.HasSuffix(head[0].Text, ":"):
		r.add(head[0], "nslEndpoint")
		return
	case v == nil && slices.Contains(grammarOf(r.table).options, head[0].Text):
		r.add(head[0], "nslOption")
		return
	case v == nil:
		r.add(head[0], "nslCall", "nslAddress")
		return
	case v.Role == verb.RoleExpect:
		r.add(head[0], "nslExpect")
		r.probe(head[1:])
		return
	case v.Group == verb.Language || v.Role == verb.RoleTest:
		r.add(head[0], "nslControl")
	default:
		r.add(head[0], "nslStatement")
	}
	r.options(head[1:], v)
}

func (r *reader) probe(head []syntax.Token) {
	if head[0].Text == "not" {
		r.add(head[0], "nslNot")
		head = head[1:]
	}
	p := r.table.Probe(head[0].Text)
	if p == nil {
		return
	}
	r.add(head[0], "nslProbe", "nslProgramProbe")
	r.options(head[1:], p)
}

func (r *reader) options(list []syntax.Token, v *verb.Verb) {
	for i, tok := range list {
		if tok.Kind == syntax.Word && !tok.Argument && len(tok.Text) > 1 && slices.Contains(v.Keywords(), tok.Text) && (i > 0 || v.Role != verb.RoleProgram) {
			r.add(tok, "nslOption", "nslOptionInside", "nslProgramOption", "nslControl")
		}
	}
}

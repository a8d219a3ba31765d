package lsp_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/lsp"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/stdlib"
)

// scripts are all labs, and scripts with errors of all kinds.
func scripts(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"../../scripts/labs/*.nsl", "../../stdlib/testdata/errors/*.nsl", "../check/testdata/*.nsl"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, names...)
	}
	if len(list) < 20 {
		t.Fatalf("only %d scripts", len(list))
	}
	return list
}

func TestDiagnosticsAreThoseOfCheck(t *testing.T) {
	e := newEditor(t)
	for _, name := range scripts(t) {
		name, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		uri := "file://" + name
		e.open(uri, string(text))
		agree(t, name, string(text), e.diagnostics(uri))
		e.notify("textDocument/didClose", object{"textDocument": object{"uri": uri}})
	}
}

// agree compares what an editor shows with the findings of nsl check.
func agree(t *testing.T, name, text string, got []lsp.Diagnostic) {
	t.Helper()
	set := &source.Set{}
	set.Add(name, text)
	_, want := language().CheckAll(set, script.DefaultOptions())
	if len(got) != len(want) {
		t.Errorf("%s: %d findings, and %d of check:\n%v\n%v", name, len(got), len(want), got, want)
		return
	}
	for i, d := range want {
		if got[i].Code != string(d.Code) || !strings.Contains(got[i].Message, d.Summary) ||
			(got[i].Severity == 2) != (d.Severity == diag.Warning) {
			t.Errorf("%s: finding %d is %+v, and of check %s %s", name, i, got[i], d.Code, d.Summary)
		}
		from := set.Position(d.Subject.Start)
		if !d.Subject.IsZero() && from.File.Name == name && from.Line-1 != got[i].Range.Start.Line {
			t.Errorf("%s: finding %d is in line %d, and of check in line %d", name, i, got[i].Range.Start.Line+1, from.Line)
		}
	}
}

func TestColumnsAreUTF16(t *testing.T) {
	e := newEditor(t)
	e.open(doc, "ns red; print \"𝄞é\"; link red <-> bleu\n")
	got := e.diagnostics(doc)
	// In code points bleu begins at 35, and the clef is two units.
	want := lsp.Range{Start: lsp.Position{Character: 34}, End: lsp.Position{Character: 38}}
	if len(got) != 1 || got[0].Range != want {
		t.Errorf("%+v", got)
	}
	at := lsp.Position{Character: 15}
	e.change(doc, object{"range": lsp.Range{Start: at, End: lsp.Position{Character: 17}}, "text": "g"},
		object{"range": lsp.Range{Start: lsp.Position{Character: 33}, End: lsp.Position{Character: 37}}, "text": "host"})
	if got := e.diagnostics(doc); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAModuleThatChangesIsLookedAtAgain(t *testing.T) {
	dir := t.TempDir()
	main, module := "file://"+dir+"/main.nsl", "file://"+dir+"/m.nsl"
	e := newEditor(t)
	e.open(module, "def two() { ns red blue }\n")
	e.diagnostics(module)
	e.open(main, "use \"m.nsl\"\ntwo\nlink red <-> blue\n")
	if got := e.diagnostics(main); len(got) != 0 {
		t.Fatalf("the module that is only in the editor: %+v", got)
	}
	e.change(module, object{"text": "def two() { ns red }\n"})
	if got := e.diagnostics(main); len(got) != 1 || got[0].Code != string(diag.UnknownNode) {
		t.Errorf("%+v", got)
	}
}

func TestEnd(t *testing.T) {
	e := newEditor(t)
	e.call("shutdown", nil, nil)
	e.notify("exit", nil)
	if err := <-e.served; err != nil {
		t.Error(err)
	}
	e = newEditor(t)
	e.notify("exit", nil)
	if err := <-e.served; !errors.Is(err, lsp.ErrNoShutdown) {
		t.Error(err)
	}
}

func TestWhatIsWrongIsAnswered(t *testing.T) {
	e := newEditor(t)
	for _, c := range []struct {
		method string
		params any
	}{
		{"textDocument/hover", object{"textDocument": object{"uri": "file:///not-open.nsl"}}},
		{"textDocument/hover", []int{1}},
		{"no/such", nil},
	} {
		if err := e.try(c.method, c.params, nil); err == nil {
			t.Errorf("%s %v: no error", c.method, c.params)
		}
	}
	e.open(doc, "ns red\n")
	if got := e.diagnostics(doc); len(got) != 0 {
		t.Errorf("after it: %+v", got)
	}
}

// faulty is a library with which the check breaks down.
type faulty struct{}

func (faulty) Open(string) (fs.File, error) { panic("broken") }

func TestAFaultIsShown(t *testing.T) {
	e := newEditorOf(t, script.Language{Table: stdlib.Table(), Library: faulty{}})
	e.open(doc, "link red <-> blue\n")
	if got := e.diagnostics(doc); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	e.change(doc, object{"text": "use std/lan\n"})
	if got := e.diagnostics(doc); len(got) != 1 || !strings.Contains(got[0].Message, "nsl failed: broken") {
		t.Errorf("%+v", got)
	}
}

func TestWorkWhileTypingIsBounded(t *testing.T) {
	e := newEditor(t)
	e.open(doc, "for i in 1..100000 { for j in 1..100000 { print $i $j } }\n")
	if got := e.diagnostics(doc); len(got) != 0 {
		t.Errorf("the server's bound is no finding: %+v", got)
	}
}

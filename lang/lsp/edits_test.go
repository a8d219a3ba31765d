package lsp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"nsl/lang/lsp"
	"nsl/lang/script"
	"nsl/lang/source"
)

// TestEditsNeverMislead makes random edits, as many as NSL_EDITS says and others for
// each NSL_EDITS_SEED, and asks about random places meanwhile. The server answers each question, and what it shows is what a
// fresh check finds.
func TestEditsNeverMislead(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("NSL_EDITS"))
	if err != nil {
		n = 300
	}
	seed, err := strconv.ParseUint(os.Getenv("NSL_EDITS_SEED"), 10, 64)
	if err != nil {
		seed = 1
	}
	t.Logf("NSL_EDITS=%d NSL_EDITS_SEED=%d", n, seed)
	r := rand.New(rand.NewPCG(seed, uint64(n))) //nolint:gosec // the same edits each time
	e := newEditor(t)
	pieces := pieces(t)
	text := twoNodes
	e.open(doc, text)
	for i := range n {
		text = e.edit(r, text, pieces)
		if i%3 == 0 {
			e.question(r, text)
		}
		if i%5 == 0 || i == n-1 {
			agree(t, "/lab/a.nsl", text, e.diagnostics(doc))
		}
		if t.Failed() {
			t.Fatalf("after edit %d:\n%s", i, text)
		}
	}
}

// pieces are lines of scripts, and what spoils them.
func pieces(t testing.TB) []string {
	list := []string{"{", "}", "\n", "\"", "<", ">", "$", "${", "->", "#", " ", "é", "𝄞", "\r\n", "ip link add x type veth", "ns red", "test \"x\" {\n", "use \"m.nsl\"\n"}
	for _, name := range scripts(t)[:12] {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.SplitAfter(string(text), "\n")...)
	}
	return list
}

// edit replaces a random part of the text, in the editor as in the text that is returned.
func (e *editor) edit(r *rand.Rand, text string, pieces []string) string {
	runes := []rune(text)
	from := r.IntN(len(runes) + 1)
	to := min(len(runes), from+r.IntN(4))
	if r.IntN(10) == 0 || len(runes) > 1500 {
		to = min(len(runes), from+r.IntN(200))
	}
	// No place of the protocol is within the end of a line.
	if inEnding(runes, from) {
		from--
	}
	if inEnding(runes, to) {
		to++
	}
	piece := pieces[r.IntN(len(pieces))]
	before, gone := string(runes[:from]), string(runes[from:to])
	e.change(doc, object{"range": lsp.Range{Start: end(before), End: end(before + gone)}, "text": piece})
	return before + piece + string(runes[to:])
}

func inEnding(text []rune, at int) bool {
	return at > 0 && at < len(text) && text[at-1] == '\r' && text[at] == '\n'
}

// end is the place at the end of a text.
func end(text string) lsp.Position {
	line := strings.Count(text, "\n")
	n := 0
	for _, c := range text[strings.LastIndex(text, "\n")+1:] {
		if n++; c >= 0x10000 {
			n++
		}
	}
	return lsp.Position{Line: line, Character: n}
}

// question asks something about a random place; any answer but a fault of the server's will do.
func (e *editor) question(r *rand.Rand, text string) {
	methods := []string{"hover", "completion", "signatureHelp", "definition", "references", "documentHighlight", "prepareRename", "rename",
		"documentSymbol", "foldingRange", "documentLink", "codeLens", "codeAction", "formatting", "rangeFormatting", "inlayHint", "semanticTokens/full"}
	method := "textDocument/" + methods[r.IntN(len(methods))]
	at := lsp.Position{Line: r.IntN(strings.Count(text, "\n") + 2), Character: r.IntN(40)}
	err := e.try(method, object{"textDocument": object{"uri": doc}, "position": at, "newName": "new",
		"range": lsp.Range{Start: at, End: lsp.Position{Line: at.Line + 3}}, "context": object{}}, nil)
	var known *jsonrpc2.Error
	if err != nil && (!errors.As(err, &known) || known.Code == jsonrpc2.CodeInternalError) {
		e.t.Errorf("%s at %v: %v", method, at, err)
	}
}

// BenchmarkKeystroke is from an edit in a script of 1001 lines to its diagnostics.
func BenchmarkKeystroke(b *testing.B) {
	var text strings.Builder
	text.WriteString("ns hub\n")
	for i := range 500 {
		fmt.Fprintf(&text, "ns n%d\nlink n%d <-> hub\n", i, i)
	}
	e := newEditor(b)
	e.open(doc, text.String())
	e.diagnostics(doc)
	at := lsp.Position{Line: 1000, Character: 4}
	for i := 0; b.Loop(); i++ {
		e.change(doc, object{"range": lsp.Range{Start: at, End: at}, "text": ""})
		if got := e.diagnostics(doc); len(got) > 0 {
			b.Fatalf("%+v", got)
		}
	}
}

// BenchmarkCheck is the check of the same script, without an editor.
func BenchmarkCheck(b *testing.B) {
	var text strings.Builder
	text.WriteString("ns hub\n")
	for i := range 500 {
		fmt.Fprintf(&text, "ns n%d\nlink n%d <-> hub\n", i, i)
	}
	for b.Loop() {
		set := &source.Set{}
		set.Add("a.nsl", text.String())
		if _, list := language().CheckAll(set, script.DefaultOptions()); len(list) > 0 {
			b.Fatal(list)
		}
	}
}

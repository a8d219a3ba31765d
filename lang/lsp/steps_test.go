package lsp_test

import (
	"slices"
	"strings"
	"testing"

	"nsl/lang/lsp"
)

type action struct {
	Title string
	Kind  string
	Edit  lsp.WorkspaceEdit
}

// rewritten is a text after the action of that title, for the part of it between two ‸, or
// the place of one; "" if the server does not propose it.
func (e *editor) rewritten(text, title string) string {
	e.t.Helper()
	before, rest, _ := strings.Cut(text, "‸")
	part, after, chosen := strings.Cut(rest, "‸")
	if !chosen {
		part, after = "", rest
	}
	text = before + part + after
	e.open(doc, text)
	if got := e.diagnostics(doc); len(got) > 0 {
		e.t.Errorf("%q: %+v", text, got)
	}
	var got []action
	e.call("textDocument/codeAction", object{"textDocument": object{"uri": doc}, "range": lsp.Range{Start: end(before), End: end(before + part)},
		"context": object{"diagnostics": []any{}, "only": []string{"refactor"}}}, &got)
	i := slices.IndexFunc(got, func(a action) bool { return a.Title == title })
	if i < 0 {
		return ""
	}
	return applied(text, got[i].Edit.Changes[doc])
}

func TestExpandToSingleSteps(t *testing.T) {
	e := newEditor(t)
	for _, c := range []struct{ text, want string }{
		{"ns red blue\nli‸nk red <-> blue 10.0.0.0/24\nexpect ping red -> blue\n",
			"ns red blue\nveth red:veth-red <-> blue:veth-blue\naddr red:veth-red 10.0.0.1/24\naddr blue:veth-blue 10.0.0.2/24\nup red:veth-red\nup blue:veth-blue\nexpect ping red -> blue\n"},
		{"if true {\n  ns red\n  bridge‸ br0 <red> 10.0.0.0/24\n}\n", ""},
		{"f‸or i in 1..2 { ns h$i }\n", "ns h1 h2\n"},
		{"def pair(a, b) {\n  ns $a $b\n  link $a <-> $b\n}\npai‸r red blue\n", ""},
		{"ns r‸ed blue\n", ""},
		{"for i in 1..2 { ns h$i; li‸nk h$i <-> host }\n", ""},
		{"te‸st \"x\" {\n  ns red\n  expect ns red\n}\n", ""},
		{"def f() { print 1; ns red; ns blue }\n‸f\n", ""},
		{"ns red\nfo‸r i in 1..2 {\n  # why\n  ns h$i\n}\n", ""},
		{"ns red blue\nlink re‸d <-> blue\nshape red like lte\n",
			"ns red blue\nveth red:veth-red <-> blue:veth-blue\naddr red:veth-red 192.168.15.1/24\naddr blue:veth-blue 192.168.15.2/24\nup red:veth-red\nup blue:veth-blue\nshape red like lte\n"},
	} {
		if got := e.rewritten(c.text, "Expand to single steps"); got != c.want {
			t.Errorf("%q became:\n%s", c.text, got)
		}
	}
}

func TestFold(t *testing.T) {
	e := newEditor(t)
	for _, c := range []struct{ text, want string }{
		{"ns hub\nns h1\nlink h1 <-> hub\nns h2\nlink h2 <-> hub\nns ‸h3\nlink h3 <-> hub\n",
			"ns hub\nfor i in 1..3 {\n  ns h$i\n  link h$i <-> hub\n}\n"},
		{"ns red blue\n‸veth red:a <-> blue:b\naddr red:a 10.0.0.1/24\naddr blue:b 10.0.0.2/24\nup red:a\nup blue:b\n‸expect ping red -> blue\n",
			"ns red blue\nlink red:a 10.0.0.1/24 <-> blue:b 10.0.0.2/24\nexpect ping red -> blue\n"},
		{"‸ns red\nns blue\n‸", "ns red blue\n"},
		{"ns r‸ed\nns blue\n", ""},
		{"‸ns red\n# why\nns blue\n‸", ""},
	} {
		if got := e.rewritten(c.text, "Fold"); got != c.want {
			t.Errorf("%q became:\n%s", c.text, got)
		}
	}
}

package lsp_test

import (
	"slices"
	"strings"
	"testing"

	"nsl/lang/lsp"
)

const twoNodes = "# two rooms\nns red blue\nlink red <-> blue 10.0.0.0/24\nexpect ping red -> blue\n"

func TestHover(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"ns red blue\nli‸nk red <-> blue 10.0.0.0/24\n", []string{
			"red:veth-red 10.0.0.1/24 <-> blue:veth-blue 10.0.0.2/24",
			"ip link add name veth-red netns red type veth peer name veth-blue netns blue", "link A <-> B"}},
		{"ns red blue\nlink red <-> bl‸eu\n", []string{"NSL040"}},
		{"ns red blue\nlink red <-> blue\nexpect pi‸ng red -> blue\n", []string{"ping -c", "expect ping"}},
		{"ns red blue\nlink red <-> blue mt‸u 1400\n", []string{"link A <-> B [SUBNET|auto] [mtu N]"}},
		{"ns red blue\nlink red <-> blue noa‸ddr\n", []string{"[noaddr]", "`noaddr` leaves both without"}},
		{"ns red blue\nlink red <-> blue\nexpect ping red -> blue tt‸l 5\n", []string{"ping A -> B", "ttl"}},
		{"let net = 10.0.0.0/24\nprint ${ho‸st(net, 1)}\n", []string{"host(net, n): the n-th address of a subnet"}},
		{"let n = le‸n(<a b>)\nprint $n\n", []string{"len(list or text): "}},
		{"# pairs two nodes\ndef pair(a, b) { link $a <-> $b }\nns red blue\npa‸ir red blue\n", []string{"pair A B", "pairs two nodes"}},
	} {
		var got struct {
			Contents struct{ Value string }
		}
		if err := newEditor(t).ask("textDocument/hover", c.text, nil, &got); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		for _, want := range c.want {
			if !strings.Contains(got.Contents.Value, want) {
				t.Errorf("%q: %q is not in\n%s", c.text, want, got.Contents.Value)
			}
		}
	}
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		text      string
		want, not []string
	}{
		{"ns red blue\nlink r‸\nns roof\n", []string{"red"}, []string{"roof", "blue"}},
		{"ns red blue\nlink red <-> blue 10.0.0.0/24\nroute red default via ‸\n", []string{"10.0.0.2"}, []string{"10.0.0.1"}},
		{"brid‸", []string{"bridge"}, nil},
		{"let many = 3\nns h${ma‸", []string{"h${many"}, nil},
		{"ns red\ntest \"x\" {\n  ns blue\n  up ‸\n}\n", []string{"blue", "red"}, nil},
		{"use std/‸", []string{"std/lan"}, nil},
		{"expect ‸", []string{"ping", "not"}, nil},
	} {
		var got []struct{ Label string }
		if err := newEditor(t).ask("textDocument/completion", c.text, nil, &got); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		var labels []string
		for _, g := range got {
			labels = append(labels, g.Label)
		}
		for _, w := range c.want {
			if !slices.Contains(labels, w) {
				t.Errorf("%q: %q is not in %q", c.text, w, labels)
			}
		}
		for _, n := range c.not {
			if slices.Contains(labels, n) {
				t.Errorf("%q: %q is in %q", c.text, n, labels)
			}
		}
	}
}

// texts are the places of a document that an answer has, each as LINE:TEXT.
func texts(text string, places []lsp.Location) []string {
	list := make([]string, 0, len(places))
	for _, p := range places {
		line := []rune(strings.Split(text, "\n")[p.Range.Start.Line])
		list = append(list, strings.Repeat("+", p.Range.Start.Line)+string(line[p.Range.Start.Character:p.Range.End.Character]))
	}
	return list
}

func TestDefinitionAndReferences(t *testing.T) {
	for _, c := range []struct {
		text             string
		definition, uses []string
	}{
		{"ns red blue\nlink r‸ed <-> blue:eth0\nexpect ping red -> blue\n", []string{"red"}, []string{"red", "+red", "++red"}},
		{"ns red blue\nlink red:a <-> blue:b\nup blue:‸b\n", []string{"+b"}, []string{"+b", "++b"}},
		{"let n = 2\nns h${‸n}\nlet m = $n + 1\nprint $m\n", []string{"n"}, []string{"n", "+n", "++n"}},
		{"def f(x) { ns $x }\nlet x = 1\nf red\nprint $‸x\n", []string{"+x"}, []string{"+x", "+++x"}},
		{"def pair(a) { ns $a }\npai‸r red\npair blue\n", []string{"pair"}, []string{"pair", "+pair", "++pair"}},
		{"ns red\nserve http red:80\nexpect http red -> http://r‸ed/\n", []string{"red"}, []string{"red", "+red", "++red", "++red"}},
	} {
		e := newEditor(t)
		var definition, uses []lsp.Location
		if err := e.ask("textDocument/definition", c.text, nil, &definition); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		if err := e.ask("textDocument/references", c.text, object{"context": object{"includeDeclaration": true}}, &uses); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		text, _ := cursor(t, c.text)
		if got := texts(text, definition); !slices.Equal(got, c.definition) {
			t.Errorf("%q: defined at %q", c.text, got)
		}
		got := texts(text, uses)
		slices.Sort(got)
		slices.Sort(c.uses)
		if !slices.Equal(got, c.uses) {
			t.Errorf("%q: used at %q", c.text, got)
		}
	}
}

func TestRename(t *testing.T) {
	for _, c := range []struct{ text, name, want, refused string }{
		{text: "ns r‸ed blue\nlink red <-> blue\nup red:veth-red\nserve http red:80\nexpect http blue -> http://red/\n", name: "green",
			want: "ns green blue\nlink green <-> blue\nup green:veth-green\nserve http green:80\nexpect http blue -> http://green/\n"},
		{text: "ns red\nlink red:a‸ <-> host:b\nup red:a\n", name: "c", want: "ns red\nlink red:c <-> host:b\nup red:c\n"},
		{text: "let n‸ = 2\nns h${n} k$n\n", name: "many", want: "let many = 2\nns h${many} k$many\n"},
		{text: "def pair(a) { ns $a }\npai‸r red\n", name: "both", want: "def both(a) { ns $a }\nboth red\n"},
		{text: "ns r‸ed blue\n", name: "blue", refused: "blue"},
		{text: "ns r‸ed\n", name: "no such", refused: "with the name"},
		{text: "for i in 1..2 { ns h‸$i }\nup h1\n", name: "x", refused: "computed"},
		{text: "ns red\nlink ho‸st <-> red\n", name: "x", refused: "kernel's"},
		{text: "ns r‸ed\nlink red <-> bleu\n", name: "x", refused: "has errors"},
	} {
		e := newEditor(t)
		var got lsp.WorkspaceEdit
		err := e.ask("textDocument/rename", c.text, object{"newName": c.name}, &got)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		text, _ := cursor(t, c.text)
		if text = applied(text, got.Changes[doc]); text != c.want {
			t.Errorf("%q:\n%s", c.text, text)
		}
	}
}

// applied is a text of ASCII after edits.
func applied(text string, edits []lsp.TextEdit) string {
	offset := func(p lsp.Position) int {
		n := 0
		for _, line := range strings.SplitAfter(text, "\n")[:p.Line] {
			n += len(line)
		}
		return n + p.Character
	}
	slices.SortFunc(edits, func(a, b lsp.TextEdit) int { return offset(b.Range.Start) - offset(a.Range.Start) })
	for _, e := range edits {
		text = text[:offset(e.Range.Start)] + e.NewText + text[offset(e.Range.End):]
	}
	return text
}

func TestFormatting(t *testing.T) {
	const text = "ns   red\n\n\n\nif true {\nns blue\n}\nns a\nns b\nns c\nns d\nns e\nns f\nns  g"
	const want = "ns red\n\nif true {\n  ns blue\n}\nns a\nns b\nns c\nns d\nns e\nns f\nns g\n"
	e := newEditor(t)
	e.open(doc, text)
	var got []lsp.TextEdit
	e.call("textDocument/formatting", object{"textDocument": object{"uri": doc}}, &got)
	if s := applied(text, got); s != want {
		t.Errorf("%q", s)
	}
	last := lsp.Position{Line: 13}
	e.call("textDocument/rangeFormatting", object{"textDocument": object{"uri": doc}, "range": lsp.Range{Start: last, End: last}}, &got)
	if s := applied(text, got); !strings.HasPrefix(s, "ns   red\n\n\n\nif") || !strings.HasSuffix(s, "ns g\n") {
		t.Errorf("%q", s)
	}
}

const routed = "ns red r1 blue\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24\nroute red default via 10.0.1.2\nroute blue default via 10.0.2.1\n"

// Nothing is proposed where an expectation holds or must fail, is met more than once, or is
// about a lab that a program may have changed.
func TestNoAdvice(t *testing.T) {
	for _, more := range []string{
		"forward r1\nexpect ping red -> blue\n", "expect not ping red -> blue\n", "for i in 1..2 { expect ping red -> blue }\n",
		"def f() { expect ping red -> blue }\nf\nf\n", "spawn r1 sleep 9\nexpect ping red -> blue\n", "exec r1 sysctl -w net.ipv4.ip_forward=1\nexpect ping red -> blue\n",
		"ns x y\nlink x <-> y\nexpect ping x -> y\n",
	} {
		e := newEditor(t)
		e.open(doc, routed+more)
		var got []action
		e.call("textDocument/codeAction", object{"textDocument": object{"uri": doc}, "range": lsp.Range{End: lsp.Position{Line: 19}}, "context": object{"only": []string{"quickfix"}}}, &got)
		if len(got) > 0 {
			t.Errorf("%q: %+v", more, got)
		}
	}
}

func TestCodeActions(t *testing.T) {
	for _, c := range []struct{ text, title, want string }{
		{"ns red blue\nlink red <-> bleu\n", "Write blue", "ns red blue\nlink red <-> blue\n"},
		{"ns red blue\nlink red <-> bleu\nexpect ping red -> blue\n", "Write blue", "ns red blue\nlink red <-> blue\nexpect ping red -> blue\n"},
		{"ns red blue\nif true {\n  sudo ip link add va netns red type veth peer name vb netns blue\n}\n", "Write as nsl", ""},
		{"ip netns add red\n", "Write as nsl: ns red", ""},
		{routed + "test \"t\" {\n  expect ping red -> blue\n}\n", "Write before it: forward r1", routed + "test \"t\" {\n  forward r1\n  expect ping red -> blue\n}\n"},
		{"ns red blue\nexpect ping red -> blue\n", "Write before it: link red <-> blue", "ns red blue\nlink red <-> blue\nexpect ping red -> blue\n"},
	} {
		e := newEditor(t)
		e.open(doc, c.text)
		var got []struct {
			Title string
			Kind  string
			Edit  lsp.WorkspaceEdit
		}
		all := lsp.Range{End: lsp.Position{Line: 9}}
		e.call("textDocument/codeAction", object{"textDocument": object{"uri": doc}, "range": all, "context": object{"diagnostics": []any{}}}, &got)
		if len(got) != 1 || !strings.HasPrefix(got[0].Title, c.title) {
			t.Errorf("%q: %+v", c.text, got)
			continue
		}
		text := applied(c.text, got[0].Edit.Changes[doc])
		if c.want != "" && text != c.want {
			t.Errorf("%q:\n%s", c.text, text)
		}
		e.open(doc, text)
		if list := e.diagnostics(doc); len(list) > 0 {
			t.Errorf("%q became %q: %+v", c.text, text, list)
		}
	}
}

func TestOutline(t *testing.T) {
	e := newEditor(t)
	const text = "# a\n# b\nlet n = 1\nns red\ntest \"one\" {\n  ns blue\n}\ndef f() {\n  ns x\n}\nf\nprint $n\n"
	e.open(doc, text)
	var symbols []struct {
		Name     string
		Children []struct{ Name string }
	}
	params := object{"textDocument": object{"uri": doc}}
	e.call("textDocument/documentSymbol", params, &symbols)
	var names []string
	for _, s := range symbols {
		names = append(names, s.Name)
		for _, c := range s.Children {
			names = append(names, s.Name+"/"+c.Name)
		}
	}
	if want := []string{"n", "red", "one", "one/blue", "f", "f/x"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	var folds []struct{ StartLine, EndLine int }
	e.call("textDocument/foldingRange", params, &folds)
	if len(folds) != 3 || folds[0].StartLine != 4 || folds[0].EndLine != 5 || folds[2].StartLine != 0 || folds[2].EndLine != 1 {
		t.Errorf("%+v", folds)
	}
	var found []struct{ Name string }
	e.call("workspace/symbol", object{"query": "rd"}, &found)
	if len(found) != 1 || found[0].Name != "red" {
		t.Errorf("%+v", found)
	}
	var lenses []struct {
		Command struct{ Title, Command string }
	}
	e.call("textDocument/codeLens", params, &lenses)
	if len(lenses) != 4 || lenses[3].Command.Command != "nsl.test" {
		t.Errorf("%+v", lenses)
	}
}

func TestHintsAndSignature(t *testing.T) {
	e := newEditor(t)
	e.open(doc, "ns red blue\nlink red <-> blue\n")
	var hints []struct {
		Position lsp.Position
		Label    string
	}
	all := lsp.Range{End: lsp.Position{Line: 9}}
	e.call("textDocument/inlayHint", object{"textDocument": object{"uri": doc}, "range": all}, &hints)
	if len(hints) != 1 || hints[0].Position != (lsp.Position{Line: 1, Character: 17}) ||
		!strings.Contains(hints[0].Label, "red:veth-red 192.168.") {
		t.Errorf("%+v", hints)
	}
	var help struct {
		Signatures      []struct{ Label string }
		ActiveSignature int
	}
	if err := e.ask("textDocument/signatureHelp", "ns red blue\nlink red ‸", nil, &help); err != nil {
		t.Fatal(err)
	}
	if len(help.Signatures) == 0 || !strings.HasPrefix(help.Signatures[0].Label, "link A <-> B") {
		t.Errorf("%+v", help)
	}
}

// TestEveryWordOfALabHasAColour: no word of a statement is left to chance.
func TestEveryWordOfALabHasAColour(t *testing.T) {
	e := newEditor(t)
	e.open(doc, twoNodes)
	var got struct{ Data []int }
	e.call("textDocument/semanticTokens/full", object{"textDocument": object{"uri": doc}}, &got)
	lines, line, character := strings.Split(twoNodes, "\n"), 0, 0
	var seen []string
	for d := got.Data; len(d) >= 5; d = d[5:] {
		if d[0] > 0 {
			line, character = line+d[0], 0
		}
		character += d[1]
		seen = append(seen, lines[line][character:character+d[2]])
	}
	want := []string{"# two rooms", "ns", "red", "blue", "link", "red", "<->", "blue", "10.0.0.0/24", "expect", "ping", "red", "->", "blue"}
	if !slices.Equal(seen, want) {
		t.Errorf("%q", seen)
	}
}

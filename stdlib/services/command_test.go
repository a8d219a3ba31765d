package services_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/check"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// argvs are the command lines that a script runs or starts, in its order.
func argvs(t *testing.T, text string) [][]string {
	t.Helper()
	set, table := &source.Set{}, stdlib.Table()
	tree := table.Split(set.Add("lab.nsl", text))
	var all [][]string
	list := check.Walk(set, table, tree, model.New(), check.Options{Limits: eval.DefaultLimits(), Each: func(s check.Step) {
		for _, step := range s.Ops {
			if op, ok := step.Op.(plan.Exec); ok {
				all = append(all, op.Argv)
			}
			if op, ok := step.Op.(plan.Start); ok {
				if p, ok := op.Service.(plan.Program); ok {
					all = append(all, p.Argv)
				}
			}
		}
	}})
	for _, d := range list {
		t.Errorf("%q: %s", text, d.Summary)
	}
	if tree.Open {
		t.Errorf("%q may go on", text)
	}
	return all
}

// TestCommandLines holds what a program gets: words split at blanks, quoted parts
// joined to what they touch, variables, and every sign as it is written.
func TestCommandLines(t *testing.T) {
	for text, want := range map[string][]string{
		`exec r echo a,b --range="1,2"`:                     {"echo", "a,b", "--range=1,2"},
		`exec r iptables --ctstate RELATED,ESTABLISHED`:     {"iptables", "--ctstate", "RELATED,ESTABLISHED"},
		`exec r cat <in >out 2>&1 (x) a->b <-> b<= –x`:      {"cat", "<in", ">out", "2>&1", "(x)", "a->b", "<->", "b<=", "–x"},
		`exec r echo "a b"'c  d'e "" x`:                     {"echo", "a bc  de", "", "x"},
		`exec r echo a#b # a comment`:                       {"echo", "a#b"},
		"exec r echo a \\\n  b,c":                           {"echo", "a", "b,c"},
		`exec r echo $l x$l, "$l",$n`:                       {"echo", "a", "b", "xa,", "xb,", "<a b>,1,2"},
		`exec r echo --n=$n,${len(l)} '$n'"$n"`:             {"echo", "--n=1,2,2", "$n1,2"},
		`exec r --may-fail test a,b`:                        {"test", "a,b"},
		`exec "r" echo (`:                                   {"echo", "("},
		`defer exec r echo a,b`:                             {"echo", "a,b"},
		`if true { exec r echo a,b; }`:                      {"echo", "a,b"},
		`spawn r dnsmasq --dhcp-range=A,B until listen :53`: {"dnsmasq", "--dhcp-range=A,B"},
	} {
		got := argvs(t, "ns r\nlet n = \"1,2\"\nlet l = <a b>\nprint $n $l\n"+text+"\n")
		if d := cmp.Diff([][]string{want}, got); d != "" {
			t.Errorf("%s:\n%s", text, d)
		}
	}
}

// TestCommandLinesOfProbes finds the command line of expect exec, and none where
// there is no program.
func TestCommandLinesOfProbes(t *testing.T) {
	for text, want := range map[string]bool{
		"expect exec r a,b":          true,
		"expect not exec r a,b":      true,
		"require exec r a,b":         true,
		"defer expect exec r a,b":    true,
		"link r a,b":                 false,
		"expect ping r a,b":          false,
		"def f(exec, r) { x }":       false,
		"exec; r a,b":                false,
		"bridge exec <r a,b>":        false,
		`"exec" r a,b`:               false,
		"exec <r x> a,b":             true,
		"frobnicate exec r a,b":      false,
		"expect path exec -> r a,b ": false,
	} {
		tokens := stdlib.Table().Split((&source.Set{}).Add("lab.nsl", text)).Tokens
		got := false
		for _, tok := range tokens {
			got = got || tok.Argument && tok.Text == "a,b"
		}
		if got != want {
			t.Errorf("%s: a command line: %t", text, got)
		}
	}
}

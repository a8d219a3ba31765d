package check_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// branching is a script of random statements, some of them in branches that the
// first argument decides.
func branching(r *rand.Rand) string {
	node := func() string { return string("abc"[r.IntN(3)]) }
	var b strings.Builder
	b.WriteString("ns a b\n")
	for range 3 + r.IntN(6) {
		line := []string{
			"ns " + node(), "delete " + node(), "ns c", "up " + node() + ":lo",
			"link " + node() + " <-> " + node(), "link " + node() + ":eth0 <-> " + node() + ":eth1 noaddr",
			fmt.Sprintf("addr %s:lo 10.0.0.%d/32", node(), 1+r.IntN(3)),
			fmt.Sprintf("del addr %s:lo 10.0.0.%d", node(), 1+r.IntN(3)),
			"delete " + node() + ":eth0", "rename " + node() + ":eth0 -> eth9", "down " + node(),
			"route " + node() + " 10.7.0.0/16 via 192.168.15.2", "forward " + node(), "auto off", "auto dual",
			"expect ping " + node() + " -> " + node(), "exec " + node() + " true",
		}[r.IntN(17)]
		switch r.IntN(5) {
		case 0:
			line = "if arg(1) == x { " + line + " }"
		case 1:
			line = "if arg(1) == x { " + line + " } else { ns c }"
		case 2:
			line = "if arg(1) == x { ns c } else if arg(1) == y { " + line + " }"
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// errorsWith are the errors of a script that is run with an argument; "" is a
// check that does not know it.
func errorsWith(text, arg string) diag.List {
	set, table := &source.Set{}, stdlib.Table()
	o := check.Options{Limits: eval.DefaultLimits(), Each: func(check.Step) {}}
	if arg != "" {
		o.Args, o.Env = []string{arg}, func(string) (string, bool) { return "", false }
	}
	return check.Walk(set, table, table.Split(set.Add("lab.nsl", text)), model.New(), o)
}

// TestOnlyWhatARunRefusesIsRefused holds that a check which does not know the
// arguments finds an error only where a run with one of them is refused.
func TestOnlyWhatARunRefusesIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(30, 10)) //nolint:gosec // the same scripts each time
	refused, right := 0, 0
	for range 1000 {
		text := branching(r)
		list := errorsWith(text, "")
		if !list.HasErrors() {
			right++
			continue
		}
		refused++
		if !errorsWith(text, "x").HasErrors() && !errorsWith(text, "y").HasErrors() && !errorsWith(text, "z").HasErrors() {
			t.Errorf("%s\n%s", list[0].Summary, text)
		}
	}
	if refused < 100 || right < 100 {
		t.Errorf("%d scripts were refused, and %d were not: too few to compare", refused, right)
	}
}

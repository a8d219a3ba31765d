package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/verb"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// TestRandomScripts holds what is promised of every script without mistakes:
// the checker and a run make the same lab, every run makes the same, and so does
// its canonical form; a test block, and a statement that fails, change nothing.
func TestRandomScripts(t *testing.T) {
	table := stdlib.Table()
	rapid.Check(t, func(t *rapid.T) {
		script := validScript(t, table)
		first := made(t, table, script, -1)
		if again := made(t, table, script, -1); again.lab != first.lab {
			t.Fatalf("%s\nmakes another lab the second time:\n%s", script, differ(first.lab, again.lab))
		}
		r := newTrial(table, script)
		m := model.New()
		check.Walk(r.set, table, r.tree, m, check.Options{Limits: r.limits, Env: noEnv, Each: func(check.Step) {}})
		if checked, _ := labtest.Dump(m); checked != first.state {
			t.Fatalf("%s\nmakes another lab in the checker:\n%s", script, differ(first.state, checked))
		}
		formatted, refused := format.Source(r.file, stdlib.Table())
		if other := made(t, table, formatted, -1); len(refused) > 0 || other.lab != first.lab {
			t.Fatalf("%s\nformatted is\n%s\nwhich makes another lab:\n%s", script, formatted, differ(first.lab, other.lab))
		}
		if first.ops > 0 {
			made(t, table, script, rapid.IntRange(0, first.ops-1).Draw(t, "op that fails"))
		}
	})
}

// result is what a script left.
type result struct {
	// lab is all of it, with what is remembered, and state the kernel's part.
	lab, state string
	ops        int
}

// made runs a script, whose op number failAt fails.
func made(t *rapid.T, table *verb.Table, script string, failAt int) result {
	t.Helper()
	r := newTrial(table, script)
	r.watched = true
	r.done.failAt = failAt
	err := r.run()
	r.judgeRun(err)
	r.judgeLog()
	if (err != nil) != (failAt >= 0) {
		t.Fatalf("%s\nwith op %d failing ended with %v", script, failAt, err)
	}
	if len(r.broken) > 0 {
		t.Fatalf("%s\nwith op %d failing:\n%s", script, failAt, strings.Join(r.broken, "\n"))
	}
	state, err := labtest.Dump(r.world, labtest.MACs)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := labtest.Dump(r.world)
	return result{r.dump() + state, plain, r.done.forward}
}

// validScript draws statements and leaves those out that are wrong where they stand.
func validScript(t *rapid.T, table *verb.Table) string {
	statements := append([]string{"ns n1 n2 n3"}, rapid.SliceOfN(rapid.Custom(randomStatement), 1, 14).Draw(t, "statements")...)
	for {
		r := newTrial(table, strings.Join(statements, "\n")+"\n")
		list := r.check()
		if !list.HasErrors() {
			return r.file.Text
		}
		statements = without(r, list, statements)
	}
}

// without leaves the statement out in which the first mistake is.
func without(r *trial, list diag.List, statements []string) []string {
	for _, d := range list {
		if d.Severity == diag.Warning {
			continue
		}
		at := r.file.Base
		for i, st := range statements {
			if at += len(st) + 1; d.Subject.Start < at {
				return append(statements[:i:i], statements[i+1:]...)
			}
		}
	}
	return nil
}

// words of random statements.
var (
	aNode   = rapid.SampledFrom([]string{"n1", "n2", "n3", "n4", "m1", "host"})
	aSubnet = rapid.SampledFrom([]string{"", "", "", "10.1.0.0/24", "10.2.0.0/16", "fd00:1::/64", "10.3.0.0/30 fd00:3::/64", "noaddr", "auto"})
	anEnd   = rapid.SampledFrom([]string{"n1:veth-n1", "n2:veth-n2", "n3:veth-n3", "n4:veth-n4", "n1:lo", "n1:veth-n1-2", "veth-n1-br", "br1", "n2:br1"})
	aPart   = rapid.SampledFrom([]string{"n1", "n2", "n3", "n4", "n1:veth-n1", "n2:veth-n2", "n1 n2", "veth-n1-br", "br1"})
	aVia    = rapid.SampledFrom([]string{"via 192.168.15.1", "via 192.168.15.2", "via 192.168.16.2", "via 10.1.0.2", "via 10.2.0.1 metric 10",
		"via <192.168.15.2 192.168.15.3>", "via fd00:1::2", "via fd00:15::2", "dev veth-n1", "dev veth-n2 metric 5", "blackhole", "prohibit"})
	aDest = rapid.SampledFrom([]string{"default", "10.9.0.0/16", "10.9.8.0/24", "::/0", "fd00:9::/32", "10.8.8.8"})
	anIP  = rapid.SampledFrom([]string{"10.1.0.7/24", "10.1.0.2/24", "192.168.15.7/24", "10.2.0.1/16 fd00:2::7/64", "fd00:1::7/64", "10.7.0.1/32"})
)

// randomStatement draws a statement at the top of a script.
func randomStatement(t *rapid.T) string {
	switch rapid.IntRange(0, 9).Draw(t, "compound") {
	case 0:
		return "test \"random\" { " + body(t) + " }"
	case 1:
		return "for i in 1..2 { " + strings.ReplaceAll(body(t), "n1", "n$i") + " }"
	case 2:
		return "if 1 < 2 { " + body(t) + " } else { ns never }"
	case 3:
		return "def f(x, y = n2) { " + strings.NewReplacer("n1", "$x", "n2", "${y}").Replace(body(t)) + " }; f n3"
	}
	return simple(t)
}

func body(t *rapid.T) string {
	list := rapid.SliceOfN(rapid.Custom(simple), 1, 4).Draw(t, "body")
	if rapid.IntRange(0, 4).Draw(t, "defer") == 0 {
		list[0] = "defer " + list[0]
	}
	return strings.Join(list, "; ")
}

// simple draws a statement with no block.
func simple(t *rapid.T) string {
	pick := func(g *rapid.Generator[string]) string { return g.Draw(t, "word") }
	switch rapid.IntRange(0, 13).Draw(t, "verb") {
	case 0:
		return "ns " + pick(rapid.SampledFrom([]string{"n4", "m1", "m$i", "<a b>"}))
	case 1, 2, 3:
		return fmt.Sprintf("link %s <-> %s %s", pick(aNode), pick(aNode), pick(aSubnet))
	case 4:
		return fmt.Sprintf("bridge %s <%s %s> %s", pick(rapid.SampledFrom([]string{"br1", "br2", "n2:br1"})), pick(aNode), pick(aNode), pick(aSubnet))
	case 5:
		return fmt.Sprintf("addr %s %s", pick(anEnd), pick(anIP))
	case 6, 7:
		return fmt.Sprintf("route %s %s %s", pick(aNode), pick(aDest), pick(aVia))
	case 8:
		return "down " + pick(aPart)
	case 9:
		return "up " + pick(aPart)
	case 10:
		return "delete " + pick(aPart)
	case 11:
		return fmt.Sprintf("del %s", pick(rapid.SampledFrom([]string{"addr n1 192.168.15.1", "addr n2 192.168.15.2", "route n1 default", "route n2 10.9.0.0/16", "addr br1 10.1.0.254"})))
	case 12:
		return pick(rapid.SampledFrom([]string{"auto dual", "auto off", "auto ipv6", "auto ipv4"}))
	}
	return pick(rapid.SampledFrom([]string{"forward n1", "forward n2 off", "sysctl n1 net.ipv4.ip_default_ttl=32", "rule n1 from 10.0.0.0/8 table 100",
		"nat 192.168.15.0/24", "nat 10.1.0.0/24 on n2", "attach n2:veth-n2 -> n2:br1", "rule n2 to fd00::/16 table 7 priority 9"}))
}

// faultyApply counts the ops of statements, not those that undo them, and
// fails one of them.
func (r *recorder) faultyApply(ctx context.Context, op plan.Op) error {
	if _, isStatement := ctx.Deadline(); isStatement {
		r.forward++
		if r.forward-1 == r.failAt {
			return errInjected
		}
	}
	return r.World.Apply(ctx, op)
}

package check_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// large is a script of about n statements as people write them, and some that
// loops and functions run.
func large(n int) (text string, statements int) {
	var b strings.Builder
	b.WriteString("def office(name, members) {\n  ns $members\n  bridge $name <$members> noaddr\n}\n")
	for i := 0; statements < n; i++ {
		a, c := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
		fmt.Fprintf(&b, "ns %s %s\n", a, c)
		if i%2 == 0 {
			fmt.Fprintf(&b, "link %s <-> %s\n", a, c)
			fmt.Fprintf(&b, "let n%d = \"veth-%s\"\n", i, a)
			fmt.Fprintf(&b, "up %s:$n%d\n", a, i)
		} else {
			net := fmt.Sprintf("172.%d.%d", 16+i/250, i%250)
			fmt.Fprintf(&b, "link %s:eth1 %s.1/30 <-> %s:eth1 %s.2/30 mtu 1400\n", a, net, c, net)
			fmt.Fprintf(&b, "let n%d = ${host(%s.0/30, 2)}\n", i, net)
			fmt.Fprintf(&b, "route %s 8.8.0.0/16 via $n%d\n", a, i)
		}
		fmt.Fprintf(&b, "expect ping %s -> %s count 2\n", a, c)
		fmt.Fprintf(&b, "expect link %s:lo up\n", c)
		statements += 6
		if i%10 == 0 {
			fmt.Fprintf(&b, "for i in 1..3 { ns h%d-$i }\n", i)
			fmt.Fprintf(&b, "bridge sw%d <h%d-1 h%d-2 h%d-3> noaddr\n", i, i, i, i)
			fmt.Fprintf(&b, "office of%d <pc%d-1 pc%d-2>\n", i, i, i)
			fmt.Fprintf(&b, "expect sysctl %s net.ipv4.ip_forward=0\n", a)
			own := fmt.Sprintf("10.%d.%d.1/32", 100+i/250, i%250)
			fmt.Fprintf(&b, "if arg(1) == x { addr %s %s } else { addr %s %s }\n", a, own, a, own)
			statements += 5
		}
	}
	return b.String(), statements
}

// checkLarge checks a script that may have more nodes than a lab has without a flag.
func checkLarge(set *source.Set, table *verb.Table, text string) diag.List {
	o := check.Options{Limits: eval.DefaultLimits(), Each: func(check.Step) {}}
	o.Limits.Nodes, o.Limits.Links = 1_000_000, 1_000_000
	return check.Walk(set, table, syntax.Split(set.Add("large.nsl", text)), model.New(), o)
}

// BenchmarkCheck reads and checks a script of 60,000 statements.
func BenchmarkCheck(b *testing.B) {
	text, n := large(60_000)
	table := stdlib.Table()
	for b.Loop() {
		set := &source.Set{}
		if list := checkLarge(set, table, text); len(list) > 0 {
			b.Fatal(list[0].Error(), set.Position(list[0].Subject.Start).Line)
		}
	}
	b.ReportMetric(float64(n), "statements")
}

// TestLargeScriptsTakeLinearTime compares the processor time of a script with
// that of one an eighth as long: the machine may be busy, or the race detector on.
func TestLargeScriptsTakeLinearTime(t *testing.T) {
	table := stdlib.Table()
	cost := func(n int) time.Duration {
		text, _ := large(n)
		runtime.GC()
		start := processorTime(t)
		set := &source.Set{}
		if list := checkLarge(set, table, text); len(list) > 0 {
			t.Fatal(oneLine(set, list[0]))
		}
		return processorTime(t) - start
	}
	cost(1000) // builds the parsers
	small, all := cost(7_500), cost(60_000)
	t.Logf("60,000 statements take %v of processor time, 7,500 take %v", all, small)
	if all > 20*small {
		t.Errorf("8 times as many statements take %.1f times as long", float64(all)/float64(small))
	}
}

// processorTime is what this process has used of the processors.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestLargeScriptIsRight keeps the benchmark honest, and writes its script where
// NSL_WRITE says.
func TestLargeScriptIsRight(t *testing.T) {
	text, _ := large(2000)
	if set, list := findings(stdlib.Table(), "large.nsl", text, nil); len(list) > 0 {
		t.Error(oneLine(set, list[0]))
	}
	if name := os.Getenv("NSL_WRITE"); name != "" {
		text, _ := large(60_000)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

package check_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"nsl/lang/check"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// manyAddrs gives one interface n addresses, each by a statement.
func manyAddrs(n int) string {
	var b strings.Builder
	b.WriteString("ns red blue\nlink red:e0 <-> blue:e0\n")
	for i := range n {
		fmt.Fprintf(&b, "addr red:e0 10.%d.%d.1/24\n", i/250, i%250)
	}
	return b.String()
}

// manyBlocks gives one node n rules, each by a statement.
func manyBlocks(n int) string {
	var b strings.Builder
	b.WriteString("ns red blue\nlink red:e0 <-> blue:e0 192.168.15.0/24\n")
	for i := range n {
		fmt.Fprintf(&b, "block 10.%d.%d.1 -> red\n", i/250, i%250)
	}
	return b.String()
}

// checkMany checks many statements.
func checkMany(tb testing.TB, table *verb.Table, text string) {
	tb.Helper()
	set := &source.Set{}
	if list := check.Tree(set, table, syntax.Split(set.Add("many.nsl", text)), model.New()); len(list) > 0 {
		tb.Fatal(list[0].Error())
	}
}

// TestManyStatementsTakeLinearTime compares the processor time of many statements about
// one interface or node with that of an eighth as many.
func TestManyStatementsTakeLinearTime(t *testing.T) {
	table := stdlib.Table()
	for name, text := range map[string]func(int) string{"addr": manyAddrs, "block": manyBlocks, "publish": manyPublished} {
		cost := func(n int) time.Duration {
			runtime.GC()
			start := processorTime(t)
			checkMany(t, table, text(n))
			return processorTime(t) - start
		}
		cost(100) // builds the parsers
		small, all := cost(500), cost(4000)
		t.Logf("%s: 4000 take %v of processor time, 500 take %v", name, all, small)
		if all > 40*small {
			t.Errorf("8 times as many %s statements take %.1f times as long", name, float64(all)/float64(small))
		}
	}
}

// manyPublished publishes n ports of one node.
func manyPublished(n int) string {
	var b strings.Builder
	b.WriteString("ns red blue\nlink red:e0 <-> blue:e0 192.168.15.0/24\n")
	for i := range n {
		fmt.Fprintf(&b, "publish %d -> blue:80 on red\n", 1000+i)
	}
	return b.String()
}

// BenchmarkMany checks many statements about one interface or node, in two sizes: four
// times as many should take four times as long.
func BenchmarkMany(b *testing.B) {
	for name, text := range map[string]func(int) string{"addr": manyAddrs, "block": manyBlocks, "publish": manyPublished} {
		for _, n := range []int{1000, 4000} {
			b.Run(fmt.Sprintf("%s=%d", name, n), func(b *testing.B) {
				table := stdlib.Table()
				for b.Loop() {
					checkMany(b, table, text(n))
				}
			})
		}
	}
}

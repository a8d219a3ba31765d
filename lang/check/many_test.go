package check_test

import (
	"fmt"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/source"
	"nsl/lang/syntax"
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

// BenchmarkMany checks many statements about one interface or node, in two sizes: four
// times as many should take four times as long.
func BenchmarkMany(b *testing.B) {
	for name, text := range map[string]func(int) string{"addr": manyAddrs, "block": manyBlocks} {
		for _, n := range []int{1000, 4000} {
			b.Run(fmt.Sprintf("%s=%d", name, n), func(b *testing.B) {
				table := stdlib.Table()
				for b.Loop() {
					set := &source.Set{}
					if list := check.Tree(set, table, syntax.Split(set.Add("many.nsl", text(n))), model.New()); len(list) > 0 {
						b.Fatal(list[0].Error())
					}
				}
			})
		}
	}
}

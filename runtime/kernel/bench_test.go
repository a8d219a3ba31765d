package kernel

import (
	"fmt"
	"net/netip"
	"testing"

	"nsl/runtime/plan"
)

// star are the ops of one bridge with n members, in the order that keeps a
// large bridge from flooding: create all, then bring up.
func star(n int) []plan.Op {
	ops := []plan.Op{plan.AddBridge{Node: plan.Host, Name: "br0"}}
	for i := range n {
		node := fmt.Sprintf("n%d", i)
		ops = append(ops, plan.AddNS{Name: node}, plan.Baseline{Node: node},
			plan.SetUp{Node: node, Name: plan.Loopback})
	}
	for i := range n {
		node, port := fmt.Sprintf("n%d", i), fmt.Sprintf("p%d", i)
		ops = append(ops,
			plan.AddVeth{
				A: plan.LinkEnd{Node: plan.Host, Name: port, Master: "br0"},
				B: plan.LinkEnd{Node: node, Name: "eth0"},
			},
			plan.AddAddr{Node: node, Link: "eth0", Addr: netip.PrefixFrom(nth(i+1), 16)})
	}
	for i := range n {
		node, port := fmt.Sprintf("n%d", i), fmt.Sprintf("p%d", i)
		ops = append(ops, plan.SetUp{Node: plan.Host, Name: port}, plan.SetUp{Node: node, Name: "eth0"})
	}
	return append(ops, plan.SetUp{Node: plan.Host, Name: "br0"})
}

func nth(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }

func BenchmarkStar(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ops := star(n)
			for range b.N {
				w, err := New()
				if err != nil {
					b.Fatal(err)
				}
				apply(b, w, ops...)
				b.StopTimer()
				wipe(b, w)
				_ = w.Close()
				b.StartTimer()
			}
		})
	}
}

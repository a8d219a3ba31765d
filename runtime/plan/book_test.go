package plan

import (
	"net/netip"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestFirstFree holds the book to a search from the beginning, whatever was
// added and taken away in between.
func TestFirstFree(t *testing.T) {
	subnet := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24)
	}
	wide := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(4 * i), 0}), 22)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook()
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := rapid.IntRange(0, 31).Draw(t, "n")
				bits := rapid.SampledFrom([]int{20, 22, 24, 30}).Draw(t, "bits")
				a := netip.AddrFrom4([4]byte{10, 0, byte(n), byte(rapid.IntRange(1, 3).Draw(t, "host"))})
				b.Add(AddrUse{Ref: Ref{strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "node")), "eth0"}, Addr: netip.PrefixFrom(a, bits)})
			},
			"drop": func(t *rapid.T) { b.DropLink(Ref{strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "node")), "eth0"}) },
			"": func(t *rapid.T) {
				for name, at := range map[string]func(int) netip.Prefix{"/24": subnet, "/22": wide} {
					var want netip.Prefix
					found := false
					for i := 0; i < 8 && !found; i++ {
						if found = b.Free(at(i)); found {
							want = at(i)
						}
					}
					if got, ok := b.FirstFree(8, at); got != want || ok != found {
						t.Fatalf("%s: %v %v, want %v %v", name, got, ok, want, found)
					}
				}
			},
		})
	})
}

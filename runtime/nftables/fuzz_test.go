package nftables_test

import (
	"strings"
	"testing"

	"nsl/runtime/nftables"
)

// FuzzParse holds that any text is commands or an error, that the words of a command are the
// command, and that it may be done after others.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"add table inet t; add chain inet t c { type filter hook input priority filter - 5; policy drop; }",
		"add rule ip t c ip saddr { 10.0.0.0/8, 1.1.1.1 } tcp dport 22-80 counter log prefix \"x y\" accept comment \"c\"",
		"table inet t {\n set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }\n chain c { ct state vmap { new : jump d } }\n}",
		"define a = { 1, 2 }\nadd rule t c tcp dport $a dnat to 1.2.3.4:80", "flush ruleset", "add element ip t m { 80 : 10.0.0.1 }",
		"insert rule t c tcp flags & (syn|ack) == syn reject with icmpx type no-route", "add map t m { type inet_service : verdict; }",
		"delete set t s; flush chain t c; delete element t s { 1.1.1.1 }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := nftables.Parse(text)
		if err != nil {
			return
		}
		made, err := nftables.Parse("add table ip t; add chain ip t c; add set ip t s { type ipv4_addr; }; add map ip t m { type inet_service : ipv4_addr; }")
		if err != nil {
			t.Fatal(err)
		}
		tables, _ := made[0].Apply(nil)
		for _, c := range append(made[1:], list...) {
			tables, _ = c.Apply(tables)
		}
		for _, c := range list {
			words := strings.Join(c.Words(), " ")
			again, err := nftables.Parse(words)
			if err != nil || len(again) != 1 || strings.Join(again[0].Words(), " ") != words {
				t.Errorf("%q: %q, %v", text, words, err)
			}
		}
	})
}

package nftables_test

import (
	"strings"
	"testing"

	"nsl/runtime/nftables"
)

// TestNested holds that a table with its content is the commands that make it, as words.
func TestNested(t *testing.T) {
	list, err := nftables.Parse("table inet t {\n set s {\n type ipv4_addr\n elements = { 10.0.0.1,\n 10.0.0.2 }\n }\n" +
		" chain c {\n type filter hook input priority 0; policy drop;\n ip saddr @s log prefix \"a\" accept # why\n }\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, strings.Join(c.Words(), " "))
	}
	want := []string{"add table inet t", "add chain inet t c { type filter hook input priority 0; policy drop; }",
		"add set inet t s { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 }; }", `add rule inet t c ip saddr @s log prefix "a" accept`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

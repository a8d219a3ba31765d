package plan

import (
	"net/netip"
	"strings"
	"testing"
)

// FuzzHostsFile: names that programs made add neither lines nor words.
func FuzzHostsFile(f *testing.F) {
	f.Add("red", "www.example.com")
	f.Add("red\n6.6.6.6 bank.example", "a b")
	f.Add("#", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		text := HostsFile([]HostLine{{netip.MustParseAddr("10.0.0.1"), []string{a, b}}, {netip.MustParseAddr("fd00::1"), []string{a}}})
		for line := range strings.Lines(text) {
			addr, names, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if !ok || addr != "10.0.0.1" && addr != "fd00::1" || strings.ContainsAny(names, "#\n\t") || strings.Count(names, " ") > 1 {
				t.Fatalf("%q", text)
			}
		}
	})
}

// FuzzResolverFile: a domain that a server made adds neither lines nor words.
func FuzzResolverFile(f *testing.F) {
	f.Add("lab", "example.com")
	f.Add("lab\nnameserver 6.6.6.6", "a b")
	f.Fuzz(func(t *testing.T, a, b string) {
		text := Resolver{Servers: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Search: []string{a, b}}.File()
		for line := range strings.Lines(text) {
			word, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if !ok || word != "nameserver" && word != "search" || word == "nameserver" && rest != "10.0.0.1" || strings.Count(rest, " ") > 1 {
				t.Fatalf("%q", text)
			}
		}
	})
}

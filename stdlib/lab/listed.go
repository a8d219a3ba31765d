package lab

import (
	"net/netip"
	"slices"
	"strings"
)

// AddrList is addresses as words.
func AddrList(addrs []netip.Addr) string {
	words := make([]string, len(addrs))
	for i, a := range addrs {
		words[i] = a.String()
	}
	return strings.Join(words, " ")
}

// Listed is a line with what there is, or none.
func Listed(what string, items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	const most = 6
	if len(items) > most {
		items = append(slices.Clone(items[:most]), "…")
	}
	return what + " " + strings.Join(items, ", ")
}

// Texts are values as the texts that they print as.
func Texts[T interface{ String() string }](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

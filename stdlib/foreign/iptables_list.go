package foreign

import (
	"slices"
	"strings"
)

// listsRules reports whether a command of iptables lists rules, and does nothing else: -Z
// beside -L sets the counters to zero.
func (k *call) listsRules() bool {
	lists := false
	for _, w := range k.args {
		switch {
		case !isOption(w.text):
		case strings.HasPrefix(w.text, "--"):
			lists = lists || w.text == "--list" || w.text == "--list-rules"
			if !slices.Contains([]string{"--list", "--list-rules", "--table", "--numeric", "--verbose", "--exact", "--line-numbers", "--wait",
				"--ipv4", "--ipv6"}, w.text) {
				return false
			}
		case strings.ContainsAny(w.text, "ACDEFINPRXZ"):
			return false
		default:
			lists = lists || strings.ContainsAny(w.text, "LS")
		}
	}
	return lists
}

// iptablesSave prints the rules; with -f it writes them to a file.
func iptablesSave(k *call) bool {
	return !k.hasLetter("fM", "--file", "--modprobe") && k.read("rules")
}

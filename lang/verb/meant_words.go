package verb

import (
	"net/netip"
	"slices"
	"strings"
)

// normal are the words with "B from A" in the order of the packets, and what belongs
// together as one word.
func (s *sense) normal(words []string) []string {
	for i := 1; i < len(words); i++ {
		if text, n := joined(words, i); n > 0 {
			words = slices.Replace(slices.Clone(words), i-1, i+n, text)
		} else if text := masked(words[i-1], words[i]); text != "" {
			words = slices.Replace(slices.Clone(words), i-1, i+1, text)
		}
	}
	i := slices.Index(words, "from")
	if i < 1 || i+1 >= len(words) {
		return words
	}
	from := words[i+1]
	words = slices.Delete(slices.Clone(words), i, i+2)
	at := slices.IndexFunc(words[:i], func(w string) bool { return s.isPlace(w) })
	return slices.Insert(words, max(at, 0), from)
}

// masked is an address and its mask as a prefix.
func masked(address, mask string) string {
	if _, err := netip.ParseAddr(address); err != nil {
		return ""
	}
	if m, err := netip.ParseAddr(mask); err != nil || !m.Is4() || !strings.HasPrefix(mask, "255.") && mask != "0.0.0.0" {
		return ""
	}
	if address == "0.0.0.0" && mask == "0.0.0.0" {
		return "default"
	}
	if text, n := joined([]string{address, "mask", mask}, 1); n > 0 {
		return text
	}
	return ""
}

// isPlace reports the name of a node, an interface, or an address.
func (s *sense) isPlace(word string) bool {
	_, err := netip.ParseAddr(word)
	return err == nil || s.isNode(word)
}

// isPreposition reports a word that belongs to the place after it.
func isPreposition(word string) bool {
	return slices.Contains([]string{"in", "at", "for", "on", "inside", "of"}, word)
}

// costOfLeaving is what it costs to leave a word out; 0 where it cannot be.
func costOfLeaving(word string) int {
	switch {
	case filler(word) || polite(word) || slices.Contains([]string{"add", "create", "new", "make", "set", "please", "in", "at", "for", "on", "do",
		"enable", "configure", "define", "use", ",", "ip", "server", "start", "static", "bring", "turn", "firewall", "as", "into", "between", "its"}, word):
		return costFiller
	case slices.Contains([]string{"link", "interface", "iface", "int", "host", "netns", "namespace", "router", "switch", "service", "device"}, word):
		return costNoun
	}
	return 0
}

// hasLink reports whether a node has an interface of that name.
func (s *sense) hasLink(node, link string) bool {
	_, err := s.lab.Link(node, link)
	return err == nil
}

// isNode reports the name of a node, or of an interface with its node's.
func (s *sense) isNode(word string) bool {
	node, _, _ := strings.Cut(word, ":")
	is, err := s.lab.HasNode(node)
	return err == nil && is
}

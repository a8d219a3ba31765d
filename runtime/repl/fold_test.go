package repl

import "testing"

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"one two three four five six\n":              "one two three four\n    five six\n",
		"    one two three four five":                "    one two three\n        four five",
		"a   one two three four five":                "a   one two three\n    four five",
		"\x1b[1mone two three\x1b[0m four five":      "\x1b[1mone two three\x1b[0m four\n    five",
		"averylongwordthatfitsnoscreen and one more": "averylongwordthatfitsnoscreen\n    and one more",
		"short\n\nlines\n":                           "short\n\nlines\n",
		"exactly twenty chars":                       "exactly twenty chars",
	} {
		if got := fold(text, 20); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := fold(text, 0); got != text {
			t.Errorf("%q is folded without a screen: %q", text, got)
		}
	}
}

// A folded command is still one, and does the same.
func TestFoldCommands(t *testing.T) {
	for text, want := range map[string]string{
		"    ip -n red link add veth-red":           "    ip -n red link add \\\n        veth-red",
		"    nft add rule 'ip saddr 10.0.0.1 drop'": "    nft add rule \\\n        'ip saddr 10.0.0.1 drop'",
		"ip link": "ip link",
	} {
		if got := foldCommands(text, 26); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

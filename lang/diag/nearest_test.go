package diag

import (
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	verbs := []string{"addr", "bridge", "delete", "exec", "expect", "forward", "link", "nat", "ns", "ping", "print", "route", "show", "up"}
	nodes := []string{"blue", "green", "host", "red", "router1", "router2"}
	for _, c := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"bleu", nodes, "blue"},
		{"Blue", nodes, "blue"},
		{"gren", nodes, "green"},
		{"reed", nodes, "red"},
		{"rde", nodes, "red"},
		{"router3", nodes, "router1"}, // as near as router2: the first of them
		{"yellow", nodes, ""},
		{"", nodes, ""},
		{"brdige", verbs, "bridge"},
		{"linek", verbs, "link"},
		{"pin", verbs, "ping"},
		{"expct", verbs, "expect"},
		{"adr", verbs, "addr"},
		{"nets", verbs, ""},
		{"iptables", verbs, ""},
		{"sn", verbs, "ns"},
		{"n", verbs, ""}, // any name of one letter would do
		{"a", []string{"b", "c"}, ""},
		{"h10", []string{"h1", "h2"}, "h1"},
		{"RED", nodes, "red"},
		{"FORWRAD", verbs, "forward"},
		{"x", verbs, ""},
		{"blue", []string{"blue"}, ""},
		{"café1", []string{"café2"}, "café2"},
		{"한글", []string{"한국"}, "한국"},
		{"red", nil, ""},
	} {
		if got := Nearest(c.word, c.candidates); got != c.want {
			t.Errorf("%q: got %q, want %q", c.word, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "bca", 2},
		{"link", "linek", 1}, {"brdige", "bridge", 1}, {"über", "uber", 1},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	if got, want := DidYouMean("bleu", []string{"blue"}), `did you mean "blue"?`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := DidYouMean("yellow", []string{"blue"}); got != "" {
		t.Errorf("got %q for a word that is near nothing", got)
	}
}

// The comparison takes the product of both lengths: what cannot be near is not compared.
func TestLongWordsAreNear(t *testing.T) {
	long := strings.Repeat("-", 5_000_000)
	if got := Nearest(long, slices.Repeat([]string{"link", "bridge", "expect"}, 10_000)); got != "" {
		t.Errorf("%q", got)
	}
	if got := Nearest("brigde", []string{long, "bridge"}); got != "bridge" {
		t.Errorf("%q", got)
	}
}

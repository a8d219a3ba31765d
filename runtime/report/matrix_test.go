package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answersOf reads answers: "a b 4" holds, "a b 6 no" does not, "a b 4 denied" holds
// because nothing gets through, "a b 4 leak" is denied and gets through.
func answersOf(lines string) []Answer {
	var list []Answer
	for line := range strings.Lines(lines) {
		w := append(strings.Fields(line), "")
		a := Answer{From: w[0], To: w[1], Family: "IPv" + w[2], Holds: w[3] == "" || w[3] == "denied", Denied: w[3] == "denied" || w[3] == "leak"}
		list = append(list, a)
	}
	return list
}

func TestMatrix(t *testing.T) {
	tests := []struct {
		name, answers string
		not           bool
		want          string
	}{
		{"one family", "red blue 4\nred green 4 no\nblue red 4\nblue green 4\n green red 4 no\ngreen blue 4", false, `
           red  blue  green
    red    .    ok    --!
    blue   ok   .     ok
    green  --!  ok    .
    row to column: ok gets through, -- does not, ! not as expected, . not asked
`},
		{"both families", "a b 4\na b 6 no\nb a 4\nb a 6\na c 4\nc a 6 no\nb c 4 no\nb c 6 no", false, `
       a    b    c
    a  .    4-!  4.
    b  46   .    --!
    c  .-!  .    .
    row to column: 4 over IPv4, 6 over IPv6, - not, ! not as expected, . not asked
`},
		{"none may", "a x 4 no\na y 4\nb x 4 no\nb y 4 no", true, `
       x    y
    a  --   ok!
    b  --   --
    row to column: ok gets through, -- does not, ! not as expected, . not asked
`},
		{"a table that was stated", "a b 4\na c 4 denied\nb a 4 no\nb c 4 leak", false, `
       a    b    c
    a  .    ok   --
    b  --!  .    ok!
    row to column: ok gets through, -- does not, ! not as expected, . not asked
`},
		{"a row is no table", "a b 4\na c 4", false, "\n"},
		{"nor a column", "a c 4\nb c 4", false, "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, "\n"+Matrix(answersOf(test.answers), test.not, false)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestMatrixInColours(t *testing.T) {
	got := Matrix(answersOf("a b 4\nb a 4 no\na c 4\nb c 4"), false, true)
	if !strings.Contains(got, red+"--!"+reset) || !strings.Contains(got, green+"ok"+reset) {
		t.Errorf("%q", got)
	}
	if plain := Matrix(answersOf("a b 4\nb a 4 no\na c 4\nb c 4"), false, false); string(withoutColor(got)) != plain {
		t.Errorf("colours move the columns:\n%s%s", got, plain)
	}
}

// mesh is n nodes, the first of which reaches no other.
func mesh(n int) []Answer {
	var list []Answer
	for i := range n {
		for k := range n {
			if i != k {
				list = append(list, Answer{From: fmt.Sprintf("node%d", i), To: fmt.Sprintf("node%d", k), Family: "IPv4", Holds: i > 0})
			}
		}
	}
	return list
}

func TestLargeMatrix(t *testing.T) {
	lines := strings.Split(Matrix(mesh(40), false, false), "\n")
	if len(lines) != 42 || lines[0] != "    node0   ."+strings.Repeat("X", 39) || lines[1] != "    node1   +."+strings.Repeat("+", 38) {
		t.Errorf("%d lines:\n%s", len(lines), strings.Join(lines[:2], "\n"))
	}
	if got := Matrix(mesh(257), false, false); !strings.Contains(got, "257 × 257 nodes are too many") {
		t.Error(got)
	}
}

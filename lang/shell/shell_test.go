package shell_test

import (
	"errors"
	"strings"
	"testing"

	"nsl/lang/shell"
)

func TestPrompt(t *testing.T) {
	for line, rest := range map[string]string{
		"$ ip a": "ip a", "user@host:~$ ip a": "ip a", "root@lab:/etc/x y# ip a": "ip a", "[root@host ~]# ip a": "ip a",
		"> ip a": "ip a", "bash-5.2# ip a": "ip a", "ip a": "ip a", "$x ip": "$x ip", "a@b": "a@b", "% ip a": "ip a",
		"(base) u@h:~$ ip a": "ip a", "/ # ip a": "ip a", "~ $ ip a": "ip a", "➜  ~ ip a": "ip a", "(ip a)": "(ip a)", "/sbin/ip a": "/sbin/ip a",
	} {
		if got := line[shell.Prompt(line):]; got != rest {
			t.Errorf("%q: %q, want %q", line, got, rest)
		}
	}
}

func TestExtent(t *testing.T) {
	for _, c := range []struct {
		text    string
		inBlock bool
		want    string
		open    bool
	}{
		{"ip a\nns red", false, "ip a", false},
		{"ip a # all\n", false, "ip a", false},
		{"ip a; ns red", false, "ip a", false},
		{"a && b || c; d", false, "a && b || c", false},
		{"a & b", false, "a &", false},
		{"echo 'a;b\nc' d\nx", false, "echo 'a;b\nc' d", false},
		{"echo 'a", false, "echo 'a", true},
		{"ip link \\\n  set x up\ny", false, "ip link \\\n  set x up", false},
		{"ip link \\", false, "ip link \\", true},
		{"for i in 1 2; do\n  a $i\ndone\nb", false, "for i in 1 2; do\n  a $i\ndone", false},
		{"for i in 1 2; do", false, "for i in 1 2; do", true},
		{"ip link set x down }\n", true, "ip link set x down ", false},
		{"awk '{ print }' {a} }", true, "awk '{ print }' {a} ", false},
		{"a (b\nc", false, "a (b", false},
		{"# a", false, "", false},
		{"a <<EOF\nx {\n}\nEOF\nb", false, "a <<EOF\nx {\n}\nEOF", false},
		{"a <<EOF\nx {\n}\nEOF\nb }", true, "a <<EOF\nx {\n}\nEOF", false},
		{"a <<EOF", false, "a <<EOF", true},
		{"a <<EOF\nx\nEO", false, "a <<EOF\nx\nEO", true},
		{"a <<EOF && b\nx\nEOF\nc", false, "a <<EOF && b\nx\nEOF", false},
	} {
		n, open := shell.Extent(c.text, c.inBlock)
		if got := c.text[:n]; strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") || open != c.open {
			t.Errorf("%q: %q %v, want %q %v", c.text, got, open, c.want, c.open)
		}
	}
}

func TestFields(t *testing.T) {
	value := func(name string) (string, bool) {
		v, ok := map[string]string{"n": "red", "l": "a b"}[name]
		return v, ok
	}
	for text, want := range map[string]string{
		"x$n": "xred", `"$l"`: "a b", "$l": "a|b", "'$n'": "$n", "{1..3}": "1|2|3", "$(seq 2 4)": "2|3|4", `a\ b`: "a b", "h{a,b}": "ha|hb",
	} {
		list, err := shell.Parse("cmd " + text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := list[0].(*shell.Simple).Words[1].Fields(value)
		if strings.Join(got, "|") != want || err != nil {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"<(x)", "$(seq <(x))", "$(x)"} {
		list, _ := shell.Parse("cmd " + text)
		if _, err := list[0].(*shell.Simple).Words[1].Fields(value); !errors.Is(err, shell.ErrSubstitution) {
			t.Errorf("%s: %v", text, err)
		}
	}
	list, _ := shell.Parse("cmd $no")
	if _, err := list[0].(*shell.Simple).Words[1].Fields(value); !errors.Is(err, shell.ErrUnset) {
		t.Errorf("an unset variable: %v", err)
	}
}

func TestInput(t *testing.T) {
	value := func(string) (string, bool) { return "red", true }
	for text, want := range map[string]string{
		"cmd <<E\na $n\nE\n": "a red\n", "cmd <<'E'\na $n\nE\n": "a $n\n", "cmd <<-E\n\ta\n\tE\n": "a\n", `cmd <<< "a $n"`: "a red\n",
	} {
		list, err := shell.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s := list[0].(*shell.Simple)
		if got, err := s.Input.Text(value); got != want || err != nil || s.Text != strings.TrimSpace(text) {
			t.Errorf("%s: %q %v, want %q; all of it is %q", text, got, err, want, s.Text)
		}
	}
}

func TestReads(t *testing.T) {
	if got := strings.Join(shell.Reads("for n in $list; do ip netns add $n$suffix; done"), " "); got != "list suffix" {
		t.Error(got)
	}
	if got := strings.Join(shell.Reads("i=$((n + 1)); ip a $i"), " "); got != "n" {
		t.Error(got)
	}
}

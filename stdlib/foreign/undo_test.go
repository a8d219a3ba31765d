package foreign_test

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/plan"
)

// undonePart does each line after the preamble of a script, and undoes it.
const undonePart = "undone"

// linesBegin ends the preamble, and lineBegins precedes what is said of a line.
const linesBegin, lineBegins, changed = "# the lines\n", "== line ", "changed\n"

// linesUndone does the lines as a prompt does, and undoes each: the kernel has to be as
// before, as the tools show it.
func linesUndone(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	ctx := context.Background()
	s.EnableUndo()
	text := tree.File.Text
	preamble := strings.Index(text, linesBegin)
	lines := map[int][]*syntax.Statement{}
	for _, st := range tree.Statements {
		at := st.Span.Start - tree.File.Base
		if at < preamble {
			if err := s.Do(ctx, st); err != nil {
				return fmt.Errorf("before: %w", err)
			}
			continue
		}
		n := strings.Count(text[:at], "\n")
		lines[n] = append(lines[n], st)
	}
	before, err := shown(s)
	for n, line := range strings.Split(text, "\n") {
		if len(lines[n]) > 0 && err == nil {
			fmt.Fprintf(out, "%s%s\n", lineBegins, line)
			before, err = lineUndone(s, lines[n], before, out)
		}
	}
	return err
}

// lineUndone returns what is shown after the line is undone.
func lineUndone(s *engine.Session, line []*syntax.Statement, before string, out io.Writer) (string, error) {
	mark := s.Mark()
	for _, st := range line {
		if err := s.Do(context.Background(), st); err != nil {
			list, _ := diag.FromError(err)
			for _, d := range list {
				fmt.Fprintln(out, d.Code, d.Summary, d.Help)
			}
			break
		}
	}
	if differs, err := differs(s, before); err != nil {
		return "", err
	} else if differs {
		fmt.Fprint(out, changed)
	}
	for _, step := range s.Since(mark) {
		fmt.Fprintln(out, step.Op.Effect().Text)
	}
	if list := s.Undo(mark); len(list) > 0 {
		return "", fmt.Errorf("undo: %w", list)
	}
	after, err := shown(s)
	if before != after {
		return "", fmt.Errorf("not undone:\n%s", cmp.Diff(before, after))
	}
	return after, err
}

// differs asks the tools only if nsl itself sees no difference.
func differs(s *engine.Session, before string) (bool, error) {
	own, err := dumped(s)
	if err != nil || !strings.HasPrefix(before, own) {
		return true, err
	}
	now, err := shown(s)
	return now != before, err
}

func dumped(s *engine.Session) (string, error) {
	return labtest.Dump(s.World, labtest.MACs, labtest.Settings)
}

// shown is the state of the lab as nsl and the tools show it, without what changes by itself.
func shown(s *engine.Session) (string, error) {
	text, err := dumped(s)
	if err != nil {
		return "", err
	}
	nodes, err := s.World.Nodes()
	var b strings.Builder
	for _, node := range append([]string{plan.Host}, nodes...) {
		b.WriteString("== node " + node + "\n")
		w := verb.Streams{Out: &b, Err: &b}
		if _, err := s.World.Exec(context.Background(), node, []string{"sh", "-c", tools}, w); err != nil {
			return "", err
		}
	}
	return text + steady(b.String()), err
}

// tools print what a node has. One ip does all that it can: starting it anew for each question
// would be most of what the test costs.
const tools = `echo "== ip"; printf '%s\n' link addr rule "neigh show nud permanent" "neigh show proxy" nexthop | ip -d -force -batch -
	for c in "ip -4 route show table all" "ip -6 rule" "bridge fdb" "tc qdisc" "nft list ruleset"; do echo "== $c"; $c; done`

// steady is what the tools print without numbers and words that say what the kernel does
// at the moment, its lines in order.
func steady(text string) string {
	text = regexp.MustCompile(`(_timer) +[0-9.]+| nodad|qdisc (noop|noqueue)|@if[0-9]+|(?m)^[0-9]+: |bridge_id \S+ designated_root \S+|link/ether \S+| tentative|[gt]s?s?o_(ipv4_)?max_\S+ \d+|allmulti 0 |m(in|ax)mtu \d+`).ReplaceAllString(text, "$1")
	var all []string
	for section := range strings.SplitSeq(text, "== ") {
		title, rest, _ := strings.Cut(section, "\n")
		list := slices.DeleteFunc(strings.Split(rest, "\n"), func(l string) bool {
			return title == "bridge fdb" && !strings.HasPrefix(l, "02:00:00:00:00:") || strings.HasPrefix(strings.TrimSpace(l), "0: dev ") || strings.Contains(l, "inet6 fe80:") || strings.Contains(l, "valid_lft forever")
		})
		slices.Sort(list)
		all = append(all, title+"\n"+strings.Join(list, "\n"))
	}
	return strings.Join(all, "== ")
}

// TestUndoOfLines undoes each line that changes something, done by nsl or by the program,
// many in one lab: what is undone must not matter to the next.
func TestUndoOfLines(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "nft", "iptables", "tc")
	byPreamble := map[string][]verbatim{}
	for _, v := range verbatims(t) {
		// What ethtool changes is not compared yet.
		if v.kind == "change" && !strings.HasPrefix(v.line, "#") && !strings.Contains(v.line, "ethtool") {
			byPreamble[v.preamble] = append(byPreamble[v.preamble], v)
		}
	}
	for preamble, all := range byPreamble {
		for list := range slices.Chunk(all, 12) {
			t.Run(list[0].line, func(t *testing.T) {
				t.Parallel()
				undoOfLines(t, preamble, list)
			})
		}
	}
}

func undoOfLines(t *testing.T, preamble string, list []verbatim) {
	script := preamble + linesBegin
	for _, v := range list {
		script += v.line + "\n"
	}
	got := labs.In(t, undonePart, labs.Job{Script: script})
	said := map[string]string{}
	for part := range strings.SplitSeq(got.Out, lineBegins) {
		line, text, _ := strings.Cut(part, "\n")
		said[line] = text
	}
	for _, v := range list {
		t.Run(v.line, func(t *testing.T) {
			text, done := said[v.line]
			lacking(t, v, text)
			if !done || !strings.Contains("\n"+text, "\n"+changed) {
				t.Errorf("nothing changed: %q", text)
			}
		})
	}
	if got.Err != "" {
		t.Errorf("%s\n%s", got.Out, got.Err)
	}
}

package filter_test

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/stdlib"
)

//go:embed testdata/iptables.txt
var iptablesLines string

// alikePart does each command of iptables in one node by nsl, and in another by the
// program.
const alikePart = "alike"

// alike compares the tables of two nodes, as the kernel describes them, after each list of
// commands: a paragraph is one list.
func alike(paragraphs string) func(*engine.Session, *syntax.Tree, io.Writer) error {
	return func(s *engine.Session, _ *syntax.Tree, out io.Writer) error { return compareLists(s, paragraphs, out) }
}

func compareLists(s *engine.Session, paragraphs string, out io.Writer) error {
	for i, list := range strings.Split(strings.TrimSpace(paragraphs), "\n\n") {
		ours, theirs := fmt.Sprintf("ours%d", i), fmt.Sprintf("theirs%d", i)
		lines := strings.Split(list, "\n")
		script := "ns " + ours + " " + theirs + "\n"
		for _, l := range lines {
			if strings.HasPrefix(l, "nft ") || strings.HasPrefix(l, "ip") {
				script += "ip netns exec " + ours + " "
			}
			script += l + "\n"
		}
		if err := do(s, script); err != nil {
			return fmt.Errorf("%s: %w", list, err)
		}
		if err := program(s, theirs, strings.Join(lines, "\n")); err != nil {
			return err
		}
		if err := compareTables(s, ours, theirs, out); err != nil {
			return err
		}
	}
	return nil
}

func do(s *engine.Session, script string) error {
	s.Interp.Translated = func(_ verb.Command, tr verb.Translation) {
		if tr.Passed {
			s.Failed++
			fmt.Fprintln(s.Streams.Out, "left to the program:", tr.Statements)
		}
	}
	tree := stdlib.Table().Split((&source.Set{}).Add("", script))
	return s.Run(context.Background(), tree.Statements)
}

func program(s *engine.Session, node, script string) error {
	code, err := s.World.Exec(context.Background(), node, []string{"sh", "-ec", script}, s.Streams)
	if err == nil && code != 0 {
		return fmt.Errorf("exit code %d", code)
	}
	return err
}

func compareTables(s *engine.Session, ours, theirs string, out io.Writer) error {
	got, err := s.World.Tables(ours)
	if err != nil {
		return err
	}
	want, err := s.World.Tables(theirs)
	uncounted := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Data" }, cmp.Ignore()) // Sum is the rest of it
	if got, want = unordered(got), unordered(want); err != nil || cmp.Equal(got, want, uncounted) {
		return err
	}
	s.Failed++
	for _, node := range []string{ours, theirs} {
		fmt.Fprintln(out, "==", node)
		if err := program(s, node, "nft --debug=netlink list ruleset"); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, cmp.Diff(want, got, uncounted))
	return nil
}

// TestLikeIptables does commands of iptables and compares the tables with those that the
// program makes: the descriptions of the kernel are equal, byte by byte.
func TestLikeIptables(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "iptables", "ip6tables")
	if got := labs.In(t, alikePart, labs.Job{Script: "ns red\n"}); got.Err != "" || got.Failed > 0 {
		t.Errorf("%s\n%s", got.Err, got.Out)
	}
}

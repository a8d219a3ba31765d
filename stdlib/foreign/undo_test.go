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

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/plan"
)

// undonePart does the last statement of a script, and undoes it.
const undonePart = "undone"

// lastUndone does the last statement as a prompt does, and undoes it: the kernel has to be
// as before, as the tools show it.
func lastUndone(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	ctx := context.Background()
	s.EnableUndo()
	n := len(tree.Statements) - 1
	for _, st := range tree.Statements[:n] {
		if err := s.Do(ctx, st); err != nil {
			return fmt.Errorf("before: %w", err)
		}
	}
	before, err := shown(s)
	if err != nil {
		return err
	}
	mark := s.Mark()
	if err := s.Do(ctx, tree.Statements[n]); err != nil {
		return err
	}
	done, err := shown(s)
	if err != nil {
		return err
	}
	for _, step := range s.Since(mark) {
		fmt.Fprintln(out, step.Op.Effect().Text)
	}
	if done != before {
		s.Held++
	}
	if list := s.Undo(mark); len(list) > 0 {
		return fmt.Errorf("undo: %w", list)
	}
	after, err := shown(s)
	if before != after {
		fmt.Fprintf(out, "not undone:\n%s", cmp.Diff(before, after))
		s.Failed++
	}
	return err
}

// shown is the state of the lab as the tools show it, without what changes by itself.
func shown(s *engine.Session) (string, error) {
	text, err := labtest.Dump(s.World, labtest.MACs, labtest.Settings)
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

// tools print what a node has.
const tools = `for c in "ip -d link" "ip addr" "ip -4 route show table all" "ip rule" "ip -6 rule" "ip neigh show nud permanent" \
	"ip neigh show proxy" "bridge fdb" "tc qdisc" "nft list ruleset" "ip nexthop"; do echo "== $c"; $c; done`

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

// TestUndoOfLines undoes each line that changes something, done by nsl or by the program.
func TestUndoOfLines(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "nft", "iptables", "tc")
	for _, v := range verbatims(t) {
		if v.kind != "change" || strings.HasPrefix(v.line, "#") {
			continue
		}
		t.Run(v.line, func(t *testing.T) {
			t.Parallel()
			got := labs.In(t, undonePart, labs.Job{Script: v.preamble + v.line + "\n"})
			if strings.Contains(v.line, "ethtool") {
				t.Skip("what ethtool changes is not compared yet")
			}
			lacking(t, v, got.Out)
			if got.Err != "" || got.Failed > 0 || got.Held != 1 {
				t.Errorf("changed %d: %s\n%s", got.Held, got.Err, got.Out)
			}
		})
	}
}

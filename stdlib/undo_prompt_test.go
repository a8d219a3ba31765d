package stdlib_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// typeAll does the statements of a script one by one, as a prompt does. Each that
// changes something is undone and done again; what is not as before is reported
// and counted as a failure. In the end all are undone, last first.
func typeAll(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	s.EnableUndo()
	wrong := 0
	var marks []engine.Mark
	var states []string
	var names []string
	for _, st := range tree.Statements {
		switch s.Interp.Table.Role(st.Verb()) {
		case verb.RoleDefer: // it waits until the prompt is left
			continue
		case verb.RoleExpect: // it changes nothing, and would be waited for
			continue
		}
		before, err := remembered(s)
		if err != nil {
			return err
		}
		mark := s.Mark()
		if err := s.Do(context.Background(), st); err != nil {
			return err
		}
		if !s.Changed(mark) {
			continue
		}
		name, failed := st.Verb().Text, s.Failed
		if err := compareUndone(s, mark, name, before, out); err != nil {
			return err
		}
		wrong += s.Failed - failed
		if err := s.Do(context.Background(), st); err != nil {
			return fmt.Errorf("again: %w", err)
		}
		marks, states, names = append(marks, mark), append(states, before), append(names, name)
	}
	s.Failed, s.Held = 0, 0 // what the script itself expects is another test's matter
	for i := len(marks) - 1; i >= 0; i-- {
		if err := compareUndone(s, marks[i], "in the end, "+names[i], states[i], out); err != nil {
			return err
		}
	}
	s.Failed += wrong
	return nil
}

func compareUndone(s *engine.Session, m engine.Mark, name, before string, out io.Writer) error {
	if list := s.Undo(m); len(list) > 0 {
		return fmt.Errorf("undo of %s: %w", name, list)
	}
	after, err := remembered(s)
	if err != nil {
		return err
	}
	if before != after {
		fmt.Fprintf(out, "%s is not undone:\n%s", name, differences(before, after))
		s.Failed++
	} else {
		s.Held++
	}
	return nil
}

// remembered is the kernel's state, and all that a later statement may ask.
func remembered(s *engine.Session) (string, error) {
	text, err := wholeState(s)
	in := s.Interp
	return text + fmt.Sprintln(s.Lab.Auto(), in.Scope.Variables(), in.Scope.Functions()), err
}

func undone(t *testing.T, script, needs string) {
	t.Helper()
	r := labs.In(t, typedPart, labs.Job{Script: script})
	labtest.Needs(t, needs, r.Err+r.Out)
	if r.Err != "" || r.Failed > 0 {
		t.Errorf("%s\n%s\n%s", script, r.Err, r.Out)
	}
}

// TestUndoOfEveryVerb undoes each statement of each example of each verb.
func TestUndoOfEveryVerb(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) {
		if strings.Contains(e.Code, "$out") {
			t.Skip("what a program writes is kept when the next statement is known to read it")
		}
		undone(t, e.Code, e.Needs)
	})
}

// TestUndoInLabs undoes each statement of each lab.
func TestUndoInLabs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../scripts/labs/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no labs: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if filepath.Base(name) == "leaf-spine.nsl" {
				labtest.Nightly(t) // the most nodes; leaf-spine-vxlan.nsl has the same kinds of statements
			}
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			undone(t, strings.ReplaceAll(string(text), "arg(1, 50)", "arg(1, 5)"), required(string(text)))
		})
	}
	for name, script := range undoLabs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			undone(t, script, "")
		})
	}
}

// required is the first feature of the kernel that a lab requires, or "".
func required(script string) string {
	_, rest, _ := strings.Cut(script, "\nrequire kernel ")
	if words := strings.Fields(rest); len(words) > 0 {
		return words[0]
	}
	return ""
}

// TestUndoOfDeletions gives back nodes with all that they had.
func TestUndoOfDeletions(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"a router": `ns red r1 blue
link red <-> r1 10.0.1.0/24 mtu 1400
link r1 <-> blue 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
sysctl r1 net.ipv4.conf.all.rp_filter=2
rule r1 from 10.0.1.0/24 table 100
route r1 blackhole 10.9.0.0/16
nat 10.0.1.0/24 on r1
addr r1:veth-r1-2 10.0.7.1/24
delete r1
ns r1
link red <-> r1
delete r1 red
`,
		"two ways between two nodes": `ns red blue
link red <-> blue 10.0.1.0/24
link red <-> blue 10.0.2.0/24
route red 10.9.0.0/16 via <10.0.1.2 10.0.2.2>
route blue default via 10.0.1.1
delete blue
`,
		"one with a bridge": `ns red blue sw
bridge sw:br0 <red blue> 10.0.1.0/24 stp on
bridge sw:br1 <host red>
link sw <-> blue
delete sw
delete blue red
`,
		"loops and functions": `def pair(a, b) {
  ns $a $b
  link $a <-> $b
}
let n = 3
for i in 1..$n { pair a$i b$i }
auto dual
pair c d
if $n == 3 { delete a1; delete c b2 }
test "cut" { down a3; expect not ping b3 -> a3 }
let n = 4
use std/lan
lan office <e f> 10.77.0.0/24
delete <e f>
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			undone(t, script, "")
		})
	}
}

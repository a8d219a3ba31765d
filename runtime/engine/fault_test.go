package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/kernel"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// faulty is a world whose op number failAt fails.
type faulty struct {
	engine.World
	failAt int
	failed plan.Op
}

func (f *faulty) Apply(ctx context.Context, op plan.Op) error {
	f.failAt--
	if f.failAt == -1 {
		f.failed = op
		return syscall.ENOSPC
	}
	return f.World.Apply(ctx, op)
}

// quiet observes nothing but how many ops a statement had.
type quiet struct{ ops int }

func (q *quiet) Begin(*syntax.Statement)                      {}
func (q *quiet) Done(_ *syntax.Statement, steps []plan.Step)  { q.ops = len(steps) }
func (q *quiet) Expected(*syntax.Statement, verb.Expectation) {}
func (q *quiet) Warned(diag.List)                             {}
func (q *quiet) TestBegun(string)                             {}
func (q *quiet) TestEnded(string, int, error)                 {}

// TestFaultAtEveryOp fails each op of each statement of each lab once, on the
// kernel: the lab must then be as before the statement, and the error must name
// the statement and the object.
func TestFaultAtEveryOp(t *testing.T) {
	labs, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil || len(labs) == 0 {
		t.Fatalf("no labs: %v", err)
	}
	labs = append(labs, "testdata/everything.nsl")
	for _, lab := range labs {
		t.Run(filepath.Base(lab), func(t *testing.T) {
			text, err := os.ReadFile(lab)
			if err != nil {
				t.Fatal(err)
			}
			out := inSandbox(t, "faults", string(text))
			if !strings.Contains(out, "faults injected") {
				t.Fatalf("nothing was injected:\n%s", out)
			}
			t.Log(strings.TrimSpace(out))
		})
	}
}

// faults runs inside the sandbox.
func faults(script string) error {
	set := &source.Set{}
	tree := syntax.Split(set.Add("lab.nsl", script))
	world, err := kernel.New()
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	f := &faulty{World: world, failAt: -1}
	seen := &quiet{}
	s := engine.NewSession(f, stdlib.Table(), seen, verb.Streams{})
	injected := 0
	for _, st := range tree.Statements {
		n, err := faultsIn(set, s, f, world, st)
		if err != nil {
			return err
		}
		injected += n
	}
	fmt.Printf("%d faults injected\n", injected)
	return nil
}

// faultsIn fails each op of one statement in turn, and then lets it through.
func faultsIn(set *source.Set, s *engine.Session, f *faulty, world engine.World, st *syntax.Statement) (int, error) {
	text := set.Text(st.Span)
	before, err := model.Dump(world)
	if err != nil {
		return 0, err
	}
	for k := 0; ; k++ {
		f.failAt, f.failed = k, nil
		err := s.Do(context.Background(), st)
		if f.failed == nil {
			f.failAt = -1
			return k, wrap(text, err)
		}
		if err := judge(set, st, f.failed, err); err != nil {
			return 0, fmt.Errorf("%s, op %d (%s): %w", text, k, f.failed.Object(), err)
		}
		after, err := model.Dump(world)
		if err != nil {
			return 0, err
		}
		if after != before {
			return 0, fmt.Errorf("%s, op %d (%s): the lab is not as before\n--- before\n%s--- after\n%s",
				text, k, f.failed.Object(), before, after)
		}
	}
}

func wrap(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", text, err)
}

// judge looks at the error of a statement whose op failed.
func judge(set *source.Set, st *syntax.Statement, op plan.Op, err error) error {
	var list diag.List
	if !errors.As(err, &list) {
		return fmt.Errorf("not a finding: %w", err)
	}
	if len(list) != 1 {
		return fmt.Errorf("%d findings: %w", len(list), list)
	}
	d := list[0]
	if !strings.Contains(d.Summary, op.Object()) {
		return fmt.Errorf("the message %q does not name %s", d.Summary, op.Object())
	}
	if d.Subject.Start < st.Span.Start || d.Subject.End > st.Span.End {
		return fmt.Errorf("the place %s is outside the statement", diag.Place(set, d.Subject))
	}
	return nil
}

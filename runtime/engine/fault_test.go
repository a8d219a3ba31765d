package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// faulty is a world in which one op of a statement fails.
type faulty struct {
	engine.World
	// armed is set until an op has failed.
	armed bool
	// from is the number of the first op that may fail, at of the one that did, failed.
	from, at int
	failed   plan.Op
	// ops counts those of the statement, kinds those of a type that failed.
	ops   int
	kinds map[reflect.Type]int
}

func (f *faulty) Apply(ctx context.Context, op plan.Op) error {
	f.ops++
	kind := reflect.TypeOf(op)
	if !f.armed || f.ops <= f.from || f.kinds[kind] == faultsOfKind() {
		return f.World.Apply(ctx, op)
	}
	f.armed, f.at, f.failed = false, f.ops, op
	f.kinds[kind]++
	return syscall.ENOSPC
}

// faultsOfKind is how many ops of one type are failed in one statement: the others differ
// from these in names and numbers.
func faultsOfKind() int {
	if labtest.IsNightly() {
		return math.MaxInt
	}
	return 3
}

// quiet observes nothing but how many ops a statement had.
type quiet struct{ ops int }

func (q *quiet) Begin(*syntax.Statement)                      {}
func (q *quiet) Done(_ *syntax.Statement, steps []plan.Step)  { q.ops = len(steps) }
func (q *quiet) Expected(*syntax.Statement, verb.Expectation) {}
func (q *quiet) Warned(diag.List)                             {}
func (q *quiet) TestBegun(string, source.Span)                {}
func (q *quiet) TestEnded(string, int, error)                 {}

// TestFaultAtEveryOp fails each op of each statement of each lab once, on the
// kernel (of many of one type in one statement only the first): the lab must then be as before the statement, and the error must name
// the statement and the object.
func TestFaultAtEveryOp(t *testing.T) {
	labs, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil || len(labs) == 0 {
		t.Fatalf("no labs: %v", err)
	}
	labs = append([]string{"testdata/everything.nsl", "testdata/links.nsl", "testdata/tap.nsl", "testdata/dummy.nsl",
		"testdata/8021q.nsl", "testdata/vlan-filtering.nsl", "testdata/ipvlan.nsl"}, labs...) // the longest first
	for _, lab := range labs {
		t.Run(filepath.Base(lab), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(lab)
			if err != nil {
				t.Fatal(err)
			}
			out := labtest.InSandbox(t, "faults", string(text))
			if strings.HasPrefix(out, "lacks") {
				labtest.Lacks(t, strings.TrimSuffix(filepath.Base(lab), ".nsl"), out)
			}
			if !strings.Contains(out, "faults injected") {
				t.Fatalf("nothing was injected:\n%s", out)
			}
			t.Log(strings.TrimSpace(out))
		})
	}
}

// faults runs inside the sandbox.
func faults(script string, out io.Writer) error {
	world, err := lab.New()
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	injected, err := faultsIn(world, script)
	var list diag.List
	if errors.As(err, &list) && (list[0].Code == diag.NoFeature || list[0].Code == diag.NoPermission) {
		fmt.Fprintln(out, "lacks a feature:", list[0].Summary)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d faults injected\n", injected)
	return nil
}

// TestFaultInModel does the same with the kinds of interface that many kernels
// lack, on the model.
func TestFaultInModel(t *testing.T) {
	for _, lab := range []string{"dummy", "8021q", "ipvlan", "tap", "links", "tunnels", "wireguard", "vrf", "bond"} {
		t.Run(lab, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + lab + ".nsl")
			if err != nil {
				t.Fatal(err)
			}
			injected, err := faultsIn(labtest.NewWorld(), string(text))
			if err != nil || injected < 10 {
				t.Errorf("%d faults injected: %v", injected, err)
			}
		})
	}
}

// faultsIn runs a script on a world, and reports how many faults there were.
func faultsIn(world engine.World, script string) (int, error) {
	f := &faulty{World: world}
	table := stdlib.Table()
	in := &injector{
		Session: engine.NewSession(f, table, &quiet{}, verb.Streams{}),
		set:     &source.Set{}, world: f, kernel: world,
		seen: map[source.Span]int{},
	}
	in.Interp.Host, in.Interp.Modules = in, labtest.Modules(table, in.set, nil)
	tree := table.Split(in.set.Add("lab.nsl", script))
	err := in.Run(context.Background(), tree.Statements)
	return in.injected, err
}

// injector is a session that lets each op of a statement fail in turn, and then
// lets the statement through.
type injector struct {
	*engine.Session
	set      *source.Set
	world    *faulty
	kernel   engine.World
	injected int
	// seen counts how often a statement was run: in a loop only the first few
	// times differ in anything but names and numbers.
	seen map[source.Span]int
}

// Statement is called for each statement when its words have their values, also
// those in loops, functions and tests. An expectation makes no ops: it would only
// be waited for.
func (in *injector) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if p.Verb.Role == verb.RoleExpect {
		return nil
	}
	const passes = 2
	if in.seen[p.Span]++; in.seen[p.Span] > passes {
		return in.Session.Statement(ctx, p, at)
	}
	text := in.set.Text(p.Span)
	before, err := labtest.Dump(in.kernel)
	if err != nil {
		return err
	}
	in.world.kinds = map[reflect.Type]int{}
	for k := 0; ; k = in.world.at {
		in.world.armed, in.world.from, in.world.ops, in.world.failed = true, k, 0, nil
		err := in.Session.Statement(ctx, p, at)
		failed := in.world.failed
		if failed == nil {
			in.world.armed = false
			return wrap(text, err)
		}
		in.injected++
		if err := judge(in.set, p.Statement, failed, err); err != nil {
			return fmt.Errorf("%s, op %d (%s): %w", text, k, failed.Effect().Object, err)
		}
		after, err := labtest.Dump(in.kernel)
		if err != nil {
			return err
		}
		if after != before {
			return fmt.Errorf("%s, op %d (%s): the lab is not as before\n--- before\n%s--- after\n%s",
				text, k, failed.Effect().Object, before, after)
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
	if !strings.Contains(d.Summary, op.Effect().Object) {
		return fmt.Errorf("the message %q does not name %s", d.Summary, op.Effect().Object)
	}
	if d.Subject.Start < st.Span.Start || d.Subject.End > st.Span.End {
		return fmt.Errorf("the place %s is outside the statement", diag.Place(set, d.Subject))
	}
	return nil
}

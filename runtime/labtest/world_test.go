package labtest_test

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

func TestLog(t *testing.T) {
	w := labtest.NewWorld()
	for _, op := range []plan.Op{plan.AddNS{Name: "red"}, plan.DelNS{Name: "red"}, plan.RestoreNS{Name: "red"}, plan.AddNS{Name: "red"},
		plan.SetUp{Node: "red", Name: "lo"}} {
		_ = w.Apply(context.Background(), op) // one of them is refused
	}
	want := []string{"ip netns add red", "ip netns del red", "# namespace red"}
	for _, c := range (plan.SetUp{Node: "red", Name: "lo"}).Commands() {
		want = append(want, c.String())
	}
	if got := w.Log(); !slices.Equal(got, want) {
		t.Errorf("log %q, want %q", got, want)
	}
}

func TestFailAt(t *testing.T) {
	w := labtest.NewWorld()
	w.FailAt(1, syscall.EPERM)
	before := ""
	for i, op := range lab("red")[:3] {
		err := w.Apply(context.Background(), op)
		if failed := errors.Is(err, syscall.EPERM); failed != (i == 1) {
			t.Errorf("op %d: %v", i, err)
		}
		after, err := labtest.Dump(w)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 && after != before {
			t.Errorf("the op that failed had an effect:\n%s", after)
		}
		before = after
	}
	if w.Ops() != 3 {
		t.Errorf("%d ops counted, want 3", w.Ops())
	}
}

func TestExec(t *testing.T) {
	w := labtest.NewWorld()
	if code, err := w.Exec(context.Background(), plan.Host, []string{"false"}, plan.Streams{}); code != 0 || err != nil {
		t.Errorf("by default: %d, %v", code, err)
	}
	var ran []string
	w.Run = func(_ context.Context, node string, argv []string, _ plan.Streams) (int, error) {
		ran = append([]string{node}, argv...)
		return 3, nil
	}
	code, err := w.Exec(context.Background(), plan.Host, []string{"ip", "link"}, plan.Streams{})
	if code != 3 || err != nil || !slices.Equal(ran, []string{plan.Host, "ip", "link"}) {
		t.Errorf("exit %d, %v, ran %q", code, err, ran)
	}
	if _, err := w.Exec(context.Background(), "red", nil, plan.Streams{}); !errors.Is(err, plan.ErrNoNode) {
		t.Errorf("in no node: %v", err)
	}
	if !w.Uncertain() {
		t.Error("a program was run and the model is not uncertain")
	}
}

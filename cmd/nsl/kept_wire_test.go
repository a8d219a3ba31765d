package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/netip"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nsl/lang/check"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// An op that is forgotten in the list would be refused at a prompt in a lab that
// stays, and only there: the types are read from the source.
func TestEveryOpCanBeSent(t *testing.T) {
	have := map[string]bool{}
	for _, o := range opTypes() {
		have[reflect.TypeOf(o).Name()] = true
	}
	files, err := filepath.Glob("../../runtime/plan/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := 0
	for _, file := range files {
		tree, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "op" && f.Name.Name != "service" {
				continue
			}
			found++
			if name := fmt.Sprint(f.Recv.List[0].Type); !have[name] {
				t.Errorf("plan.%s is missing in opTypes", name)
			}
		}
	}
	if found != len(have) {
		t.Errorf("%d types in plan, %d in opTypes", found, len(have))
	}
}

// The ops of all examples arrive as they were sent.
func TestOpsArriveAsTheyWereSent(t *testing.T) {
	seen := map[string]int{}
	for _, v := range stdlib.Verbs() {
		for i, e := range v.Examples {
			set := &source.Set{}
			tree := syntax.Split(set.Add(fmt.Sprintf("%s example %d", v.Name, i), e.Code))
			check.Walk(set, stdlib.Table(), tree, model.New(), check.Options{Limits: eval.DefaultLimits(), Modules: newModules(set),
				Each: func(s check.Step) {
					for _, step := range s.Ops {
						op := step.Op
						seen[reflect.TypeOf(op).Name()]++
						arrives(t, op)
						for _, back := range op.Inverse() {
							arrives(t, back)
						}
					}
				}})
		}
	}
	if len(seen) < 20 {
		t.Errorf("the examples have only these ops: %v", seen)
	}
}

func arrives(t *testing.T, op plan.Op) {
	t.Helper()
	text, err := pack(question{Ask: askApply, Op: op})
	if err != nil {
		t.Fatalf("%#v: %v", op, err)
	}
	var q question
	if err := unpack(text, &q); err != nil {
		t.Fatalf("%#v: %v", op, err)
	}
	if d := cmp.Diff(op, q.Op, cmpopts.EquateEmpty(),
		cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{})); d != "" {
		t.Errorf("%T: %s", op, d)
	}
}

func TestErrorsArriveAsWhatTheyAre(t *testing.T) {
	taken := &plan.PortTaken{Listen: plan.Listen{Proto: "tcp", Port: 80}, By: "nginx"}
	for _, err := range []error{
		fmt.Errorf("red: %w", plan.ErrNoNode),
		fmt.Errorf("add: %w", syscall.EEXIST),
		fmt.Errorf("start: %w", taken),
		&plan.NotReady{What: "it ended", Printed: "oops"},
		&plan.LeaseRefused{By: netip.MustParseAddr("10.0.0.1"), Why: "full"},
		&exec.Error{Name: "x", Err: exec.ErrNotFound},
	} {
		text, errPack := pack(answer{Err: packError(err)})
		var a answer
		if errUnpack := unpack(text, &a); errPack != nil || errUnpack != nil {
			t.Fatalf("%v: %v %v", err, errPack, errUnpack)
		}
		got := error(a.Err)
		if got.Error() != err.Error() {
			t.Errorf("%q arrives as %q", err, got)
		}
		for _, s := range append(sentinels(), syscall.EEXIST, syscall.ESRCH) {
			if errors.Is(err, s) != errors.Is(got, s) {
				t.Errorf("%v: errors.Is with %v is another", err, s)
			}
		}
	}
	var p *plan.PortTaken
	text, _ := pack(answer{Err: packError(taken)})
	var a answer
	if err := unpack(text, &a); err != nil || !errors.As(error(a.Err), &p) || !strings.Contains(p.By, "nginx") {
		t.Errorf("%v %v", err, p)
	}
}

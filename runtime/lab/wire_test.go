package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nsl/lang/check"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// The ops of all examples arrive as they were sent, and with their inverses they are
// all ops and services there are: gob refuses one that its list forgets.
func TestOpsArriveAsTheyWereSent(t *testing.T) {
	seen := map[reflect.Type]bool{}
	see := func(op plan.Op) {
		arrives(t, op)
		seen[reflect.TypeOf(op)] = true
		if o, ok := op.(plan.Start); ok {
			seen[reflect.TypeOf(o.Service)] = true
		}
	}
	// No statement needs these: they restore what the kernel or a program changed of its own accord.
	see(plan.DelNeighbour{Node: "red", Dev: "eth0", IP: netip.MustParseAddr("fe80::1")})
	see(plan.SetItem{Node: "red", Was: plan.Item{Kind: plan.RouteItem, Key: "\x02\x00\xff", Data: "\x02\x00\xff", Text: "route"}})
	see(plan.Restart{Node: "red", ID: "dhcp", Service: plan.DHCP{Link: "eth0"}})
	for _, v := range stdlib.Verbs() {
		language := script.Language{Table: stdlib.Table(), Library: stdlib.Std()}
		for i, e := range v.Examples {
			set := &source.Set{}
			tree := stdlib.Table().Split(set.Add(fmt.Sprintf("%s example %d", v.Name, i), e.Code))
			check.Walk(set, stdlib.Table(), tree, model.New(), check.Options{Limits: eval.DefaultLimits(), Modules: language.Modules(set, "example"),
				Each: func(s check.Step) {
					for _, step := range s.Ops {
						see(step.Op)
						for _, back := range step.Op.Inverse() {
							see(back)
						}
					}
				}})
		}
	}
	for _, o := range slices.Concat(anys(plan.Ops()), anys(plan.Services())) {
		if !seen[reflect.TypeOf(o)] {
			t.Errorf("no example has a %T", o)
		}
	}
}

func anys[T any](list []T) (all []any) {
	for _, v := range list {
		all = append(all, v)
	}
	return all
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
	var file *plan.FileError
	text, _ = pack(answer{Err: packError(plan.NewFileError("pages", syscall.EACCES, true))})
	a = answer{}
	if err := unpack(text, &a); err != nil || !errors.As(error(a.Err), &file) || *file != (plan.FileError{Path: "pages", Err: syscall.EACCES, Read: true}) {
		t.Errorf("%v %v", err, file)
	}
}

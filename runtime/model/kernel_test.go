package model_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// TestAsTheKernel does the same random ops to the model and to the kernel. Both
// must refuse the same ones for the same reason, be in the same state after
// each, and send packets the same way.
func TestAsTheKernel(t *testing.T) {
	labtest.NeedNamespaces(t)
	k := kindsOfThisKernel(t)
	rapid.Check(t, func(t *rapid.T) {
		steps := k.drawSteps(t)
		c := comparison{model: model.New()}
		if err := inNewHost(func(w *lab.World) error { return c.run(w, steps) }); err != nil {
			t.Fatalf("%s\n%v", strings.Join(c.log, "\n"), err)
		}
	})
}

// step is an op, and whether the statement ends with it. Between some ops the
// states are not alike: lo is never down in the model, and the settings of a
// new namespace are the machine's.
type step struct {
	op             plan.Op
	commit, unlike bool
}

// drawSteps starts every lab alike: the host, a node, a cable and a chain.
func (k kernelKinds) drawSteps(t *rapid.T) []step {
	steps := []step{
		{op: plan.Baseline{Node: plan.Host}, unlike: true}, {op: plan.SetUp{Node: plan.Host, Name: plan.Loopback}},
		{op: plan.AddNS{Name: "red"}, unlike: true}, {op: plan.Baseline{Node: "red"}},
		{op: plan.AddVeth{A: plan.LinkEnd{Node: plan.Host, Name: "a0"}, B: plan.LinkEnd{Node: "red", Name: "a0"}}},
		{op: plan.SetUp{Node: "red", Name: "a0"}},
		{op: plan.AddNftTable{Node: "red"}}, {op: plan.AddNftChain{Node: "red", Chain: plan.Postrouting}},
	}
	for range rapid.IntRange(1, 40).Draw(t, "ops") {
		op := k.drawOp(t)
		ns, unlike := op.(plan.AddNS)
		steps = append(steps, step{op, rapid.IntRange(0, 9).Draw(t, "commit") == 0, unlike})
		if unlike {
			steps = append(steps, step{op: plan.Baseline{Node: ns.Name}})
		}
	}
	return steps
}

// inNewHost runs f with a world whose host is a fresh network namespace, and
// takes the names of its nodes away. The thread is given up: it is in there.
func inNewHost(f func(*lab.World) error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return
		}
		w, failed := lab.New()
		if failed != nil {
			err = failed
			return
		}
		err = errors.Join(f(w), closeWorld(w))
	}()
	<-done
	return err
}

func closeWorld(w *lab.World) error {
	names, err := w.Nodes()
	for _, name := range names {
		err = errors.Join(err, w.Apply(context.Background(), plan.DelNS{Name: name}))
	}
	return errors.Join(err, w.Commit(), w.Close())
}

type comparison struct {
	model *model.Model
	log   []string
}

func (c *comparison) run(w *lab.World, steps []step) error {
	for _, s := range steps {
		if takenBelow(c.model, s.op) {
			continue
		}
		theirs, ours := w.Apply(context.Background(), s.op), c.model.Apply(s.op)
		c.log = append(c.log, fmt.Sprintf("%T %s: %v", s.op, text(s.op), theirs))
		if !alike(theirs, ours) && !vagueDefault(s.op, theirs) && !twoFaults(s.op, theirs, ours) {
			return fmt.Errorf("kernel: %w\n model: %w", theirs, ours)
		}
		if s.commit {
			if err := errors.Join(w.Commit(), c.model.Commit()); err != nil {
				return err
			}
		}
		if s.unlike {
			continue
		}
		if err := soon(func() error { return sameState(w, c.model) }); err != nil {
			return err
		}
	}
	return soon(func() error { return sameWays(w, c.model) })
}

// soon asks again for a while: the kernel makes the routes of an IPv6 address
// after it has answered (addrconf_dad_work, net/ipv6/addrconf.c).
func soon(same func() error) (err error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * time.Second); ; <-tick.C {
		if err = same(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// vagueDefault: where there is no IPv6 default route the kernel finds its own
// entry that says so, and refuses to delete that one.
func vagueDefault(op plan.Op, err error) bool {
	o, ok := op.(plan.DelRoute)
	return ok && o.Route.Dst.Addr().Is6() && o.Route.Dst.Bits() == 0 && errors.Is(err, syscall.ENOENT)
}

// takenBelow: kernels before 6.12 look for the name of a new interface where what
// is under it is, too. The statements keep clear of that.
func takenBelow(m *model.Model, op plan.Op) bool {
	o, ok := op.(plan.AddLink)
	if !ok || o.Home() == o.Node {
		return false
	}
	_, err := m.Link(o.Home(), o.Name)
	return err == nil
}

// twoFaults: older kernels (6.1) look whether the name is free before they look at
// the hardware address and the rest, and whether an interface is down before they
// look at its new name; both refuse.
func twoFaults(op plan.Op, theirs, ours error) bool {
	switch op.(type) {
	case plan.AddVeth, plan.AddLink, plan.AddBridge:
		return errors.Is(theirs, syscall.EEXIST) && slices.Contains([]error{syscall.EADDRNOTAVAIL, syscall.ERANGE, syscall.EINVAL}, class(ours))
	case plan.RenameLink:
		return errors.Is(theirs, syscall.EBUSY) && errors.Is(ours, syscall.EINVAL)
	default:
		return false
	}
}

// text tells an op in a log.
func text(op plan.Op) string {
	if cmds := op.Commands(); len(cmds) > 0 && len(cmds[0]) < 20 {
		return cmds[0].String()
	}
	return op.Effect().Object
}

// alike tells errors that no caller can tell apart.
func alike(a, b error) bool { return errors.Is(class(a), class(b)) }

// class is what callers can tell errors apart by.
func class(err error) error {
	for _, known := range []error{plan.ErrNoNode, plan.ErrNoLink, plan.ErrNoSysctl} {
		if errors.Is(err, known) {
			return known
		}
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

func sameState(w, m plan.View) error {
	theirs, err := labtest.Dump(w)
	if err != nil {
		return err
	}
	ours, err := labtest.Dump(m)
	if err == nil && theirs != ours {
		err = fmt.Errorf("kernel (-), model (+):\n%s", cmp.Diff(lines(theirs), lines(ours)))
	}
	return err
}

func lines(s string) []string { return strings.Split(s, "\n") }

// several reports that there are several ways to an address.
func several(v plan.View, node string, to netip.Addr) bool {
	routes, err := v.Routes(node)
	return err == nil && slices.ContainsFunc(routes, func(r plan.Route) bool { return len(r.Hops) > 1 && r.Dst.Contains(to) })
}

// sameWays compares where packets go.
func sameWays(w, m plan.View) error {
	for _, node := range nodes() {
		for _, to := range gateways() {
			if to.Is6() && to.IsMulticast() || several(m, node, to) {
				continue // goes by the kernel's own link-local addresses, or by a hash
			}
			for _, q := range queries(to) {
				if err := sameWay(w, m, node, q); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// queries are packets to an address: the node's own, and ones that came in.
func queries(to netip.Addr) []plan.RouteQuery {
	sources := [2]netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.1.0.7")}
	if to.Is6() {
		sources = [2]netip.Addr{netip.MustParseAddr("fd00::9"), netip.MustParseAddr("fd10::7")}
	}
	return []plan.RouteQuery{{Dst: to}, {Dst: to, Mark: 7}, {Dst: to, Src: sources[0]},
		{Dst: to, Src: sources[0], IIf: "a0"}, {Dst: to, Src: sources[1], IIf: "a0", Mark: 7}}
}

func sameWay(w, m plan.View, node string, q plan.RouteQuery) error {
	theirs, err := w.RouteTo(node, q)
	ours, err2 := m.RouteTo(node, q)
	// Who made the route is compared for IPv6 only, and the local table is part
	// of the main one until there are policy rules (fib_unmerge).
	theirs.Proto, ours.Proto = "", ""
	if theirs.Src.Is6() && theirs.Src.IsLinkLocalUnicast() {
		theirs.Src, ours.Src = netip.Addr{}, netip.Addr{}
	}
	if theirs.Kind != plan.Unicast {
		theirs.Table, ours.Table, theirs.Src, ours.Src = 0, 0, netip.Addr{}, netip.Addr{}
	}
	if !alike(err, err2) || !reflect.DeepEqual(theirs, ours) {
		return fmt.Errorf("%s: %+v\nkernel: %+v %w\n model: %+v %w", node, q, theirs, err, ours, err2)
	}
	return nil
}

package path_test

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"testing"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// A lab that is supposed answers as the model in which the same was done.
func TestSupposedIsAsDone(t *testing.T) {
	const built = `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1:out <-> blue 10.0.2.0/24
link r1:two <-> blue:two 10.0.3.0/24
dummy r1:d0 10.0.4.254/24
route red default via 10.0.1.2
`
	for _, test := range []struct{ before, then string }{
		{"", "forward r1"},
		{"", "forward r1\nsysctl r1 net.ipv4.conf.veth-r1.forwarding=0"},
		{"", "route blue default via 10.0.2.1"},
		{"", "route blue default via 10.0.2.1\nroute blue 10.0.1.0/24 via 10.0.3.1"},
		{"route blue default via 10.0.2.1\n", "del route blue default"},
		{"route blue blackhole 10.0.1.0/24\n", "del route blue blackhole 10.0.1.0/24"},
		{"", "route blue prohibit 10.0.1.0/24"},
		{"route blue default via 10.0.3.1 table 7\n", "rule blue from 10.0.3.2 table 7"},
		{"route blue default via 10.0.3.1 table 7\nrule blue to 10.0.1.0/24 table 7\n", "del rule blue to 10.0.1.0/24 table 7"},
		{"down red\n", "up red"},
		{"down blue:two\nforward r1\n", "up blue:two\nforward r1 off"},
		{"", "addr blue:veth-blue 10.0.9.9/24"},
		{"", "del addr blue:two 10.0.3.2/24"},
		{"forward r1\nroute blue default via 10.0.2.1\n", "sysctl blue net.ipv4.conf.two.rp_filter=1"},
		{"forward r1\n", "sysctl blue net.ipv4.conf.all.rp_filter=2"},
	} {
		t.Run(test.then, func(t *testing.T) {
			before, _ := build(t, built+test.before)
			done, lab := build(t, built+test.before)
			var ops []plan.Op
			for _, st := range lines(test.then) {
				ops = append(ops, do(t, done, lab, st)...)
			}
			got, ok := path.Suppose(before, ops...)
			if !ok {
				t.Fatalf("not followed: %v", ops)
			}
			compare(t, got, done)
		})
	}
}

func lines(text string) []string {
	var list []string
	set := &source.Set{}
	for _, st := range stdlib.Table().Split(set.Add("", text)).Statements {
		list = append(list, set.Text(st.Span))
	}
	return list
}

// build is a model in which a script was done.
func build(t *testing.T, script string) (*model.Model, *verb.LabState) {
	t.Helper()
	m := model.New()
	lab := verb.NewLabState(m)
	for _, st := range lines(script) {
		do(t, m, lab, st)
	}
	return m, lab
}

// do does a statement, and gives its ops.
func do(t *testing.T, m *model.Model, lab *verb.LabState, st string) []plan.Op {
	t.Helper()
	ops, ok := stdlib.Table().Ops(lab, st)
	if !ok {
		t.Fatalf("%s is wrong", st)
	}
	for _, op := range ops {
		if err := m.Apply(op); err != nil {
			t.Fatal(st, err)
		}
		lab.Note(op)
	}
	return ops
}

// compare asks both about packets between all addresses.
func compare(t *testing.T, got, want plan.View) {
	t.Helper()
	addrs := []string{"10.0.1.1", "10.0.1.2", "10.0.2.1", "10.0.2.2", "10.0.3.1", "10.0.3.2", "10.0.4.254", "10.0.9.9", "10.0.9.1", "8.8.8.8"}
	for _, node := range []string{"red", "r1", "blue"} {
		links, _ := want.Links(node)
		for _, dst := range addrs {
			queries := []plan.RouteQuery{{Dst: netip.MustParseAddr(dst)}}
			for _, src := range addrs {
				queries = append(queries, plan.RouteQuery{Dst: netip.MustParseAddr(dst), Src: netip.MustParseAddr(src)})
				for _, l := range links {
					if l.Name != plan.Loopback && l.Up {
						queries = append(queries, plan.RouteQuery{Dst: netip.MustParseAddr(dst), Src: netip.MustParseAddr(src), IIf: l.Name})
					}
				}
			}
			for _, q := range queries {
				if a, b := answer(got, node, q), answer(want, node, q); a != b && !own(want, node, q) {
					t.Errorf("%s %+v: %s, not %s", node, q, a, b)
				}
			}
		}
	}
}

// own is a packet of the node's own with a source that it does not have: nothing
// sends one.
func own(v plan.View, node string, q plan.RouteQuery) bool {
	if q.IIf != "" || !q.Src.IsValid() {
		return false
	}
	r, err := v.RouteTo(node, plan.RouteQuery{Dst: q.Src})
	return err != nil || r.Kind != "local"
}

func answer(v plan.View, node string, q plan.RouteQuery) string {
	r, err := v.RouteTo(node, q)
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return fmt.Sprint(r.Kind, r.Hops, r.Src, err)
}

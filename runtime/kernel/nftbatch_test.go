package kernel

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// ruleAt is a rule of red's chain forward, whose comment is its name.
func ruleAt(place int, name string) plan.AddNftRule {
	return plan.AddNftRule{Node: "red", Place: place, Rule: plan.NftRule{Chain: plan.Forward, Verdict: "drop", Comment: name}}
}

// rulesIn are the names of the rules in red, as the world says or as nft does.
func rulesIn(t *testing.T, w *World) (said, there string) {
	t.Helper()
	st, err := w.Nft("red")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range st.Lists {
		for _, r := range list {
			said += r.Comment + " "
		}
	}
	text := shell(t, "ip", "netns", "exec", "red", "nft", "list", "ruleset")
	for i, part := range strings.Split(text, `comment "`) {
		if name, _, ok := strings.Cut(part, `"`); i > 0 && ok {
			there += name + " "
		}
	}
	return said, there
}

func redWithChain(t *testing.T, d rtnl.Dialer) *World {
	t.Helper()
	w, err := NewOn(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		wipe(t, w)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	apply(t, w, plan.AddNS{Name: "red"}, plan.AddNftTable{Node: "red"}, plan.AddNftChain{Node: "red", Chain: plan.Forward}, ruleAt(0, "x"), ruleAt(0, "y"))
	return w
}

// Staged rules are there for questions at once, and in the kernel together.
func TestStagedRules(t *testing.T) {
	w := redWithChain(t, rtnl.Dialer{})
	for _, ops := range [][]plan.Op{{ruleAt(1, "a"), ruleAt(0, "b")}, {ruleAt(1, "c")}, {ruleAt(4, "d")}} {
		if !w.Stage(ops) {
			t.Fatalf("%+v: not taken", ops)
		}
	}
	if w.Stage([]plan.Op{ruleAt(1, "z"), ruleAt(3, "after one that has no number")}) {
		t.Error("taken with a place that cannot be named")
	}
	if w.Stage([]plan.Op{plan.AddNftRule{Node: "red", Rule: plan.NftRule{Chain: plan.Input, Verdict: "drop"}}}) {
		t.Error("taken for a chain that is not there")
	}
	if w.Stage([]plan.Op{plan.DelNftRule{Node: "red"}}) || w.Stage([]plan.Op{plan.AddNftRule{Node: plan.Host}}) {
		t.Error("another op, or another node's, is taken")
	}
	const want = "c a x d y b "
	if said, there := rulesIn(t, w); said != want || there != "x y " {
		t.Errorf("staged: %q, in the kernel %q", said, there)
	}
	if err := w.DoStaged(); err != nil {
		t.Fatal(err)
	}
	if said, there := rulesIn(t, w); said != want || there != want {
		t.Errorf("done: %q, in the kernel %q", said, there)
	}
	// The numbers of the new ones are known.
	apply(t, w, ruleAt(3, "e"), plan.DelNftRule{Node: "red", Place: 2, Rule: ruleAt(0, "a").Rule})
	if said, there := rulesIn(t, w); said != "c e x d y b " || there != said {
		t.Errorf("changed: %q, in the kernel %q", said, there)
	}
}

// Nothing is done if the kernel refuses one of the rules, or if another program has changed
// the rules meanwhile.
func TestStagedRulesThatCannotBeAdded(t *testing.T) {
	w := redWithChain(t, rtnl.Dialer{})
	bad := ruleAt(0, "bad") // only chains of type nat translate
	bad.Rule.Verdict, bad.Rule.Proto, bad.Rule.To = "dnat", "tcp", netip.MustParseAddrPort("10.0.0.1:80")
	if !w.Stage([]plan.Op{ruleAt(1, "a")}) || !w.Stage([]plan.Op{bad}) || !w.Stage([]plan.Op{ruleAt(1, "b")}) {
		t.Fatal("not taken")
	}
	if err := w.DoStaged(); !errors.Is(err, unix.EOPNOTSUPP) {
		t.Errorf("a rule that the kernel refuses: %v", err)
	}
	if said, there := rulesIn(t, w); said != "x y " || there != said {
		t.Errorf("refused: %q, in the kernel %q", said, there)
	}
	if !w.Stage([]plan.Op{ruleAt(1, "a")}) {
		t.Fatal("not taken")
	}
	shell(t, "ip", "netns", "exec", "red", "nft", "add", "rule", "inet", plan.NftTable, "forward", "drop", "comment", "other")
	if err := w.DoStaged(); !errors.Is(err, unix.ESTALE) {
		t.Errorf("rules of another program: %v", err)
	}
	if said, there := rulesIn(t, w); said != "x y other " || there != said {
		t.Errorf("changed by another: %q, in the kernel %q", said, there)
	}
}

// losesAnswer loses the answer to the request of a kind that follows the first few.
type losesAnswer struct{ kind, after int }

func (l *losesAnswer) Fault(protocol, kind, _ int) rtnl.Fault {
	if protocol == unix.NETLINK_NETFILTER && kind == l.kind {
		if l.after--; l.after == -1 {
			return rtnl.Fault{Lost: unix.EAGAIN}
		}
	}
	return rtnl.Fault{}
}

// Rules whose answer was lost are not added again.
func TestStagedRulesWithoutAnAnswer(t *testing.T) {
	w := redWithChain(t, rtnl.Dialer{Faults: &losesAnswer{kind: unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWRULE, after: 2}})
	want := ""
	for i := range 10 {
		name := strconv.Itoa(i)
		if !w.Stage([]plan.Op{ruleAt(1, name)}) {
			t.Fatal("not taken")
		}
		want = name + " " + want
	}
	if err := w.DoStaged(); err != nil {
		t.Fatal(err)
	}
	if said, there := rulesIn(t, w); said != want+"x y " || there != said {
		t.Errorf("%q, in the kernel %q", said, there)
	}
}

// A node whose rules are staged stays open though others have been used since.
func TestStagedRulesOfANodeLongUnused(t *testing.T) {
	w := redWithChain(t, rtnl.Dialer{})
	w.limit = 2
	if !w.Stage([]plan.Op{ruleAt(1, "a")}) {
		t.Fatal("not taken")
	}
	for _, name := range []string{"n1", "n2", "n3"} {
		apply(t, w, plan.AddNS{Name: name})
	}
	if said, there := rulesIn(t, w); said != "a x y " || there != "x y " {
		t.Errorf("staged: %q, in the kernel %q", said, there)
	}
	if err := w.DoStaged(); err != nil {
		t.Fatal(err)
	}
	if said, there := rulesIn(t, w); said != "a x y " || there != said {
		t.Errorf("done: %q, in the kernel %q", said, there)
	}
}

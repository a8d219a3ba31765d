package foreign_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/report"
	"nsl/stdlib"
)

func TestMain(m *testing.M) {
	os.Exit(labs.Main(m, labtest.Parts{undonePart: labs.Part(linesUndone)}))
}

// verbatim is a line as people type it, after a preamble.
type verbatim struct {
	preamble, line string
	// kind is change, read, check, typo or program.
	kind string
	// nsl are statements that make the same state, or the line that was meant; "-" is
	// unknown.
	nsl string
}

func verbatims(t testing.TB) []verbatim {
	t.Helper()
	var text []byte
	for _, name := range []string{"lines", "further"} {
		part, err := os.ReadFile("testdata/verbatim/" + name + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	var list []verbatim
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 4 {
			continue
		}
		list = append(list, verbatim{preambleOf(t, f[0]), f[1], f[2], f[3]})
	}
	return list
}

func preambleOf(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/verbatim/preamble-" + name + ".nsl")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answer is what a script says in memory, and what its command lines are in nsl.
type answer struct{ out, ours, state, warned string }

func inMemory(t *testing.T, script string) answer {
	t.Helper()
	world := labtest.NewWorld()
	set := &source.Set{}
	tree := stdlib.Table().Split(set.Add("lab.nsl", script))
	var out bytes.Buffer
	text := diag.Text{Set: set}
	s := engine.NewSession(world, stdlib.Table(), &report.Console{Out: &out, Err: &out, Text: text}, verb.Streams{Out: &out, Err: &out})
	a := answer{}
	for _, d := range tree.Diags {
		a.warned += d.Help + "\n"
	}
	s.Interp.Translated = func(_ verb.Command, tr verb.Translation) {
		if len(tr.Statements) > 0 {
			a.ours += strings.Join(tr.Statements, "; ") + "; "
		}
	}
	err := tree.Diags.Err()
	if err == nil {
		err = s.Run(t.Context(), tree.Statements)
	}
	if list, ok := diag.FromError(err); ok {
		_ = text.Write(&out, list)
	}
	a.out, a.ours = out.String(), strings.TrimSuffix(a.ours, "; ")
	if a.state, err = labtest.Dump(world); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestVerbatimInMemory holds what the lines are in nsl to the statements that are known
// to be equal, on a model of the lab.
func TestVerbatimInMemory(t *testing.T) {
	for _, v := range verbatims(t) {
		a := inMemory(t, v.preamble+v.line+"\n")
		switch {
		case strings.HasPrefix(v.line, "#"):
			if !strings.Contains(a.warned, "in nsl: "+v.nsl) {
				t.Errorf("%s\nwant %s\n%s", v.line, v.nsl, a.warned)
			}
		case v.kind == "change" && v.nsl != "-":
			if want := inMemory(t, v.preamble+v.nsl+"\n"); a.state != want.state {
				t.Errorf("%s\n got %s\nwant %s\n%s", v.line, a.ours, v.nsl, a.out)
			}
		case v.kind == "typo":
			if !strings.Contains(a.out, "did you mean: "+v.nsl+"\n") || a.state != inMemory(t, v.preamble).state {
				t.Errorf("%s\nwant %s\n%s", v.line, v.nsl, a.out)
			}
		case v.kind == "read" || v.kind == "check":
			if a.ours == "" || strings.Contains(a.out, "error:") {
				t.Errorf("%s\n%s\n%s", v.line, a.ours, a.out)
			}
		}
	}
}

// TestVerbatim does each line that changes something on the kernel, and the statements
// that are known to be equal: the states must be.
func TestVerbatim(t *testing.T) {
	labtest.NeedSandbox(t)
	for _, v := range verbatims(t) {
		if v.kind != "change" || v.nsl == "-" || strings.HasPrefix(v.line, "#") {
			continue
		}
		t.Run(v.line, func(t *testing.T) {
			t.Parallel()
			got, want := labs.Do(t, labs.Job{Script: v.preamble + v.line + "\n"}), labs.Do(t, labs.Job{Script: v.preamble + v.nsl + "\n"})
			lacking(t, v, got.Out)
			if got.Err != "" || got.State != want.State {
				t.Errorf("%s\n%s", got.Out, cmp.Diff(want.State, got.State))
			}
		})
	}
}

// lacking skips a line that needs a module of the kernel which is not there.
func lacking(t *testing.T, v verbatim, out string) {
	t.Helper()
	for kind, module := range map[string]string{"dummy": "dummy", "vlan": "vlan", "tap": "tun", "tun": "tun", "shape": "netem", "netem": "netem",
		"vrf": "vrf", "bond": "bond", "gre": "ip_gre", "ipip": "ipip", "sit": "sit", "geneve": "geneve", "htb": "htb", "tbf": "tbf", "ingress": "ingress"} {
		if !slices.Contains(strings.Fields(v.line+" "+v.nsl), kind) {
			continue
		}
		if strings.Contains(out, "Unknown device type") || strings.Contains(out, "qdisc kind is unknown") {
			labtest.Lacks(t, module, out)
		}
		if strings.HasPrefix(v.nsl, kind) {
			labtest.Needs(t, module, out)
		}
	}
}

// TestPassedThrough does lines that only the program itself can do.
func TestPassedThrough(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "iptables")
	for line, want := range map[string]string{
		"ip -n red addr add 10.9.0.1/24 brd 10.9.0.77 dev eth0":           "exec red ip addr add 10.9.0.1/24 brd 10.9.0.77 dev eth0",
		"iptables -t raw -A PREROUTING -p icmp -j TRACE":                  "exec host iptables -t raw -A PREROUTING -p icmp -j TRACE",
		"ip netns exec red sh -c 'ip link set eth0 txqueuelen 77' | cat":  "exec host sh -c \"ip netns exec red sh -c 'ip link set eth0 txqueuelen 77' | cat\"",
		"ip netns exec red iptables -A OUTPUT -m u32 --u32 0=1 -j ACCEPT": "exec red iptables -A OUTPUT -m u32 --u32 0=1 -j ACCEPT",
	} {
		const pair = "ns red blue\nlink red:eth0 <-> blue:eth0 noaddr\n"
		if got := inMemory(t, pair+line).ours; got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
		if got := labs.Do(t, labs.Job{Script: pair + line + "\n"}); got.Err != "" {
			t.Errorf("%s\n%s", line, got.Out)
		}
	}
}

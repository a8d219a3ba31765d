package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

func TestMain(m *testing.M) { os.Exit(labs.Main(m, nil)) }

// Figures mean something only when all contestants do the same job: the lab that each of
// them makes is looked at from inside.
func TestContestantsBuildTheSame(t *testing.T) {
	t.Chdir("../../..")
	floor, err := compileFloor(t.Context(), t.TempDir())
	if err != nil {
		t.Skip("the floor is not there: ", err)
	}
	needSandbox(t)
	for _, topology := range topologies() {
		for _, c := range topology.builders(options{only: "floor,ip -batch,bash + ip"}, t.TempDir(), floor) {
			t.Run(topology.name+"/"+c.name, func(t *testing.T) {
				argv, err := c.command(4)
				if err != nil {
					t.Fatal(err)
				}
				argv = append(argv, "bash", "-ec", look+"; for n in /run/netns/*; do ip netns exec $(basename $n) sh -ec '"+look+"'; done")
				cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				same(t, topology, string(out))
			})
		}
	}
}

// look prints the addresses of interfaces that are up, the routes by a gateway, and whether
// packets are forwarded, where they are.
const look = `ip -o -4 addr show up scope global | awk "{ print \$4 }"
ip route show | awk "/via/ { print \$1, \$2, \$3 }"
grep -sx 1 /proc/sys/net/ipv4/ip_forward || true`

// Every way to write a lab makes the same.
func TestFormsBuildTheSame(t *testing.T) {
	for _, topology := range topologies() {
		for _, f := range topology.forms {
			if f.text(4) == pairsLoop(4) {
				continue // its addresses are chosen by nsl
			}
			t.Run(topology.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				var script strings.Builder
				script.WriteString(f.text(4))
				for _, node := range append(strings.Fields(nodesOf(topology.name)), "host") {
					fmt.Fprintf(&script, "exec %s sh -c '%s'\n", node, strings.ReplaceAll(look, "\n", "; "))
				}
				same(t, topology, labs.Output(t, script.String()))
			})
		}
	}
}

func nodesOf(topology string) string {
	return map[string]string{
		"star":       numbered("h", 4),
		"pairs":      numbered("a", 4) + " " + numbered("b", 4),
		"chain":      numbered("r", 4),
		"leaf-spine": numbered("s", spines) + " " + numbered("l", 4),
	}[topology]
}

// same compares what look has printed in all nodes with what the topology has.
func same(t *testing.T, topology topology, out string) {
	t.Helper()
	var want []string
	switch topology.name {
	case "star":
		want = strings.Fields("10.0.0.1/16 10.0.0.2/16 10.0.0.3/16 10.0.0.4/16 10.0.255.254/16")
	case "pairs":
		want = cableEnds(0, 4)
	case "chain":
		want = append(cableEnds(1, 4), "1", "1", "1", "1", "10.0.0.12/30 via 10.0.0.6", "10.0.0.12/30 via 10.0.0.10",
			"10.0.0.4/30 via 10.0.0.9", "10.0.0.4/30 via 10.0.0.13")
	case "leaf-spine":
		want = append(cableEnds(0, 4*spines), strings.Fields(strings.Repeat("1 ", 4+spines))...)
	}
	got := strings.Split(strings.TrimSpace(out), "\n")
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func cableEnds(from, to int) (list []string) {
	for i := from; i < to; i++ {
		list = append(list, host(i, 1).String()+"/30", host(i, 2).String()+"/30")
	}
	return list
}

func TestContestantThatFailsIsOut(t *testing.T) {
	runs := 0
	bad := contestant{name: "bad", command: func(int) ([]string, error) {
		runs++
		return []string{"sh", "-c", "echo first; echo the reason >&2; exit 3"}, nil
	}}
	good := contestant{name: "good", slow: true, command: func(int) ([]string, error) {
		return []string{"true"}, nil
	}}
	settle := func(context.Context) bool { return runs > 0 }
	results := race(t.Context(), []contestant{bad, good}, trial{1000, 3, time.Minute}, settle)
	if runs != 1 || results[0].Failed != "exit status 3: the reason" || results[0].Seconds != nil {
		t.Errorf("bad one ran %d times: %+v", runs, results[0])
	}
	if results[0].Noisy != 1 || results[1].Noisy != 0 {
		t.Errorf("noisy runs: %d and %d, want 1 and 0", results[0].Noisy, results[1].Noisy)
	}
	if len(results[1].Seconds) != 2 || results[1].Failed != "" {
		t.Errorf("good one: %+v, want 2 times", results[1])
	}
	report := Report{Builds: []Race{{N: 1000, Results: results}}}
	if err := report.failed(); err == nil || err.Error() != "failed: bad at 1000" {
		t.Errorf("the report's error is %v", err)
	}
}

func TestMedianAndRatio(t *testing.T) {
	star := Race{Lab: "star", N: 10, Results: []Result{
		{Name: "floor", Seconds: []float64{3, 1, 2}, CPU: []float64{1, 1, 1}},
		{Name: "nsl", Seconds: []float64{4, 1, 3, 2}, CPU: []float64{2, 2, 1, 1}, Noisy: 2},
		{Name: "bash + ip", Failed: "exit status 1"},
	}}
	if got := star.Results[1].median(); got != 2.5 {
		t.Errorf("median of 1 2 3 4 = %v", got)
	}
	var text strings.Builder
	star.print(&text, buildTable(topologies()[0], 10))
	if !strings.Contains(text.String(), "1.25") {
		t.Errorf("no ratio of 2.5 to 2 in\n%s", &text)
	}
	report := Report{Machine: Machine{Kernel: "6.1", CPUs: 2, CPU: "a processor"}, Builds: []Race{star}}
	page, err := withFigures("before\n"+figuresBegin+"old\n"+figuresEnd+"after\n", report.markdown(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))
	want := "before\n" + figuresBegin + `Measured on 2026-01-02: Linux 6.1, 2 processors (a processor).
The machine was busy with other programs before 2 of 7 turns.

| lab | built by | median | fastest | runs | ms a node | × floor | processor time | × floor |
|---|---|--:|--:|--:|--:|--:|--:|--:|
| star, 10 nodes on one bridge | floor | 2.000 s | 1.000 s | 3 | 200.00 | 1.00 | 1.000 s | 1.00 |
|  | nsl | 2.500 s | 1.000 s | 4 | 250.00 | 1.25 | 1.500 s | 1.50 |
` + figuresEnd + "after\n"
	if d := cmp.Diff(want, page); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

// make bench writes into the page that is there.
func TestPageHasAPlaceForFigures(t *testing.T) {
	text, err := os.ReadFile("../../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := withFigures(string(text), ""); err != nil {
		t.Error(err)
	}
}

func TestQuietEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if waitQuiet(ctx, time.Minute) {
		t.Error("quiet without having looked")
	}
}

// needSandbox skips where namespaces or the programs that look at them are
// missing; NSL_REQUIRE=netns says that they must not be.
func needSandbox(t *testing.T) {
	t.Helper()
	probe := exec.Command("unshare", "--user", "--map-root-user", "--net", "--mount", "bash", "-ec",
		"PATH=$PATH:/usr/sbin:/sbin; command -v ip awk; mount -t tmpfs tmpfs /run; ip link add sw type bridge")
	out, err := probe.CombinedOutput()
	if err == nil {
		return
	}
	labtest.Lacks(t, "netns", "no sandbox with ip: ", err, string(out))
}

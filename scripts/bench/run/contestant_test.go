package main

import (
	"context"
	"nsl/runtime/labtest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Figures mean something only when all contestants do the same job: the star
// that each of them makes is looked at from inside.
func TestContestantsBuildTheSameStar(t *testing.T) {
	needSandbox(t)
	t.Chdir("../../..")
	contestants, err := prepare(t.Context(), options{only: "floor,ip -batch,bash + ip"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const look = `ip netns exec h1 ping -qc1 -W5 10.0.0.3 && ip netns exec h3 ping -qc1 -W5 10.0.255.254 >/dev/null
ip -j link show master sw | jq -r '.[] | .ifname + " " + .operstate' | sort
for n in 1 2 3; do ip -n h$n -j -4 addr | jq -r '.[] | .ifname + " " + (.addr_info[] | .local + "/" + (.prefixlen|tostring) + " " + .broadcast)' | sort; done`
	const want = `veth-h1-br UP
veth-h2-br UP
veth-h3-br UP
lo 127.0.0.1/8
veth-h1 10.0.0.1/16 10.0.255.255
lo 127.0.0.1/8
veth-h2 10.0.0.2/16 10.0.255.255
lo 127.0.0.1/8
veth-h3 10.0.0.3/16 10.0.255.255`
	for _, c := range contestants {
		t.Run(c.name, func(t *testing.T) {
			argv, err := c.command(3)
			if err != nil {
				t.Fatal(err)
			}
			argv = append(argv, "bash", "-ec", look)
			out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var lines []string
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(line, "veth") || strings.HasPrefix(line, "lo ") {
					lines = append(lines, strings.TrimSpace(line))
				}
			}
			if got := strings.Join(lines, "\n"); got != want {
				t.Errorf("the star is\n%s\nwant\n%s\n\nall output:\n%s", got, want, out)
			}
		})
	}
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
	report := Report{Stars: []Star{{N: 1000, Results: results}}}
	if err := report.failed(); err == nil || err.Error() != "failed: bad at 1000" {
		t.Errorf("the report's error is %v", err)
	}
}

func TestMedianAndRatio(t *testing.T) {
	star := Star{N: 10, Results: []Result{
		{Name: "floor", Seconds: []float64{3, 1, 2}},
		{Name: "nsl", Seconds: []float64{4, 1, 3, 2}},
	}}
	if got := star.Results[1].median(); got != 2.5 {
		t.Errorf("median of 1 2 3 4 = %v", got)
	}
	if got := star.ratio(3, "floor"); got != "1.50" {
		t.Errorf("3 over a floor of 2 = %s", got)
	}
	var text strings.Builder
	star.print(&text, starTable(10))
	if !strings.Contains(text.String(), "1.25") {
		t.Errorf("no ratio of 2.5 to 2 in\n%s", &text)
	}
}

func TestStarScript(t *testing.T) {
	if got, want := starScript(3), "ns h1 h2 h3\nbridge sw <h1 h2 h3>\n"; got != want {
		t.Errorf("script %q, want %q", got, want)
	}
}

func TestQuietEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if waitQuiet(ctx) {
		t.Error("quiet without having looked")
	}
}

// needSandbox skips where namespaces or the programs that look at them are
// missing; NSL_REQUIRE=netns says that they must not be.
func needSandbox(t *testing.T) {
	t.Helper()
	probe := exec.Command("unshare", "--user", "--map-root-user", "--net", "--mount", "bash", "-ec",
		"PATH=$PATH:/usr/sbin:/sbin; command -v ip jq ping; mount -t tmpfs tmpfs /run; ip link add sw type bridge")
	out, err := probe.CombinedOutput()
	if err == nil {
		return
	}
	labtest.Lacks(t, "netns", "no sandbox with ip, jq and ping: ", err, string(out))
}

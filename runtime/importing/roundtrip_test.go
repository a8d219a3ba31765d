package importing_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

// A lab that is explained as a shell script and imported is the same, and so is a second
// import: state(import(explain(L))) = state(L), import(explain(import(s))) = import(s).
func TestRoundTrip(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip", "nft", "sysctl", "tc")
	for _, name := range []string{"../../scripts/labs/c-through-the-host.nsl", "../../scripts/labs/ring.nsl", "testdata/25-functions-locals.sh", "testdata/43-printf-v.sh"} {
		t.Run(filepath.Base(name), func(t *testing.T) { t.Parallel(); roundTrip(t, name) })
	}
}

func TestRoundTripOfAll(t *testing.T) {
	labtest.Nightly(t)
	labs, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil || len(labs) < 15 {
		t.Fatalf("%d labs, %v", len(labs), err)
	}
	for _, name := range labs {
		t.Run(filepath.Base(name), func(t *testing.T) { t.Parallel(); roundTrip(t, name) })
	}
}

func roundTrip(t *testing.T, name string) {
	dir := t.TempDir()
	if filepath.Ext(name) == ".nsl" {
		name = explained(t, name, filepath.Join(dir, "0.sh"))
	}
	first := imported(t, name, filepath.Join(dir, "1.nsl"))
	second := imported(t, explained(t, first, filepath.Join(dir, "1.sh")), filepath.Join(dir, "2.nsl"))
	if a, b := statements(t, first), statements(t, second); a != b {
		t.Errorf("first import:\n%s\nsecond import:\n%s", a, b)
	}
}

func explained(t *testing.T, lab, script string) string {
	t.Helper()
	text, err := exec.Command(program.Path(t), "explain", lab).Output()
	if err != nil || os.WriteFile(script, text, 0o600) != nil {
		t.Fatal(err)
	}
	return script
}

func imported(t *testing.T, script, lab string) string {
	t.Helper()
	if out, code := importScript(t, script, "-o", lab); code != 0 {
		t.Fatalf("%s: exit code %d:\n%s", script, code, out)
	}
	return lab
}

// asks are lines that change nothing.
var asks = regexp.MustCompile(`(?m)^(?:#|expect).*\n`)

func statements(t *testing.T, lab string) string {
	t.Helper()
	text, err := os.ReadFile(lab)
	if err != nil {
		t.Fatal(err)
	}
	return asks.ReplaceAllString(string(text), "")
}

// A lab that is exported for another tool and imported is exported as before, but for the
// order of the commands.
func TestRoundTripOfExports(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip", "sysctl")
	const lab = `ns red r1 blue
link red:eth1 10.0.1.1/24 <-> r1:eth1 10.0.1.254/24
link blue:eth1 10.0.2.1/24 <-> r1:eth2 10.0.2.254/24 mtu 1400
sysctl r1 net.ipv4.ip_forward=1
route red default via 10.0.1.254
route blue default via 10.0.2.254
`
	for _, format := range []string{"containerlab", "kathara"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			name := filepath.Join(dir, "lab.nsl")
			if err := os.WriteFile(name, []byte(lab), 0o600); err != nil {
				t.Fatal(err)
			}
			first := exported(t, name, format, filepath.Join(dir, "1"))
			again := exported(t, imported(t, first, name), format, filepath.Join(dir, "2"))
			if a, b := linesOf(t, first), linesOf(t, again); a != b || !strings.Contains(a, "ip route add") {
				t.Errorf("exported:\n%s\nimported and exported:\n%s", a, b)
			}
		})
	}
}

// linesOf are the lines of the files of a folder, sorted, each once.
func linesOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var lines []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			lines = append(lines, filepath.Base(f)+": "+line)
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "")
}

// exported is the folder with a lab for another tool.
func exported(t *testing.T, lab, format, dir string) string {
	t.Helper()
	text, err := exec.Command(program.Path(t), "export", lab, "--format", format, "--dir", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	if format == "containerlab" {
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "lab.clab.yml"), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A hundred lines: two runs and the proof take less than three seconds on a machine that
// does nothing else.
func BenchmarkHundredLines(b *testing.B) {
	var script strings.Builder
	for i := 1; i <= 16; i++ {
		fmt.Fprintf(&script, "ip netns add n%[1]d\nip link add v%[1]d type veth peer name eth0\nip link set eth0 netns n%[1]d\n"+
			"ip -n n%[1]d addr add 10.0.%[1]d.1/24 dev eth0\nip -n n%[1]d link set eth0 up\nip link set v%[1]d up\n", i)
	}
	name := filepath.Join(b.TempDir(), "lab.sh")
	if err := os.WriteFile(name, []byte(script.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if out, err := exec.Command(program.Path(b), "import", name).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

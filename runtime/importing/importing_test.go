package importing_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nsl/runtime/labtest"
)

var program labtest.Program

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(program.Main(m))
}

// Each script builds the same with the real programs as the lab that is written of it.
func TestScriptsAreEqual(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip", "tc", "nft", "iptables", "ping", "jq", "python3", "ifconfig", "nc", "curl", "ethtool")
	scripts, err := filepath.Glob("testdata/*.sh")
	if err != nil || len(scripts) < 60 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, name := range scripts {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			out, code := importScript(t, name)
			if code != 0 || !strings.Contains(out, "\nequal: ") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			if strings.Contains(out, "left to the programs") && !slices.Contains(leavesSome(), filepath.Base(name)) {
				t.Errorf("some commands are left to the programs:\n%s", out)
			}
		})
	}
}

// A lab of containerlab or Kathará is what its nodes do as they start.
func TestTopologies(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip", "iptables", "sysctl", "ifconfig", "route", "ping")
	for name, want := range map[string][]string{
		"two-lans.clab.yml": {"ns client1 client2 router server\n", "link client1:eth1 192.168.1.10/24 <-> router:eth1 192.168.1.1/24\n",
			"attach port1 -> br-lan\n", "mtu client2:eth1 1400\n", "iptables router -t nat -A POSTROUTING", "# router: left out: files"},
		"routers": {"link r1:eth1 100.0.0.9/30 <-> r2:eth1 100.0.0.10/30 mac 02:00:00:00:00:b1\n", "route pc2 default via 200.1.1.1\n",
			"sysctl r1 net.ipv4.ip_forward=1\n"},
		"campus": {"bridge lan-lan noaddr\n", "attach printer-eth0 -> lan-lan\n", "mtu student2:lo 9000\n", "expect ping student2 -> 10.1.0.1\n",
			"# gateway: left out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, code := importScript(t, filepath.Join("testdata", "topologies", name))
			for _, line := range append(want, "\nequal: ") {
				if code != 0 || !strings.Contains(out, line) || strings.Contains(out, "left to the programs") {
					t.Errorf("exit code %d, want %q:\n%s", code, line, out)
				}
			}
		})
	}
	if out, code := program.Run(t, t.TempDir(), "", "import", "."); code != 2 || !strings.Contains(out, "lab.conf") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// leavesSome are the scripts with commands for which nsl has no statement.
func leavesSome() []string {
	return []string{"11-addresses-in-detail.sh", "12-bridge-options.sh", "14-net-tools.sh", "16-routes-in-detail.sh",
		"49-iptables-nat.sh", "50-iptables-filter.sh", "51-iptables-matches.sh", "52-iptables-restore.sh", "53-nft.sh",
		"54-tc-and-ethtool.sh", "55-dummy.sh", "56-vlan.sh", "57-vrf.sh", "58-bond.sh", "59-netem.sh", "60-tap.sh"}
}

// importScript imports a script, which may take as long as a busy machine needs.
func importScript(t *testing.T, name string, flags ...string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program.Path(t), append([]string{"import", "--timeout", "4m", name}, flags...)...)
	out, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// The example of the page is what nsl writes.
func TestPage(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip", "ping")
	page, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```sh\n")
	script, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```nsl\n")
	lab, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```text\n")
	verdict, _, _ := strings.Cut(rest, "```")
	name := filepath.Join(t.TempDir(), "rooms.sh")
	if err := os.WriteFile(name, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := importScript(t, name); code != 0 || out != lab+verdict {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// What a script writes is gone, and what it reads of the person's is not there.
func TestNothingIsWrittenOutside(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip")
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	canaries := []string{filepath.Join(dir, "canary"), "/tmp/nsl-import-canary", "/var/tmp/nsl-import-canary", "/run/nsl-import-canary"}
	script := "ip netns add red\n"
	for _, c := range canaries {
		script += "echo written > " + c + "\n"
	}
	script += "cat " + filepath.Join(dir, "sec")[:len(dir)+4] + "* && ip netns add leaked\nread line && ip netns add typed\n"
	name := filepath.Join(dir, "lab.sh")
	for file, text := range map[string]string{name: script, secret: "secret"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, code := program.Run(t, dir, "typed\n", "import", "lab.sh")
	if code != 0 || !strings.HasPrefix(out, "ns red\n") || strings.Contains(out, "leaked") || strings.Contains(out, "typed") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	for _, c := range canaries {
		if _, err := os.Stat(c); err == nil {
			t.Errorf("%s was written", c)
		}
	}
}

// A lab that is not what the script built is reported with what differs, and exit code 1;
// a script that does not end is imported as far as it got.
func TestWhatIsNotEqual(t *testing.T) {
	program.NeedLabs(t)
	labtest.NeedPrograms(t, "bash", "ip")
	dir := t.TempDir()
	for _, c := range []struct {
		name, script, want string
		code               int
	}{
		{"late", "ip netns add red\nsleep 100\n", "ns red\ndown red:lo\n# the script was still running when its time was up\n", 0},
		{"no file", "", "NSL", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := filepath.Join(dir, c.name+".sh")
			if c.script != "" {
				if err := os.WriteFile(name, []byte(c.script), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, code := program.Run(t, dir, "", "import", "--timeout", "2s", name)
			if code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, out)
			}
		})
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// TestExplainIsEquivalent runs every lab, and then what nsl explain prints for
// it through the real ip, nft and sysctl; both kernels must be in the same state.
func TestExplainIsEquivalent(t *testing.T) {
	t.Parallel()
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "nft", "sysctl", "unshare")
	labs, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil || len(labs) < 3 {
		t.Fatalf("labs: %v %v", labs, err)
	}
	for _, more := range []string{"everything", "links", "tap", "dummy", "8021q", "vlan-filtering", "ipvlan", "netem", "tunnels", "wireguard", "vrf", "bond"} {
		labs = append(labs, "../../runtime/engine/testdata/"+more+".nsl")
	}
	for _, lab := range labs {
		t.Run(filepath.Base(lab), func(t *testing.T) {
			if slices.Contains(largeLabs(), filepath.Base(lab)) {
				labtest.Nightly(t)
			}
			t.Parallel()
			native, explained := nativeState(t, lab), explainedState(t, lab)
			if len(native) < 8 {
				t.Fatalf("the dump has only %d parts", len(native))
			}
			if diff := cmp.Diff(native, explained); diff != "" {
				t.Errorf("nsl (-) and what it explains (+) differ:\n%s", diff)
			}
		})
	}
}

// largeLabs have many nodes, and no statement that is not in a smaller one.
func largeLabs() []string { return []string{"leaf-spine.nsl", "ring.nsl", "students.nsl"} }

// copyDump puts dump.sh into the working directory, which a sandbox keeps even
// where the checkout itself is below /tmp.
func copyDump(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile("testdata/dump.sh")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "dump.sh"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// nativeState is the state that running the lab makes.
func nativeState(t *testing.T, lab string) map[string]any {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(lab)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "lab.nsl")
	copyDump(t, dir)
	text = append(text, "\nexec host sh dump.sh state\n"...)
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := nslCommand("", "run", "--grant", "write="+dir, script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	labtest.NotSkipped(t, string(out))
	if err != nil {
		labtest.Needs(t, strings.TrimSuffix(filepath.Base(lab), ".nsl"), string(out))
		t.Fatalf("%s: %v\n%s", lab, err, out)
	}
	return readState(t, filepath.Join(dir, "state"))
}

// explainedState is the state that the explained commands make.
func explainedState(t *testing.T, lab string) map[string]any {
	t.Helper()
	dir := t.TempDir()
	script, err := nslCommand("", "explain", lab).Output()
	if err != nil {
		t.Fatalf("explain: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lab.sh"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	copyDump(t, dir)
	cmd := exec.Command("unshare", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec",
		"mount -t tmpfs tmpfs /run; bash lab.sh; "+settle+"; sh dump.sh state")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the explained script: %v\n%s\n%s", err, out, script)
	}
	return readState(t, filepath.Join(dir, "state"))
}

// settle waits until the kernel has taken apart the namespaces that ip netns del
// has deleted, which it does later and in their order: until one more is gone.
const settle = "ip netns add settle; ip link add settle0 type veth peer name settle1 netns settle; " +
	"ip netns del settle; while ip link show dev settle0 >/dev/null 2>&1; do :; done"

// readState reads the parts of a dump, without what is random or a matter of
// the moment.
func readState(t *testing.T, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]any{}
	for _, part := range bytes.Split(data, []byte("== "))[1:] {
		heading, body, _ := bytes.Cut(part, []byte("\n"))
		var v any
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, &v); err != nil {
				t.Fatalf("%s: %v\n%s", heading, err, body)
			}
		}
		state[string(heading)] = stable(v)
	}
	return state
}

// volatile are keys whose values differ between two equal labs: numbers that
// the kernel hands out, random MAC addresses and what is made of them, timers, counters,
// and the state that follows the carrier some milliseconds later.
const volatile = " ifindex link_index link_netnsid link_netns address permaddr perm_hwaddr ad_info active_slave handle metainfo operstate" +
	" bridge_id root_id designated_root designated_bridge id hello_timer tcn_timer topology_change_timer gc_timer stats stats64 packets bytes "

// stable is a JSON value without what is volatile.
func stable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			_, member := v["mii_status"]
			if !strings.Contains(volatile, " "+key+" ") && !(member && ofBond(key)) {
				out[key] = stable(value)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			if !ofMoment(item) {
				out = append(out, stable(item))
			}
		}
		return out
	}
	return v
}

// ofBond reports what a member of a bond has that depends on when the bond looked for its
// carrier and on what the other end said.
func ofBond(key string) bool {
	return key == "state" || key == "mii_status" || key == "link_failure_count" || strings.HasPrefix(key, "ad_")
}

// ofMoment reports list items that are not part of what a lab is: link-local
// and multicast entries, which come by themselves some milliseconds after a
// carrier, interfaces that modules make by themselves, the local routes that follow addresses (net/ipv6/addrconf.c,
// addrconf_dad_work), what hosts have of router advertisements, which commands cannot
// give them, and flags that follow the carrier.
func ofMoment(item any) bool {
	if m, ok := item.(map[string]any); ok {
		if m["table"] == "local" && m["protocol"] == "kernel" {
			return true
		}
		if name, ok := m["ifname"].(string); ok && plan.FallbackName(name) {
			return true
		}
		if m["mac"] != nil && (m["dst"] == nil || m["state"] != "permanent") { // of a forwarding database
			return true
		}
		if m["mngtmpaddr"] == true || m["expires"] != nil {
			return true
		}
		text := fmt.Sprint(m["dst"], " ", m["local"])
		return strings.Contains(text, "fe80:") || strings.Contains(text, "ff00::/8")
	}
	return item == "linkdown" || item == "dead" || item == "NO-CARRIER" || item == "LOWER_UP"
}

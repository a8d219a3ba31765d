package kernel

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

func features(t *testing.T) map[string]Feature {
	t.Helper()
	list, err := Features(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Feature{}
	for _, f := range list {
		if byName[f.Name].Name != "" {
			t.Errorf("%s is reported twice", f.Name)
		}
		byName[f.Name] = f
	}
	return byName
}

func TestFeaturesTellsWhatLabsOfThisMachineUse(t *testing.T) {
	for name, f := range features(t) {
		if f.Basic && !f.Have {
			t.Errorf("%s: %s, but the other tests of this package use it", name, f.Cause)
		}
		if f.Have == (f.Cause != "") || f.Have == (f.Fix != "") {
			t.Errorf("%s: have %v, cause %q, fix %q", name, f.Have, f.Cause, f.Fix)
		}
		if strings.Contains(f.Cause, "the kernel says") {
			t.Errorf("%s: the trial itself is wrong: %s", name, f.Cause)
		}
	}
}

// ip(8) asks the same of the kernel in its own way.
func TestFeaturesAgreesWithIproute2(t *testing.T) {
	for _, program := range []string{"unshare", "ip", "tc"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	found := features(t)
	for name, argv := range map[string]string{
		"dummy":     "ip link add x0 type dummy",
		"bond":      "ip link add x0 type bond",
		"ifb":       "ip link add x0 type ifb",
		"vxlan":     "ip link add x0 type vxlan id 7 dstport 4789",
		"vrf":       "ip link add x0 type vrf table 7",
		"wireguard": "ip link add x0 type wireguard",
		"geneve":    "ip link add x0 type geneve id 7 remote 192.0.2.2",
		"gre":       "ip link add x0 type gre local 192.0.2.1 remote 192.0.2.2",
		"ipip":      "ip link add x0 type ipip local 192.0.2.1 remote 192.0.2.2",
		"sit":       "ip link add x0 type sit local 192.0.2.1 remote 192.0.2.2",
		"netem":     "tc qdisc add dev lo root netem delay 1ms",
		"tbf":       "tc qdisc add dev lo root tbf rate 1mbit burst 10kb limit 10kb",
		"htb":       "tc qdisc add dev lo root htb",
		"fq_codel":  "tc qdisc add dev lo root fq_codel",
		"ingress":   "tc qdisc add dev lo ingress",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command("unshare", append([]string{"-n"}, strings.Fields(argv)...)...).CombinedOutput()
			if have := err == nil; have != found[name].Have {
				t.Errorf("Features: %v; %s: %v %s", found[name].Have, argv, err, out)
			}
		})
	}
}

func TestFeaturesLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	before, err := w.Links("host")
	if err != nil {
		t.Fatal(err)
	}
	features(t)
	after, err := w.Links("host")
	if err != nil || len(after) != len(before) {
		t.Errorf("links before %v, after %v (%v)", before, after, err)
	}
	if st, err := w.Nft("host"); err != nil || st.Exists {
		t.Errorf("nft table %v %v", st, err)
	}
}

func TestFeaturesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if list, err := Features(ctx); err == nil || len(list) > 0 {
		t.Errorf("got %d features, error %v", len(list), err)
	}
}

func TestCausesTellModuleFromOption(t *testing.T) {
	release := &fstest.MapFile{Data: []byte("6.1.0-cloud-amd64\n")}
	dep := &fstest.MapFile{Data: []byte("kernel/drivers/net/dummy.ko.xz:\nkernel/net/8021q/8021q.ko:\n")}
	osRelease := func(id string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("NAME=x\nID=" + id + "\n")} }
	dummy := trial{Feature: Feature{Name: "dummy"}, config: "DUMMY", module: "dummy"}
	tests := []struct {
		name       string
		root       fstest.MapFS
		trial      trial
		err        error
		cause, fix string
	}{
		{"a module that is not loaded", fstest.MapFS{"proc/sys/kernel/osrelease": release,
			"lib/modules/6.1.0-cloud-amd64/modules.dep": dep}, dummy, unix.EOPNOTSUPP, "dummy is not loaded", "modprobe dummy"},
		{"Debian's cloud kernel", fstest.MapFS{"proc/sys/kernel/osrelease": release, "etc/os-release": osRelease("debian"),
			"lib/modules/6.1.0-cloud-amd64/modules.dep": dep}, trial{config: "NET_VRF", module: "vrf"}, unix.EOPNOTSUPP,
			"no CONFIG_NET_VRF", "linux-image-amd64"},
		{"Ubuntu without the extra modules", fstest.MapFS{"proc/sys/kernel/osrelease": release, "etc/os-release": osRelease("ubuntu"),
			"usr/lib/modules/6.1.0-cloud-amd64/modules.dep": dep}, trial{config: "NET_VRF", module: "vrf"}, unix.EOPNOTSUPP,
			"no CONFIG_NET_VRF", "linux-modules-extra-6.1.0-cloud-amd64"},
		{"a kernel that tells its options", fstest.MapFS{"proc/sys/kernel/osrelease": release, "proc/config.gz": config(t, "CONFIG_VETH=y\n# CONFIG_DUMMY is not set\n")},
			dummy, unix.EOPNOTSUPP, "built without CONFIG_DUMMY", "kernel"},
		{"a container without modules", fstest.MapFS{"proc/sys/kernel/osrelease": release}, dummy, unix.ENOENT, "not on this machine", "on its host"},
		{"a device of root's", fstest.MapFS{}, trial{Feature: Feature{Name: "tap"}}, fmt.Errorf("%w: %w", errDevice, unix.EACCES), "may not be opened", "chmod 666 /dev/net/tun"},
		{"a refusal", fstest.MapFS{}, dummy, unix.EPERM, "not allowed", "root"},
		{"an unexpected answer", fstest.MapFS{}, dummy, unix.EINVAL, "the kernel says: invalid argument", "report"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cause, fix := lookForCauses(test.root).explain(test.trial, test.err)
			if !strings.Contains(cause, test.cause) || !strings.Contains(fix, test.fix) {
				t.Errorf("cause %q, fix %q; want %q, %q", cause, fix, test.cause, test.fix)
			}
		})
	}
}

func config(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

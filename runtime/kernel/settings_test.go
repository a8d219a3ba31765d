package kernel

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nsl/runtime/plan"
)

// settingsByFile are the settings as their files say.
func settingsByFile(t *testing.T, w *World, node string) map[string]string {
	t.Helper()
	values := map[string]string{}
	err := w.Inside(node, func() error {
		paths, err := filepath.Glob("/proc/sys/net/ipv[46]/*/*/*")
		for _, path := range paths {
			key := strings.TrimPrefix(path, "/proc/sys/")
			if kind := strings.Split(key, "/")[2]; kind != "conf" && kind != "neigh" {
				continue
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode()&0o200 == 0 {
				continue
			}
			if value, err := os.ReadFile(path); err == nil {
				values[key] = strings.TrimRight(string(value), " \t\n")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func settingsOf(t *testing.T, w *World, node string) map[string]string {
	t.Helper()
	list, err := w.Settings(node)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, s := range list {
		values[s.Key] = s.Value
	}
	return values
}

// differences are the keys of which one has another value than the other.
func differences(a, b map[string]string) (list []string) {
	for key, value := range a {
		if b[key] != value {
			list = append(list, key+": "+value+", "+b[key])
		}
	}
	for key := range b {
		if _, there := a[key]; !there {
			list = append(list, key+" missing")
		}
	}
	slices.Sort(list)
	return list
}

// Settings that were read are not read again while netlink shows no difference, so netlink
// has to show each.
func TestSettingsAreNoticed(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base(plan.AddBridge{Node: "red", Name: "br0"})...)
	for _, node := range []string{"red", "blue"} { // the second time much is known
		if list := differences(settingsByFile(t, w, node), settingsOf(t, w, node)); len(list) > 0 {
			t.Errorf("%s: by file, by Settings: %v", node, list)
		}
	}
	for key, value := range settingsByFile(t, w, "red") {
		if strings.Split(key, "/")[3] != "veth-red" || !alter(t, w, "red", key, value) {
			continue
		}
		now, err := w.Sysctl("red", key)
		if got := settingsOf(t, w, "red")[key]; got != now || err != nil {
			t.Errorf("%s was made %s, and Settings has %s, %v", key, now, got, err)
		}
	}
	for _, key := range []string{"net/ipv4/conf/all/rp_filter", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/mtu"} {
		now, err := w.Sysctl("red", key)
		if err != nil || !alter(t, w, "red", key, now) {
			t.Errorf("%s stays %s, %v", key, now, err)
		}
		if list := differences(settingsByFile(t, w, "red"), settingsOf(t, w, "red")); len(list) > 0 {
			t.Errorf("after %s was written: by file, by Settings: %v", key, list)
		}
	}
}

// alter gives a setting another value that the kernel takes, and reports whether there is one.
func alter(t *testing.T, w *World, node, key, value string) bool {
	t.Helper()
	n, err := strconv.Atoi(value)
	if err != nil {
		return false
	}
	taken := false
	for _, other := range []int{n + 1, n + 100, n - 1, 1} {
		if taken {
			break
		}
		err := w.Inside(node, func() error {
			path := "/proc/sys/" + key
			if err := os.WriteFile(path, []byte(strconv.Itoa(other)), 0o644); err != nil {
				return nil //nolint:nilerr // the kernel refuses it: the next is tried
			}
			now, err := os.ReadFile(path)
			taken = strings.TrimSpace(string(now)) != value
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return taken
}

func TestAStableSecretIsNoticed(t *testing.T) {
	w := newWorld(t)
	apply(t, w, base()...)
	const key = "net/ipv6/conf/veth-red/stable_secret"
	settingsOf(t, w, "red")
	apply(t, w, plan.SetSysctl{Node: "red", Key: key, Value: "2001:db8::1"})
	if got := settingsOf(t, w, "red")[key]; !strings.Contains(got, "2001") {
		t.Errorf("%s is %q", key, got)
	}
}

package content

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// sysctlDir has the settings of the namespace.
const sysctlDir = "/proc/sys/net/"

// settings are those of the whole namespace, and those of its interfaces, in an order in
// which writing one does not change another that was written before it.
func (r *reader) settings() error {
	for _, dir := range []string{"ipv4/", "ipv6/", "bridge/"} {
		if err := r.settingsIn(dir); err != nil {
			return err
		}
	}
	for _, dir := range []string{"ipv4/conf/", "ipv6/conf/"} {
		links, err := os.ReadDir(sysctlDir + dir)
		if err != nil {
			continue // a kernel without IPv6
		}
		slices.SortStableFunc(links, func(a, b os.DirEntry) int { return cmp.Compare(scope(a.Name()), scope(b.Name())) })
		for _, l := range links {
			if err := r.settingsIn(dir + l.Name() + "/"); err != nil {
				return err
			}
		}
	}
	return nil
}

// scope orders the settings of all interfaces before those of new ones and of each, which
// they are copied to.
func scope(name string) int {
	if i := slices.Index([]string{"all", "default"}, name); i >= 0 {
		return i
	}
	return 2
}

func (r *reader) settingsIn(dir string) error {
	files, err := os.ReadDir(sysctlDir + dir)
	if os.IsNotExist(err) {
		return nil
	}
	for _, f := range files {
		info, infoErr := f.Info()
		if infoErr != nil || f.IsDir() || info.Mode().Perm()&0o600 != 0o600 {
			continue
		}
		value, readErr := os.ReadFile(sysctlDir + dir + f.Name())
		if readErr != nil {
			continue // gone, or without a value
		}
		text, key := strings.TrimSpace(string(value)), dir+f.Name()
		r.items = append(r.items, plan.Item{Kind: plan.SettingItem, Key: key, Sum: text, Data: text,
			Text: strings.NewReplacer("/", ".", ".", "/").Replace("net/"+key) + "=" + strings.Join(strings.Fields(text), " ")})
	}
	return err
}

// writeSetting writes a value; that of an interface that is gone is none.
func writeSetting(is plan.Item) error {
	if is.Kind == "" {
		return nil
	}
	err := os.WriteFile(sysctlDir+is.Key, []byte(is.Data+"\n"), 0)
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

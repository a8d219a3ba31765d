package kernel

import (
	"os"

	"nsl/runtime/plan"
)

// perLink are the directories below sysctlDir that have one for each interface.
var perLink = []string{"ipv4/conf", "ipv6/conf", "ipv4/neigh", "ipv6/neigh"}

// Settings are the settings that each interface of a node has; see [plan.View].
func (w *World) Settings(node string) (list []plan.Setting, err error) {
	err = w.Inside(node, func() error {
		for _, dir := range perLink {
			links, err := os.ReadDir(sysctlDir + dir)
			if os.IsNotExist(err) {
				continue // a kernel without IPv6
			}
			if err != nil {
				return err
			}
			for _, l := range links {
				list = append(list, settingsIn(dir+"/"+l.Name())...)
			}
		}
		return nil
	})
	return list, err
}

// settingsIn are the settings of a directory that can be read and written. One that is
// gone meanwhile has none.
func settingsIn(dir string) (list []plan.Setting) {
	files, err := os.ReadDir(sysctlDir + dir)
	if err != nil {
		return nil
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm()&0o200 == 0 {
			continue
		}
		if value, err := readSysctl(dir + "/" + f.Name()); err == nil {
			list = append(list, plan.Setting{Key: "net/" + dir + "/" + f.Name(), Value: value})
		}
	}
	return list
}

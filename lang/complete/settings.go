package complete

import (
	"os"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// settingsDir is where the kernel has the settings of a network namespace (proc(5)).
const settingsDir = "/proc/sys/"

// perInterface are the directories that hold one directory for each interface.
func perInterface() []string {
	return []string{"net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/", "net/ipv6/neigh/"}
}

// Settings are the sysctl keys that begin so, one level of names at a time: "net.ipv4.",
// "net.ipv4.ip_forward=". Links are the interfaces of the node. Open opens a directory.
func Settings(prefix string, links []string, open func(name string) (*os.File, error)) []string {
	cut := strings.LastIndexByte(prefix, '.') + 1
	front := prefix[:cut]
	if front == "" {
		return []string{"net."}
	}
	dir := strings.ReplaceAll(front, ".", "/")
	var list []string
	if slices.Contains(perInterface(), dir) {
		for _, name := range append([]string{"all", "default"}, links...) {
			if !strings.Contains(name, ".") {
				list = append(list, front+name+".")
			}
		}
		return list
	}
	for _, e := range entries(settingsDir+anyInterface(dir), open) {
		end := "="
		if e.IsDir() {
			end = "."
		}
		list = append(list, front+e.Name()+end)
	}
	return list
}

// anyInterface is the directory with "default" for the interface: the prompt is in
// another namespace than the node, and all interfaces have the same settings.
func anyInterface(dir string) string {
	for _, d := range perInterface() {
		if rest, found := strings.CutPrefix(dir, d); found {
			_, rest, _ = strings.Cut(rest, "/")
			return d + "default/" + rest
		}
	}
	return dir
}

// settings are the keys that the kernel has; where its directory cannot be read, those
// that nsl itself sets.
func (c *completer) settings(node string) {
	if c.Open != nil {
		c.add(Settings(c.word, c.linkNames(node), c.Open)...)
	}
	if len(c.list) == 0 {
		for _, s := range plan.BaselineSettings() {
			c.add(s.Key + "=")
		}
	}
}

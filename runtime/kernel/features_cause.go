package kernel

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// causes are what this machine says about the kernel's options and modules.
type causes struct {
	release string
	// distribution is ID in os-release(5), or "".
	distribution string
	// config are the options that are set, from /proc/config.gz; nil when the
	// kernel does not say.
	config map[string]bool
	// modules are the names under /lib/modules; nil when there is no such directory.
	modules map[string]bool
}

// lookForCauses reads the machine from its root directory.
func lookForCauses(root fs.FS) causes {
	c := causes{release: firstLine(root, "proc/sys/kernel/osrelease")}
	for line := range strings.Lines(firstFile(root, "etc/os-release", "usr/lib/os-release")) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ID="); ok {
			c.distribution = strings.Trim(id, `"'`)
		}
	}
	c.config = readConfig(root)
	for _, dir := range []string{"lib/modules", "usr/lib/modules"} {
		if c.modules == nil {
			c.modules = readModules(root, path.Join(dir, c.release))
		}
	}
	return c
}

func firstLine(root fs.FS, name string) string {
	line, _, _ := strings.Cut(firstFile(root, name), "\n")
	return line
}

func firstFile(root fs.FS, names ...string) string {
	for _, name := range names {
		if b, err := fs.ReadFile(root, name); err == nil {
			return string(b)
		}
	}
	return ""
}

// readConfig reads the options that are y or m (CONFIG_IKCONFIG_PROC).
func readConfig(root fs.FS) map[string]bool {
	f, err := root.Open("proc/config.gz")
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil
	}
	set := map[string]bool{}
	lines := bufio.NewScanner(io.LimitReader(unzipped, 8<<20))
	for lines.Scan() {
		if option, value, ok := strings.Cut(lines.Text(), "="); ok && (value == "y" || value == "m") {
			set[strings.TrimPrefix(option, "CONFIG_")] = true
		}
	}
	return set
}

// readModules reads the names of all modules, built in ones included (depmod(8)).
func readModules(root fs.FS, dir string) map[string]bool {
	if _, err := fs.Stat(root, dir); err != nil {
		return nil
	}
	names := map[string]bool{}
	for _, list := range []string{"modules.dep", "modules.builtin"} {
		for line := range strings.Lines(firstFile(root, path.Join(dir, list))) {
			file, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			name, _, _ := strings.Cut(path.Base(file), ".ko")
			names[strings.ReplaceAll(name, "-", "_")] = true
		}
	}
	return names
}

// missing are the errors with which a kernel says that it has no such thing.
func missing() []error {
	return []error{unix.EOPNOTSUPP, unix.ENOENT, unix.ENODEV, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT, unix.ENXIO}
}

// explain says why a trial failed, and what to do.
func (c causes) explain(t trial, err error) (cause, fix string) {
	if errors.Is(err, errDevice) && errors.Is(err, unix.EACCES) {
		return tunDevice + " may not be opened by this user", "allow it: sudo chmod 666 " + tunDevice
	}
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return "not allowed here (" + err.Error() + ")", "run nsl on the machine itself, not in a container, or as root: sudo nsl …"
	}
	for _, e := range missing() {
		if errors.Is(err, e) {
			return c.absent(t)
		}
	}
	return "the kernel says: " + err.Error(), "report it, with the output of: nsl doctor"
}

// absent distinguishes an option that was not built from a module that is not
// loaded.
func (c causes) absent(t trial) (cause, fix string) {
	option := "CONFIG_" + t.config
	switch {
	case t.module != "" && c.modules[strings.ReplaceAll(t.module, "-", "_")]:
		return "the module " + t.module + " is not loaded", "load it: sudo modprobe " + t.module
	case c.config != nil && !c.config[t.config]:
		return "this kernel was built without " + option, c.otherKernel()
	case c.modules == nil && c.config != nil && t.module != "":
		return "its module " + t.module + " is not on this machine", c.noModules(t)
	case c.modules == nil:
		return "this kernel has no " + option + ", or its module is not on this machine", c.noModules(t)
	}
	return "this kernel has no " + option, c.otherKernel()
}

func (c causes) noModules(t trial) string {
	if t.module == "" {
		return c.otherKernel()
	}
	return "there is no /lib/modules/" + c.release + ": in a container, load the module on its host (modprobe); on a machine, " + c.otherKernel()
}

// otherKernel is how to come by a kernel that has it.
func (c causes) otherKernel() string {
	switch {
	case c.distribution == "ubuntu":
		return "sudo apt install linux-modules-extra-" + c.release
	case c.distribution == "debian" && strings.Contains(c.release, "cloud"):
		return "boot Debian's full kernel, not the cloud one: sudo apt install linux-image-amd64"
	case c.distribution == "debian":
		return "boot Debian's own kernel: sudo apt install linux-image-amd64"
	case c.distribution == "fedora":
		return "sudo dnf install kernel-modules-extra"
	}
	return "boot the distribution's own kernel, which has it"
}

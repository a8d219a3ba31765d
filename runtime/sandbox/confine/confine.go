package confine

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Role says what a program is there for.
type Role int

// The roles. An Administrator may do what ip-netns(8) does: name network
// namespaces, enter them, and mount for it. A Program may not.
const (
	Program Role = iota
	Administrator
)

// Confinement confines the programs of one lab.
type Confinement struct {
	// Writable are the files, and the directories below which, programs may write.
	Writable []string

	once    sync.Once
	rules   *ruleset // nil where the kernel has no Landlock
	filters [2]program
	err     error
}

// Lab takes from the calling process, and from all that it starts, what neither
// nsl nor a program of a lab needs: the means to gain rights by executing a file,
// and system calls.
func Lab() error {
	if err := noNewPrivileges(); err != nil {
		return err
	}
	return install(labFilter(), unix.SECCOMP_FILTER_FLAG_TSYNC)
}

func noNewPrivileges() error {
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
}

// Apply confines the calling thread, of a process that called Lab. The capabilities
// change with the next program that it executes; the rest holds from now on.
func (c *Confinement) Apply(r Role) error {
	c.once.Do(c.prepare)
	if c.err != nil {
		return c.err
	}
	if err := bound(capabilities(r)); err != nil {
		return err
	}
	// A thread under Landlock cannot mount (landlock(7)).
	if r == Program && c.rules != nil {
		if err := c.rules.restrict(); err != nil {
			return err
		}
	}
	return install(c.filters[r], 0)
}

func (c *Confinement) prepare() {
	one := oneID()
	c.filters = [...]program{Program: programFilter(Program, one), Administrator: programFilter(Administrator, one)}
	c.rules, c.err = newRuleset(c.Writable)
}

// oneID reports whether this user namespace has a single user ID (user_namespaces(7)).
func oneID() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	fields := strings.Fields(string(text))
	return err == nil && len(fields) == 3 && fields[2] == "1"
}

// Close gives back what Apply has opened.
func (c *Confinement) Close() error {
	c.once.Do(func() {})
	if c.rules == nil {
		return nil
	}
	return unix.Close(c.rules.fd)
}

// Layer is a means of confining programs that a kernel may lack.
type Layer struct {
	Name string
	// Missing is what the kernel lacks for it, "" if nothing.
	Missing string
	// For is what it is for, and what is so without it.
	For string
}

// Layers are the means of this package that not every kernel has.
func Layers() []Layer {
	filter := Layer{Name: "system call filter", For: "programs do not reach parts of the kernel that no lab needs"}
	if !filters() {
		filter.Missing, filter.For = "CONFIG_SECCOMP_FILTER", "no lab runs"
	}
	files := Layer{Name: "Landlock", For: fmt.Sprintf("programs write only where the lab may, once more (version %d)", landlockABI())}
	switch abi := landlockABI(); {
	case abi == 0:
		files.Missing, files.For = "CONFIG_SECURITY_LANDLOCK, and landlock in lsm=", "files are protected by mounts alone"
	case abi < 3:
		files.For = fmt.Sprintf("programs write only where the lab may, once more, but for truncating files (version %d)", abi)
	}
	return []Layer{filter, files}
}

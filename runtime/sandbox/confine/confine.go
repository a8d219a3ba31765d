package confine

import (
	"fmt"
	"os"
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
	// Writable are the directories below which programs may write.
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
	c.filters = [...]program{Program: programFilter(Program), Administrator: programFilter(Administrator)}
	c.rules, c.err = newRuleset(c.Writable)
}

// Close gives back what Apply has opened.
func (c *Confinement) Close() error {
	c.once.Do(func() {})
	if c.rules == nil {
		return nil
	}
	return unix.Close(c.rules.fd)
}

// Layers are what this kernel has of the means of this package, as sentences
// about what is missing; empty when it has all.
func Layers() (missing []string) {
	switch abi := landlockABI(); {
	case abi == 0:
		missing = append(missing, "the kernel has no Landlock (CONFIG_SECURITY_LANDLOCK, lsm=landlock): files are protected by mounts alone")
	case abi < 3:
		missing = append(missing, fmt.Sprintf("the kernel's Landlock is of version %d: truncating files is not covered by it", abi))
	}
	if !filters() {
		missing = append(missing, "the kernel has no system call filters (CONFIG_SECCOMP_FILTER)")
	}
	return missing
}

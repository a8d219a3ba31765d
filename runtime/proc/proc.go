// Package proc reads what the kernel shows of processes (proc(5)). A process that
// has ended meanwhile is one of which nothing is known.
package proc

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// PIDs are the processes that there are, sorted.
func PIDs() []int {
	entries, _ := os.ReadDir("/proc")
	var list []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list
}

// Path is a file that shows something of a process.
func Path(pid int, file string) string { return "/proc/" + strconv.Itoa(pid) + "/" + file }

// Read is the text of such a file; "" when there is none.
func Read(pid int, file string) string {
	text, _ := os.ReadFile(Path(pid, file))
	return string(text)
}

// Status is a line of a process's status (proc_pid_status(5)); "" when there is
// none.
func Status(pid int, key string) string {
	for line := range strings.Lines(Read(pid, "status")) {
		if value, found := strings.CutPrefix(line, key+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Ended reports whether no more than the exit code of a process is left (state Z
// or X), or nothing.
func Ended(pid int) bool {
	state := Status(pid, "State")
	return state == "" || state[0] == 'Z' || state[0] == 'X'
}

// Handles reports whether a signal is in one of a process's sets of signals:
// SigCgt, those that it catches, or SigIgn, those that it ignores.
func Handles(pid int, set string, s syscall.Signal) bool {
	mask, err := strconv.ParseUint(Status(pid, set), 16, 64)
	return err == nil && mask&(1<<(s-1)) != 0
}

// Getenv is a variable of an environment; the last one counts, as in os/exec.
func Getenv(env []string, name string) (value string) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

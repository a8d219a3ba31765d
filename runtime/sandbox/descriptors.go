package sandbox

import (
	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// leastFiles is how many files a process of nsl must be able to open: with fewer Go
// itself ends with an error of its own, and no lab of two nodes runs.
const leastFiles = 64

// Descriptors is a finding where this process may open too few files (RLIMIT_NOFILE). It
// is to be asked before anything is opened.
func Descriptors() error {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur >= leastFiles {
		return nil
	}
	return diag.List{diag.New(diag.KernelRefused, diag.Machine, source.Span{},
		"this process may have %d files open, and nsl needs %d", limit.Cur, leastFiles).WithHelp("raise the limit: ulimit -n 1024")}
}

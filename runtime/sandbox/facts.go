package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Facts are what a sandbox needs of the machine and whether it has it, tried by
// doing.
type Facts struct {
	Machine Machine
	// Tries are the namespaces, one by one and then all of them.
	Tries []Try
	// Refused says why no sandbox can be made here; nil when one was.
	Refused *Refused
	// Notes are the trial sandbox's Inside.Notes.
	Notes []string
}

// Try is one attempt to create namespaces; Err is the kernel's answer, nil when
// they were created.
type Try struct {
	Kinds string
	Err   error
}

// Inspect makes a trial sandbox and reads the machine's settings. An error is
// a fault of the trial itself; what the machine refuses is in Facts.
func Inspect(ctx context.Context) (Facts, error) {
	f := Facts{Machine: look(os.DirFS("/")), Tries: tries()}
	report, err := try(ctx)
	if errors.As(err, &f.Refused) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.Notes = report.Notes
	if report.Why != "" {
		f.Refused = &Refused{report.What, report.Why, report.Fix, syscall.Errno(report.Errno)}
	}
	return f, nil
}

// tries asks for each namespace inside a user namespace of its own, as the
// sandbox does.
func tries() []Try {
	kinds := []struct {
		name string
		flag uintptr
	}{
		{"user", 0},
		{"mnt", unix.CLONE_NEWNS},
		{"net", unix.CLONE_NEWNET},
		{"pid", unix.CLONE_NEWPID},
		{"ipc", unix.CLONE_NEWIPC},
		{"uts", unix.CLONE_NEWUTS},
		{"user, mnt, net, pid, ipc and uts", labNamespaces},
	}
	var all []Try
	for _, k := range kinds {
		all = append(all, Try{Kinds: k.name, Err: attemptClone(k.flag | unix.CLONE_NEWUSER)})
	}
	return all
}

// attemptClone creates namespaces in a process that ends at once: it is made to
// execute what does not exist, so ENOENT means that clone(2) was allowed.
func attemptClone(flags uintptr) error {
	attr := &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Cloneflags: flags}}
	_, err := syscall.ForkExec("/proc/self/nothing", []string{"nothing"}, attr)
	if errors.Is(err, syscall.ENOENT) {
		return nil
	}
	return err
}

// trialReport travels from the trial child to the supervisor.
type trialReport struct {
	Notes          []string
	What, Why, Fix string // empty when the set-up succeeded
	Errno          int
}

// reportTrial writes the outcome of the set-up to standard output and exits.
func reportTrial(notes []string, refused error) {
	report := trialReport{Notes: notes}
	if refused != nil {
		var errno syscall.Errno
		errors.As(refused, &errno)
		report.What, report.Why, report.Errno = "cannot use the sandbox", refused.Error(), int(errno)
		if r := Explain(refused, os.DirFS("/")); r != nil {
			report.What, report.Why, report.Fix = r.What, r.Why, r.Fix
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		os.Exit(codeCannot)
	}
	os.Exit(0)
}

// try runs a sandbox that does nothing but tell how its set-up went.
func try(ctx context.Context) (trialReport, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return trialReport{}, err
	}
	defer r.Close()
	exit, err := Run(ctx, Config{Stdout: w, Stderr: os.Stderr, trial: true})
	// Every copy of the writing end is gone now, so reading ends.
	err = errors.Join(err, w.Close())
	if err != nil {
		return trialReport{}, err
	}
	if exit != 0 {
		return trialReport{}, fmt.Errorf("the trial sandbox ended with exit code %d", exit)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return trialReport{}, err
	}
	var report trialReport
	err = json.Unmarshal(text, &report)
	return report, err
}

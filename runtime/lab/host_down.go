package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/host"
	"os"
)

// DownHost ends the lab that is on the machine itself, also one whose building was cut off, and
// returns the exit code. What is wrong is reported.
func DownHost() int {
	return reported(onHost("nsl down --host", downHost))
}

func downHost(left *host.Left) error {
	if left == nil {
		return noHostLab()
	}
	return undoHost(left, "is down")
}

// CleanHost undoes what a killed nsl up --host has left, and returns the exit code. A lab that was
// built stays. What is wrong is reported.
func CleanHost() int {
	return reported(onHost("nsl clean", func(left *host.Left) error {
		switch {
		case left == nil:
			fmt.Fprintln(os.Stdout, "nothing to clean up")
			return nil
		case left.Built():
			fmt.Fprintf(os.Stdout, "nothing to clean up: %s is on this machine; nsl down --host takes it down\n", left.Begun().Name)
			return nil
		}
		return undoHost(left, "is cleaned up")
	}))
}

// onHost calls f with what the machine has of a lab, which no other process builds; nil is none.
func onHost(command string, f func(*host.Left) error) error {
	if err := mayChangeHost(command); err != nil {
		return err
	}
	left, err := host.Find()
	if err != nil || left == nil {
		return cmp.Or(err, f(nil))
	}
	defer left.Close()
	claimed, err := left.Claim()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f(nil)
	case err != nil:
		return err
	case !claimed:
		return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "%s is being built by process %d", left.Begun().Name, left.Begun().PID).WithHelp("wait for it, or end that process first")}
	}
	return f(left)
}

func noHostLab() error {
	return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "this machine has no lab").WithHelp("nsl ls shows the labs that are running")}
}

func undoHost(left *host.Left, how string) error {
	err := reading(func(w *World) error { return undone(w, left) })
	if err == nil {
		fmt.Fprintf(os.Stdout, "%s %s\n", cmp.Or(left.Begun().Name, "lab"), how)
	}
	return err
}

// cleanHost undoes what the lab that this process builds has done.
func cleanHost(w *World) error {
	left, err := host.Find()
	if err != nil || left == nil {
		return err
	}
	defer left.Close()
	return undone(w, left)
}

// undone undoes a lab on the machine, and forgets it once nothing is left.
func undone(w *World, left *host.Left) error {
	kept, err := host.Clean(context.Background(), w, left.Records)
	for _, k := range kept {
		fmt.Fprintln(os.Stderr, "left alone: "+k)
	}
	if err != nil {
		return err
	}
	return left.Remove()
}

// ConfirmHost lets the lab on the machine stay, and returns the exit code. What is wrong is
// reported.
func ConfirmHost() int { return reported(onHost("nsl confirm", confirmed)) }

func confirmed(left *host.Left) error {
	switch {
	case left == nil:
		return noHostLab()
	case !left.Built():
		return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "%s is unfinished", left.Begun().Name).WithHelp("nsl clean undoes what it has left")}
	case !left.Unconfirmed():
		fmt.Fprintf(os.Stdout, "%s stays in any case\n", left.Begun().Name)
		return nil
	}
	if err := left.Confirm(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s stays; nsl down --host takes it down\n", left.Begun().Name)
	return nil
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/sandbox"
)

// The exit codes; docs/language.md lists them for users.
const (
	exitHeld        = 0
	exitFailed      = 1
	exitWrong       = 2
	exitMachine     = 3
	exitInterrupted = 130
)

// tell writes an error and returns the exit code that it stands for.
func tell(w io.Writer, set *source.Set, color bool, err error) int {
	if err == nil {
		return exitHeld
	}
	var refused *sandbox.Refused
	if errors.As(err, &refused) {
		err = diag.New(diag.NoSandbox, diag.Machine, source.Span{}, "%s", refused.What).
			WithHelp("%s\n%s", refused.Why, refused.Mend)
	}
	list, ok := diag.FromError(err)
	if !ok {
		fmt.Fprintf(w, "nsl: %v\n", err)
		return exitWrong
	}
	_ = diag.Text{Set: set, Color: color}.Write(w, list)
	return exitCode(list)
}

// exitCode is that of the gravest finding.
func exitCode(list diag.List) int {
	code := exitHeld
	for _, d := range list {
		switch {
		case d.Code == diag.Interrupted:
			return exitInterrupted
		case d.Severity == diag.Error:
			return exitWrong
		case d.Severity == diag.Machine:
			code = exitMachine
		case d.Severity == diag.Failure && code == exitHeld:
			code = exitFailed
		}
	}
	return code
}

// colorOn reports whether a stream shows colours: a terminal that nobody asked
// to do without (https://no-color.org).
func colorOn(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	return isTerminal(f)
}

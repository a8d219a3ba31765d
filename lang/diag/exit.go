package diag

import (
	"fmt"
	"io"

	"nsl/lang/source"
)

// The exit codes of nsl; docs/language.md lists them for users.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitWrong       = 2
	ExitMachine     = 3
	ExitInterrupted = 130
)

// ExitCode is that of the gravest finding.
func (l List) ExitCode() int {
	code := ExitOK
	for _, d := range l {
		switch {
		case d.Code == Interrupted:
			return ExitInterrupted
		case d.Severity == Error:
			return ExitWrong
		case d.Severity == Machine:
			code = ExitMachine
		case d.Severity == Failure && code == ExitOK:
			code = ExitFailed
		}
	}
	return code
}

// Report writes an error for people and returns the exit code of a program that
// it ends; nil is ExitOK.
func Report(w io.Writer, set *source.Set, color bool, err error) (exit int) {
	if err == nil {
		return ExitOK
	}
	list, ok := FromError(err)
	if !ok {
		fmt.Fprintln(w, Plain("nsl: "+err.Error()))
		return ExitWrong
	}
	_ = Text{Set: set, Color: color}.Write(w, list)
	return list.ExitCode()
}

package diag

import (
	"fmt"
	"io"
	"runtime/debug"

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
// it ends; nil is ExitOK. An error that is no finding is the machine's, not the script's.
func Report(w io.Writer, set *source.Set, color bool, err error) (exit int) {
	if err == nil {
		return ExitOK
	}
	list, ok := FromError(err)
	if !ok {
		fmt.Fprintln(w, Plain("nsl: "+err.Error()))
		return ExitMachine
	}
	_ = Text{Set: set, Color: color}.Write(w, list)
	return list.ExitCode()
}

// Guard runs f and returns its exit code. A panic of f, which is a fault of nsl, is
// reported to w with its stack, and is ExitMachine.
func Guard(w io.Writer, f func() int) (exit int) {
	defer func() {
		if fault := recover(); fault != nil {
			_ = Text{}.Write(w, List{Crashed()})
			fmt.Fprintf(w, "%s", Plain(fmt.Sprintf("panic: %v\n\n%s", fault, debug.Stack())))
			exit = ExitMachine
		}
	}()
	return f()
}

// Crashed is the finding that nsl itself has a fault, which says nothing about the script.
func Crashed() *Diagnostic {
	return New(InternalError, Machine, source.Span{}, "nsl has a fault and stopped; this is no result of the script").
		WithHelp("please report it, with the output of nsl version, the script, and the lines that begin with \"panic:\"")
}

package main

import (
	"fmt"
	"os"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/terminal"
)

// result carries an exit code out of a cobra command, which has reported all.
type result int

func (r result) Error() string { return fmt.Sprintf("exit code %d", int(r)) }

// done turns an exit code into what cobra passes on.
func done(code int) error {
	if code == diag.ExitOK {
		return nil
	}
	return result(code)
}

// ended is done, or reports the error and has its exit code.
func ended(code int, err error) error {
	if err != nil {
		code = fail(nil, err)
	}
	return done(code)
}

// fail reports an error, if there is one, and returns its exit code.
func fail(set *source.Set, err error) int {
	return diag.Report(os.Stderr, set, terminal.Color(os.Stderr), err)
}

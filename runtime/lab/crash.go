package lab

import "nsl/lang/diag"

// exitSaid is how the process inside ends where it means diag.ExitWrong. Go ends a process
// in which a goroutine panics with 2 as well, and number 1 of a PID namespace cannot end
// itself by a signal (pid_namespaces(7)).
const exitSaid = 102

// said is the exit code of the process inside.
func said(code int) int {
	if code == diag.ExitWrong {
		return exitSaid
	}
	return code
}

// crashed turns what sandbox.Run returned into the exit code that was meant, or the finding
// that the process inside panicked; its output is on standard error already.
func crashed(code int, err error) (int, error) {
	switch {
	case err != nil:
		return code, err
	case code == exitSaid:
		return diag.ExitWrong, nil
	case code == diag.ExitWrong:
		return 0, diag.List{diag.Crashed()}
	}
	return code, nil
}

package importing

import (
	"context"
	"fmt"
	"os"

	"nsl/lang/diag"
	"nsl/lang/script"
)

// Help is the help of the command.
const Help = `FILE runs as it is, with the programs that it calls, in a sandbox: it writes nothing
outside, and reads nothing from standard input. What it built is written as a lab,
which then runs in a second sandbox. The import is right if the kernel's state is
equal in both, packet filters included: that, or the difference, is the last line,
on standard error. Script arguments go after --.

FILE may be a topology of containerlab (NAME.clab.yml) whose nodes are of the kind linux,
or the folder of a lab of Kathará (lab.conf and NAME.startup).

Checks (ping, curl, nc) become expectations. Commands that failed are comments. What
nsl has no statement for is left to the program itself: exec.

Exit codes: 0 the state is equal, 1 it is not, 2 FILE cannot be imported, 3 this
machine cannot do it, 130 interrupted.`

// maxShown bounds how many differences are printed.
const maxShown = 20

// Write imports the script, writes the lab to a file, or to standard output if that is
// "", and says on standard error whether it is equal. It returns the exit code.
func (s Script) Write(ctx context.Context, output string) (int, error) {
	r, err := s.Import(ctx)
	if err != nil {
		return 0, err
	}
	if err := write(output, r.Text); err != nil {
		return 0, diag.List{script.Unwritten(output, err)}
	}
	if r.Equal() {
		fmt.Fprintln(os.Stderr, diag.PlainLine(r.verdict()))
		return diag.ExitOK, nil
	}
	fmt.Fprintln(os.Stderr, "not equal: the lab (+) differs from what the script built (-)")
	for i, d := range r.Differences {
		if i == maxShown {
			fmt.Fprintf(os.Stderr, "and %d more\n", len(r.Differences)-i)
			break
		}
		fmt.Fprintln(os.Stderr, diag.PlainLine(d))
	}
	return diag.ExitFailed, nil
}

func write(name, text string) error {
	if name == "" {
		_, err := os.Stdout.WriteString(text)
		return err
	}
	return script.Write(name, text)
}

// verdict is what is equal.
func (r Result) verdict() string {
	text := "equal: " + r.Summary
	if r.Passed > 0 {
		text += fmt.Sprintf("; %s left to the programs", count(r.Passed, "command"))
	}
	return text
}

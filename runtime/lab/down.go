package lab

import (
	"fmt"
	"os"

	"nsl/lang/diag"
	"nsl/runtime/keeper"
	"nsl/runtime/terminal"
)

// Down ends labs, or all of this user, and returns the exit code. Errors are reported; a name
// that there is none of keeps no other up.
func Down(names []string, all bool) (exit int) {
	err := keeper.In(func(dir *keeper.Dir) (err error) {
		if all {
			names, err = dir.Names()
		}
		for _, name := range names {
			if code := reported(takeDown(dir, name)); exit == diag.ExitOK {
				exit = code
			}
		}
		return err
	})
	if err != nil {
		return reported(err)
	}
	return exit
}

// reported reports an error, if there is one, and returns its exit code.
func reported(err error) int {
	return diag.Report(os.Stderr, nil, terminal.Color(os.Stderr), err)
}

func takeDown(dir *keeper.Dir, name string) error {
	l, err := dir.Lab(name)
	if err != nil {
		return err
	}
	ending, err := l.Down()
	if err != nil {
		return err
	}
	how := "is down"
	switch ending {
	case keeper.Killed:
		how = "did not end and was killed"
	case keeper.WasDead:
		how = "was dead already; its name is free again"
	}
	fmt.Fprintf(os.Stdout, "%s %s\n", name, how)
	return nil
}

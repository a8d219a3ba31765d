package lab

import (
	"cmp"
	"os"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/terminal"
)

// ScriptOptions are what a person says about scripts that are run.
type ScriptOptions struct {
	// Verbose prints after each statement what it did.
	Verbose bool
	Script  script.Options
	Access  script.Access
}

// RunFiles runs scripts one after the other, or that of standard input where there are no
// names, and returns the exit code. What is wrong is reported.
func (s Setup) RunFiles(names []string, o ScriptOptions) int {
	if len(names) == 0 {
		names = []string{script.Stdin}
	}
	set, err := s.Read(names, os.Stdin)
	if err != nil {
		return reportedIn(set, err)
	}
	checked := sync.OnceValues(func() ([]script.Script, error) { return s.checkAll(set, o) })
	return s.RunAll(set.Files(), o.Access, func(i int) (Job, error) {
		scripts, err := checked()
		if err != nil {
			return Job{}, err
		}
		return NewJob(scripts[i], o.Verbose), nil
	}, func(err error) int { return reportedIn(set, err) })
}

// checkAll checks all files for a run, and reports the warnings.
func (s Setup) checkAll(set *source.Set, o ScriptOptions) ([]script.Script, error) {
	scripts, list := s.CheckAll(set, Options(o.Script, o.Access).Run())
	if err := list.Err(); err != nil {
		return nil, err
	}
	if len(list) > 0 {
		reportedIn(set, list)
	}
	return scripts, nil
}

// jobOf reads and checks a script that is to be run, and reports the warnings.
func (s Setup) jobOf(file string, o ScriptOptions) (*source.Set, Job, error) {
	set, err := s.Read([]string{file}, os.Stdin)
	if err != nil {
		return set, Job{}, err
	}
	scripts, err := s.checkAll(set, o)
	if err != nil {
		return set, Job{}, err
	}
	return set, NewJob(scripts[0], o.Verbose), nil
}

// UpFile builds a lab of a script and leaves it running; name is that of the lab, or "" for that
// of the file. It returns the exit code; what is wrong is reported.
func (s Setup) UpFile(file, name string, keep bool, o ScriptOptions) int {
	set, j, err := s.jobOf(file, o)
	if err != nil {
		return reportedIn(set, err)
	}
	name = cmp.Or(name, NameOf(file))
	code, running, err := s.Up(name, j, o.Access, keep)
	if err == nil && running {
		err = Present(os.Stdout, name, code)
	}
	if err != nil {
		return reported(err)
	}
	return code
}

// DoFile runs a script in a running lab, and returns the exit code; what is wrong is reported.
func (s Setup) DoFile(name, file string, lines bool, o ScriptOptions) int {
	set, err := s.Read([]string{file}, os.Stdin)
	if err != nil {
		return reportedIn(set, err)
	}
	sc, list := s.CheckText(set, set.Files()[0], Options(o.Script, o.Access).Run())
	code, err := s.Do(name, set, NewJob(sc, o.Verbose), list, lines)
	if err != nil {
		return reported(err)
	}
	return code
}

// reportedIn is reported for an error about texts.
func reportedIn(set *source.Set, err error) int {
	return diag.Report(os.Stderr, set, terminal.Color(os.Stderr), err)
}

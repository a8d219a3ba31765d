package lab

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/state"
)

// Save writes a script that makes what a running lab has, or the machine itself, whoever made
// it, to a file or, where that is "", to standard output. The machine is the namespace of this
// process, as the host, and those of ip netns; nothing of it is changed. It returns the exit
// code; an error is reported.
func (s Setup) Save(args []string, machine bool, file string) int {
	return reported(func() error {
		var lab *state.Lab
		var err error
		switch {
		case machine == (len(args) > 0):
			err = diag.Errorf("", source.Span{}, "nsl save: either a lab or --from-host").
				WithHelp("usage: nsl save LAB [-o FILE]\n       nsl save --from-host [-o FILE]")
		case machine:
			lab, err = readHost()
		default:
			var a stateAnswer
			a, err = stateOf(args[0], nil)
			lab = &a.Lab
		}
		if err != nil {
			return err
		}
		return s.written(lab, file)
	}())
}

// readHost reads the machine. Its settings are compared with those that a lab begins with here.
func readHost() (*state.Lab, error) {
	var pristine state.Pristine
	err := kernel.InNew(func() error {
		return reading(func(w *World) (err error) {
			if err = w.Apply(context.Background(), plan.Baseline{Node: plan.Host}); err == nil {
				pristine, err = state.ReadPristine(w, plan.Host)
			}
			return err
		})
	})
	if errors.Is(err, unix.EPERM) {
		return nil, diag.List{diag.New(diag.NoPermission, diag.Machine, source.Span{}, "only root may look into the machine's network namespaces").
			WithHelp("sudo nsl save --from-host")}
	}
	if err != nil {
		return nil, err
	}
	var lab *state.Lab
	err = reading(func(w *World) (err error) {
		lab, err = state.Read(w, pristine, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	lab.StandIns()
	return lab, nil
}

// reading opens the world of the calling thread's namespace.
func reading(f func(*World) error) error {
	w, err := New()
	if err != nil {
		return err
	}
	return errors.Join(f(w), w.Close())
}

// written writes the script of a lab.
func (s Setup) written(lab *state.Lab, file string) error {
	lab.AnyMACs()
	text, err := s.Language.Save(lab)
	if err != nil {
		return err
	}
	if file == "" {
		_, err = os.Stdout.WriteString(diag.Plain(text))
		return err
	}
	if err := script.Write(file, text); err != nil {
		return diag.List{script.Unwritten(file, err)}
	}
	return nil
}

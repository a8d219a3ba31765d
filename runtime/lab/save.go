package lab

import (
	"os"

	"nsl/lang/diag"
	"nsl/lang/script"
)

// Save writes a script that makes what a running lab has, whoever made it, to a file or, where
// that is "", to standard output. It returns the exit code; an error is reported.
func (s Setup) Save(name, file string) int {
	return reported(func() error {
		a, err := stateOf(name, nil)
		if err != nil {
			return err
		}
		a.Lab.AnyMACs()
		text, err := s.Language.Save(&a.Lab)
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
	}())
}

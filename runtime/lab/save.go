package lab

import (
	"errors"
	"io/fs"
	"os"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
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
		if err := writeScript(file, text); err != nil {
			return diag.List{diag.Errorf(diag.NoFile, source.Span{}, "cannot write %s: %v", file, script.Reason(err))}
		}
		return nil
	}())
}

// writeScript writes a file; one that is there is replaced as a whole or not at all.
func writeScript(name, text string) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(name, []byte(text), 0o644) //nolint:gosec // a script is no secret
	}
	return script.Replace(name, text)
}

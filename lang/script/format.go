package script

import (
	"io"

	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/source"
)

// FormatOptions say what becomes of the canonical form of a script: it is written to the
// output unless one is set.
type FormatOptions struct {
	// Write writes it back to the file, Diff what would change to the output.
	Write, Diff bool
}

// Format lays a script out, and returns the exit code: 1 where Diff found a difference.
func (l Language) Format(out io.Writer, f *source.File, o FormatOptions) (exit int, err error) {
	text, list := format.Source(f, l.Table)
	if list.HasErrors() {
		return 0, list
	}
	switch {
	case o.Diff && text == f.Text, o.Write && f.Name != Stdin && text == f.Text:
		return diag.ExitOK, nil
	case o.Write && f.Name != Stdin:
		// As a whole or not at all: a full disk must not cost the script.
		return diag.ExitOK, written(f.Name, Replace(f.Name, text))
	case o.Diff:
		exit, text = diag.ExitFailed, format.Diff(f.Name, f.Text, text)
	}
	_, err = io.WriteString(out, text)
	return exit, written("the output", err)
}

func written(name string, err error) error {
	if err == nil {
		return nil
	}
	return diag.List{diag.New(diag.NoFile, diag.Machine, source.Span{}, "cannot write %s: %v", name, err)}
}

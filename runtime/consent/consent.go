// Package consent is about what scripts ask the person for who runs them: it finds what
// is meant, asks, and remembers the answer.
package consent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/terminal"
)

// Person is who runs scripts.
type Person struct {
	// Dir is where answers are remembered; "" is nowhere.
	Dir string
	// In and Out are where the person is asked, if both are terminals.
	In, Out *os.File
}

// Access is what the lab of a script gets: what this person gives, and what the script
// asks for once the person has agreed. Names that come from the script are absolute, and
// no links; what is to be written is there. The error is a diagnostic: what was not agreed
// to is not run.
func (p Person) Access(a script.Access, s script.Script) (script.Access, error) {
	if a.Trusted || len(s.Grants) == 0 || len(a.Grants) > 0 && !a.AsAsked {
		return a, nil
	}
	r, err := newRequest(s)
	if err != nil {
		return a, err
	}
	if !a.AsAsked && !p.agrees(s, r) {
		return a, diag.List{r.refused()}
	}
	if err := r.create(); err != nil {
		return a, diag.List{diag.New(diag.LabFile, diag.Machine, source.Span{}, "%s: %v", s.Name, err)}
	}
	return a.With(r.grants), nil
}

// Meant is what a script asks for, with absolute names that are no links.
func Meant(s script.Script) (script.Grants, error) {
	r, err := newRequest(s)
	return r.grants, err
}

func newRequest(s script.Script) (request, error) {
	r := request{script: s.Name, dir: Directory(s.Name)}
	for _, g := range s.Grants {
		found, err := r.find(g)
		if err != nil {
			return r, diag.List{diag.New(diag.LabFile, diag.Machine, source.Span{}, "%s: grant %s %q: %v", s.Name, g.Kind, g.Name, script.Reason(err))}
		}
		r.grants = append(r.grants, found)
	}
	return r, nil
}

// agrees reports whether the person has agreed before, or does now.
func (p Person) agrees(s script.Script, r request) bool {
	file, hash := realFile(s.Name), contentOf(s)
	if p.remembers(file, hash) {
		return true
	}
	if !terminal.Is(p.In) || !terminal.Is(p.Out) || !p.ask(r) {
		return false
	}
	if err := p.remember(file, hash, s.Grants); err != nil {
		fmt.Fprintf(p.Out, "nsl: the answer cannot be remembered: %v\n", err)
	}
	return true
}

// ask shows what the script asks for, and reads the answer.
func (p Person) ask(r request) bool {
	fmt.Fprintf(p.Out, "%s asks for:\n%sAllow it, for this script as it is now? [y/N] ", diag.PlainLine(r.script), r.list())
	return terminal.Yes(line(p.In))
}

// line reads a line, and nothing after it: that is the script's input.
func line(in io.Reader) string {
	var text []byte
	b := make([]byte, 1)
	for {
		n, err := in.Read(b)
		if n == 0 || err != nil || b[0] == '\n' {
			return string(text)
		}
		text = append(text, b[0])
	}
}

// realFile is the name of a script's file without links; "" for one that is not in a
// file, and is not remembered.
func realFile(name string) string {
	if name == script.Stdin {
		return ""
	}
	file, err := filepath.Abs(name)
	if err == nil {
		file, err = filepath.EvalSymlinks(file)
	}
	if info, errInfo := os.Stat(file); err != nil || errInfo != nil || !info.Mode().IsRegular() {
		return ""
	}
	return file
}

// Directory is where names in a script begin: beside the script, without links. What is
// read from standard input, or typed, has them from where nsl was started.
func Directory(file string) string {
	if file == "" || file == script.Stdin {
		file = "x"
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "/"
	}
	return dir
}

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/consent"
	"nsl/runtime/sandbox"
)

// environ is the environment of a lab with this access.
func environ(a script.Access) []string {
	if a.Trusted {
		return os.Environ()
	}
	var names []string
	for _, g := range a.Grants {
		if g.Kind == script.GrantEnv {
			names = append(names, g.Name)
		}
	}
	return sandbox.Environ(os.Environ(), names...)
}

// Options are the options of scripts in a lab with this access, which see its
// environment. A lab that is not confined is reported on standard error.
func Options(o script.Options, a script.Access) script.Options {
	warnTrust(a)
	o.Keeps = keeps(a)
	o.Env = func(name string, asked script.Grants) (value string, ok bool) {
		for _, e := range environ(a.With(asked)) {
			if v, found := strings.CutPrefix(e, name+"="); found {
				value, ok = v, true
			}
		}
		return value, ok
	}
	return o
}

// keeps are the directories and files that the lab may write and that outlive it, under
// each of their names.
func keeps(a script.Access) []string {
	if a.Trusted {
		return []string{"/"}
	}
	var list []string
	for _, g := range a.Grants {
		if g.Kind != script.GrantWrite {
			continue
		}
		if found, err := realPath(g.Name); err == nil { // the sandbox reports it otherwise
			list = append(list, found)
		}
		if path, err := filepath.Abs(g.Name); err == nil {
			list = append(list, path)
		}
	}
	return list
}

func warnTrust(a script.Access) {
	if a.Trusted {
		fmt.Fprintln(os.Stderr, "nsl: --trust: the lab is not confined: its programs can read and change your files")
	}
}

// person is who runs this process.
func person() consent.Person {
	return consent.Person{Dir: userFile("XDG_STATE_HOME", ".local/state", "trust"), In: os.Stdin, Out: os.Stderr}
}

// Agreed lists what scripts get because the person has agreed.
func Agreed(w io.Writer) error { return person().List(w) }

// Forget forgets what the person has agreed to about a script.
func Forget(file string) error { return person().Forget(file) }

// binds are the files that the lab gets, by their real names.
func binds(a script.Access) ([]sandbox.Bind, error) {
	var list []sandbox.Bind
	for _, g := range a.Grants {
		if g.Kind == script.GrantEnv {
			continue
		}
		path, err := realPath(g.Name)
		if err != nil {
			return nil, diag.List{diag.Errorf(diag.NoFile, source.Span{}, "--grant %s=%s: %v", g.Kind, g.Name, script.Reason(err))}
		}
		list = append(list, sandbox.Bind{Path: path, Write: g.Kind == script.GrantWrite, Real: true})
	}
	return list, nil
}

// realPath is a name without links. The root directory cannot be granted.
func realPath(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err == nil && path == "/" {
		err = errors.New("that is the whole machine: --trust does it")
	}
	return path, err
}

// config is the sandbox of a lab whose script is this file; "" is a lab that is
// typed.
func config(a script.Access, file string, args ...string) (sandbox.Config, error) {
	binds, err := binds(a)
	return sandbox.Config{Args: args, Trusted: a.Trusted, Env: environ(a), Dir: consent.Directory(file), Binds: binds}, err
}

package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
)

// agreement is what is remembered: one file of JSON for each script.
type agreement struct {
	// File is the script's, absolute and without links.
	File string
	// Content is the hash of the script and of its modules.
	Content string
	Grants  script.Grants
}

// contentOf is a hash of a script and of the modules beside it: what its statements are.
func contentOf(s script.Script) string {
	h := sha256.New()
	part := func(name, text string) { fmt.Fprintf(h, "%q %d\n%s", name, len(text), text) }
	part("", s.Text)
	for _, name := range slices.Sorted(maps.Keys(s.Modules)) {
		if !script.InLibrary(name) {
			part(filepath.Base(name), s.Modules[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// place is the file that an agreement about a script is in.
func (p Person) place(file string) string {
	sum := sha256.Sum256([]byte(file))
	return filepath.Join(p.Dir, hex.EncodeToString(sum[:16])+".json")
}

func (p Person) remembers(file, content string) bool {
	if p.Dir == "" || file == "" {
		return false
	}
	a, err := read(p.place(file))
	return err == nil && a.File == file && a.Content == content
}

func (p Person) remember(file, content string, grants script.Grants) error {
	if p.Dir == "" || file == "" {
		return nil
	}
	text, err := json.Marshal(agreement{file, content, grants})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(p.Dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), p.place(file))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

func read(name string) (a agreement, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return a, err
	}
	err = json.Unmarshal(text, &a)
	return a, err
}

// List writes what was agreed to, a line for each script.
func (p Person) List(w io.Writer) error {
	list, err := p.all()
	if err != nil {
		return err
	}
	for _, a := range list {
		var words []string
		for _, g := range a.Grants {
			words = append(words, string(g.Kind)+"="+g.Name)
		}
		fmt.Fprintf(w, "%s\n    %s\n", diag.PlainLine(a.File), diag.PlainLine(strings.Join(words, ",")))
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "no script has asked for anything that you agreed to")
	}
	return nil
}

func (p Person) all() ([]agreement, error) {
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.json"))
	var list []agreement
	for _, name := range names {
		if a, err := read(name); err == nil {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b agreement) int { return strings.Compare(a.File, b.File) })
	return list, err
}

// Forget forgets what was agreed to about a script, by its file's name. The file need
// not be there any more.
func (p Person) Forget(name string) error {
	file := realFile(name)
	if file == "" {
		var err error
		if file, err = filepath.Abs(name); err != nil {
			return err
		}
	}
	err := os.Remove(p.place(file))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return diag.List{diag.Errorf(diag.NotGranted, source.Span{}, "nothing was agreed to about %s", name).
		WithHelp("nsl trust --list lists the scripts")}
}

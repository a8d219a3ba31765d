package repl

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/verb"
)

// unreadable is the finding that a file cannot be read or written.
func unreadable(name string, err error) *diag.Diagnostic {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name is printed anyway, and may be another one in here
	}
	return diag.Errorf(diag.NoFile, source.Span{}, "%s: %v", name, err)
}

// scriptMode is the mode of a script that is saved: it is for everyone whom the
// umask lets.
const scriptMode = 0o666

// readFile reads a file that the person named.
func (p *prompt) readFile(name string) ([]byte, error) {
	f, err := p.Files.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// save writes what is in effect as a script.
func (p *prompt) save(name string) {
	name = complete.Expand(name)
	f, err := p.Files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, scriptMode)
	if errors.Is(err, fs.ErrExist) {
		if !p.sure("%s is there already. Replace it?", name) {
			return
		}
		f, err = p.Files.OpenFile(name, os.O_WRONLY|os.O_TRUNC, scriptMode)
	}
	text, n := p.script()
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		p.report(diag.List{unreadable(name, err)})
		return
	}
	p.journal.kept = p.journal.changes
	p.say("%s: %s; nsl run %s builds the same lab", name, count(n, "statement"), name)
}

// script is what is in effect, formatted, and the number of its statements.
func (p *prompt) script() (string, int) {
	var b strings.Builder
	n := 0
	for _, e := range p.journal.standing() {
		if e.aside || !p.looks(e) {
			b.WriteString(e.saved() + "\n")
		}
		if !e.aside {
			n++
		}
	}
	text, _ := format.Source((&source.Set{}).Add("saved", b.String()), p.session.Interp.Table)
	return text, n
}

// looks reports whether a statement only shows something.
func (p *prompt) looks(e *entry) bool {
	tree := p.session.Interp.Table.Split((&source.Set{}).Add("", e.saved()))
	if e.changes || len(tree.Statements) == 0 {
		return false
	}
	v := p.session.Interp.Table.Verb(tree.Statements[0].Verb().Text)
	return v != nil && v.Group == verb.Looking
}

// load does the statements of a file as if they were typed.
func (p *prompt) load(ctx context.Context, name string) {
	name = complete.Expand(name)
	text, err := p.readFile(name)
	if err != nil {
		p.report(diag.List{unreadable(name, err)})
		return
	}
	p.typed.fresh = false
	tree := p.session.Interp.Table.Split(p.Set.Add(name, string(text)))
	in := p.session.Interp
	was := in.Name
	in.Name = name // what it uses is beside it
	defer func() { in.Name = was }()
	before := len(p.journal.all)
	if p.statements(ctx, tree) {
		p.say("%s: %s", name, count(len(p.journal.all)-before, "statement"))
	}
}

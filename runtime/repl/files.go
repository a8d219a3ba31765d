package repl

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
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
	if !p.agrees(name, tree) {
		return
	}
	in := p.session.Interp
	was := in.Name
	in.Name, p.loading = name, tree // what it uses is beside it
	defer func() { in.Name, p.loading = was, nil }()
	before := len(p.journal.all)
	if p.statements(ctx, tree) {
		p.say("%s: %s", name, count(len(p.journal.all)-before, "statement"))
	}
}

// agrees asks the person for what a script that is loaded asks for, and reports whether
// it is to be done.
func (p *prompt) agrees(name string, tree *syntax.Tree) bool {
	if p.Loaded != nil {
		p.Loaded(name)
	}
	if p.Opener == nil {
		return true
	}
	asked := script.AskedBy(p.session.Interp.Table, tree)
	p.Opener.granted[name] = nil
	if len(asked) == 0 {
		return true
	}
	for _, g := range asked {
		p.say("%s asks to %s", name, g)
	}
	if !p.allows("Allow it?") {
		return false
	}
	p.Opener.granted[name] = asked
	return true
}

// nameFiles says whose names are in the statement that begins.
func (p *prompt) nameFiles(st *syntax.Statement) {
	if p.Opener == nil {
		return
	}
	p.Opener.from = typedName
	if f := p.Set.File(st.Span.Start); f != nil && f.Name != p.RC && !p.trying {
		p.Opener.from = f.Name
	}
}

// granted is why a grant does not count here.
func (p *prompt) granted(g *eval.Grant, at source.Span) *diag.Diagnostic {
	if p.loading != nil || p.trying {
		return nil // it was agreed to
	}
	return diag.Errorf(diag.NotGranted, at, "a lab that runs gets nothing more").
		WithHelp("files that you name in a statement are opened as they are; for programs, begin again: nsl --grant %s=%s", g.Kind, g.Names[0])
}

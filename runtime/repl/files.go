package repl

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/source"
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
	in := p.session.Interp
	was := in.Name
	in.Name = name // what it uses is beside it
	defer func() { in.Name = was }()
	before := len(p.journal.all)
	if p.statements(ctx, tree) {
		p.say("%s: %s", name, count(len(p.journal.all)-before, "statement"))
	}
}

package repl

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/format"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Origin is the script that a running lab was built by.
type Origin struct {
	// Name is its file, absolute where it has one, and Text is what was in it.
	Name, Text string
	// Set are other values for its variables, NAME=VALUE, and Args are its arguments.
	Set, Args []string
}

// flags are the words, beside its name, that nsl run needs to do the same.
func (o Origin) flags() []string {
	var words []string
	for _, set := range o.Set {
		words = append(words, "--set", plan.Quote(set))
	}
	if len(o.Args) > 0 {
		words = append(words, "--")
	}
	for _, arg := range o.Args {
		words = append(words, plan.Quote(arg))
	}
	return words
}

// save writes what is in effect as a script, and says what is not in it.
func (p *prompt) save(name string) {
	name = complete.Expand(name)
	var origin Origin
	var err error
	if p.Origin != nil {
		if origin, err = p.Origin(); err != nil {
			p.say("nsl: the script of the lab is not known: %v", err)
			return
		}
	}
	text, said := p.scriptOf(name, origin)
	switch written, err := p.write(name, text); {
	case err != nil:
		p.report(diag.List{unreadable(name, err)})
	case written:
		p.journal.kept = p.journal.changes
		for _, line := range said {
			p.say("%s", line)
		}
		p.outOfReach(text)
	}
}

// scriptOf is a script of that name for the lab: what is in effect, and what else there is, or
// what there is alone where programs may have made it. Said is what to say of it.
func (p *prompt) scriptOf(name string, origin Origin) (text string, said []string) {
	text, n := p.script(name, origin)
	rest, known := p.rest(origin)
	if known {
		if rest != "" {
			text += "\n# What no statement of the prompt has made:\n" + rest
		}
		return text, p.saved(name, n, strings.Count(rest, "\n"), true, origin)
	}
	if whole, err := p.whole(name); err == nil {
		said = []string{name + ": the lab as it is, whoever made it; nsl run " + name + " builds the same network"}
		if ran := p.programs(); len(ran) > 0 {
			said = append(said, "    without what these did besides: "+strings.Join(ran, ", "))
		}
		return whole, said
	}
	return text, p.saved(name, n, 0, false, origin)
}

// programs are the statements in effect that ran programs.
func (p *prompt) programs() (list []string) {
	for _, e := range p.journal.standing() {
		if e.runs {
			list = append(list, oneLine(e.text))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// write writes a file; it asks before it replaces one, and reports whether it has.
func (p *prompt) write(name, text string) (written bool, err error) {
	f, err := p.Files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, scriptMode)
	if errors.Is(err, fs.ErrExist) {
		if !p.allows(fmt.Sprintf("%s is there already. Replace it?", name)) {
			return false, nil
		}
		f, err = p.Files.OpenFile(name, os.O_WRONLY|os.O_TRUNC, scriptMode)
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(text)
	return true, errors.Join(err, f.Close())
}

// saved says what a saved script has: n statements and those of the rest, and what it may lack
// where that is not known.
func (p *prompt) saved(name string, n, rest int, known bool, origin Origin) []string {
	run := "nsl run " + strings.Join(append([]string{name}, origin.flags()...), " ")
	what := count(n, "statement")
	if p.Running {
		what = "the script of the lab and " + what + " of this prompt"
	}
	if rest > 0 {
		what += ", and " + strconv.Itoa(rest) + " more for what else the lab has"
	}
	others := p.others()
	if known || len(others) == 0 {
		return []string{name + ": " + what + "; " + run + " builds the same lab"}
	}
	return []string{name + ": " + what + "; run it with: " + run,
		"    it does not have what these may have changed: " + strings.Join(others, ", ")}
}

// outOfReach says which modules a saved script cannot use where it is.
func (p *prompt) outOfReach(text string) {
	table := p.session.Interp.Table
	for _, at := range targets(table, table.Split((&source.Set{}).Add("", text)).Statements) {
		if name := at.Value(); !at.Dynamic && !eval.Below(name) {
			p.say("    it uses %s, which is not below its directory: save it where it is, or copy the module", name)
		}
	}
}

// others is what may have changed the lab beside the statements that are in effect.
func (p *prompt) others() []string {
	list := slices.Clone(p.byHand)
	for _, e := range p.journal.all {
		switch {
		case e.aside:
			list = append(list, "!"+strings.TrimPrefix(e.text, hostNote))
		case e.state != standing && len(e.ran) > 0:
			list = append(list, oneLine(e.text))
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if p.Running {
		list = append(list, "other prompts, nsl do, other programs")
	}
	return list
}

// script is what is in effect, formatted, for a file of that name, and the number of
// the prompt's statements in it.
func (p *prompt) script(name string, origin Origin) (string, int) {
	var b strings.Builder
	if origin.Text != "" {
		b.WriteString("# The script of the lab: " + origin.Name + "\n" + p.beside(name, origin.Name, origin.Text) + "\n\n")
	}
	n := 0
	asks := p.asks(name, origin)
	for _, e := range p.journal.standing() {
		switch text := p.beside(name, e.from, e.saved()); {
		case p.isGrant(e):
			asks += text + "\n"
		case e.aside || !p.looks(e):
			b.WriteString(text + "\n")
		}
		if !e.aside {
			n++
		}
	}
	text, _ := format.Source((&source.Set{}).Add("saved", asks+b.String()), p.session.Interp.Table)
	return text, n
}

// isGrant reports whether a statement asks for something, as a script does at its top.
func (p *prompt) isGrant(e *entry) bool {
	tree := p.session.Interp.Table.Split((&source.Set{}).Add("", e.saved()))
	return len(tree.Statements) > 0 && p.session.Interp.Table.Role(tree.Statements[0].Verb()) == verb.RoleGrant
}

// asks is what a script of that name has to ask for, since statements at this prompt have
// named it: files below the directory that they are relative to.
func (p *prompt) asks(name string, origin Origin) string {
	if p.Opener == nil || absolute(filepath.Dir(name)) != absolute(".") {
		return ""
	}
	tree := p.session.Interp.Table.Split((&source.Set{}).Add("", origin.Text))
	asked := script.AskedBy(p.session.Interp.Table, tree)
	text := ""
	for _, file := range slices.Sorted(maps.Keys(p.Opener.used)) {
		kind := p.Opener.used[file]
		has := slices.ContainsFunc(asked, func(g script.Grant) bool { return g.Allows(file, kind == script.GrantWrite) })
		if eval.Below(file) && !has {
			text += "grant " + string(kind) + " " + syntax.Quote(file) + "\n"
		}
	}
	return text
}

// beside is a text of the file from as the file name has to have it: modules are looked
// for beside the file that uses them.
func (p *prompt) beside(name, from, text string) string {
	table := p.session.Interp.Table
	f := (&source.Set{}).Add("", text)
	tree := table.Split(f)
	var b strings.Builder
	end := 0
	for _, at := range targets(table, tree.Statements) {
		target := at.Value()
		if at.Dynamic || strings.HasPrefix(target, "std/") || filepath.IsAbs(target) {
			continue
		}
		path, err := filepath.Rel(absolute(filepath.Dir(name)), filepath.Join(absolute(filepath.Dir(from)), target))
		if err != nil || path == filepath.Clean(target) {
			continue
		}
		b.WriteString(f.Text[end:at.Span.Start-f.Base] + syntax.Quote(path))
		end = at.Span.End - f.Base
	}
	return b.String() + f.Text[end:]
}

// targets are the words after use in statements and their blocks.
func targets(table *verb.Table, list []*syntax.Statement) (words []syntax.Token) {
	for _, st := range list {
		if head := st.Head(); !st.Bad && table.Role(st.Verb()) == verb.RoleUse && len(head) > 1 {
			words = append(words, head[1])
		}
		for _, part := range st.Parts {
			if part.Block != nil {
				words = append(words, targets(table, part.Block.Statements)...)
			}
		}
	}
	return words
}

// absolute is a directory's whole name. One that has no name inside the lab has that
// of the shell's variable.
func absolute(dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	here, err := os.Getwd()
	if err != nil || strings.HasPrefix(here, "/proc/") || !filepath.IsAbs(here) {
		here = os.Getenv("PWD")
	}
	return filepath.Join(here, dir)
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

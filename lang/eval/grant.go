package eval

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Grant is grant read PATH…, and so on: what a script asks the person for who runs it.
type Grant struct {
	Kind  string
	Names []string
}

// grantEnv is the kind of Grant whose names are variables.
const grantEnv = "env"

// grantWords are the words of grant, for completion and near misses.
type grantWords struct {
	Kind  *syntax.Keyword `parser:"'grant' ( (?= 'read' | 'write' | 'run') @@"`
	Paths []syntax.File   `parser:"@@*"`
	Env   *syntax.Keyword `parser:"| (?= 'env') @@"`
	Names []syntax.Free   `parser:"@@* )"`
}

// GrantVerb is the statement grant.
func GrantVerb() *verb.Verb {
	return verb.Define[grantWords](verb.Spec{
		Name: "grant", Group: verb.Language, Role: verb.RoleGrant, Summary: "ask the person who runs the script for files, programs or variables",
		Usage: []string{"grant read PATH…", "grant write PATH…", "grant run PATH…", "grant env NAME…"},
		Doc: `A lab sees none of your files and variables. A script that needs some says so before
its first other statement:

- ` + "`grant read`" + `: files, or directories with all that is in them, are there to be read: for
  ` + "`serve http … dir`" + ` and for programs.
- ` + "`grant write`" + `: they may be changed, too: for ` + "`capture`, `spawn --log`" + ` and programs. What is
  not there is made: a directory, or a file if the name has a suffix, as ` + "`red.pcapng`" + `.
- ` + "`grant run`" + `: a program of your own, or a directory with it and its libraries.
- ` + "`grant env`" + `: variables of the environment, for programs and for ` + "`env(NAME)`" + `.

A PATH is relative to the script and below its directory; no symbolic link leads out of it,
and your home directory itself cannot be asked for. What is elsewhere only the person
who runs the lab can give: ` + "`nsl run --grant read=DIR`" + `.

It counts once that person has agreed. On a terminal nsl asks, and remembers the answer
until the script or a module of it changes (` + "`nsl trust --list`, `nsl trust --forget FILE`" + `).
Elsewhere, as in CI, ` + "`--grant`" + ` agrees to what the script asks for, and
` + "`--grant read=DIR,write=DIR,run=FILE,env=NAME`" + ` gives it exactly that instead. A
module cannot ask: the script that uses it does.`,
		Examples: []verb.Example{
			{Note: "A file for what is captured.", Code: "grant write \"red.pcapng\"\nns red blue\nlink red <-> blue\ncapture red \"red.pcapng\"\nexpect ping red -> blue\nkill capture\n"},
			{Note: "A variable of the environment, if it is set.", Code: "grant env PAGE\nlet page = env(PAGE, \"hello\")\nns red blue\nlink red <-> blue\nserve http red body $page\nexpect http blue -> http://red/ body contains $page\n"},
		},
		ParseStatement: parseGrant,
	})
}

func grantKinds() []string { return []string{"read", "write", "run", grantEnv} }

// parseGrant reads grant.
func parseGrant(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t := st.Head()
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	const usage = `for example: grant read "data", grant write "out", grant run "bin/server", grant env NAME`
	switch {
	case len(t) < 2:
		return nil, one(tooShort(st, usage))
	case !slices.Contains(grantKinds(), t[1].Text):
		return nil, one(diag.Errorf(diag.BadGrant, t[1].Span, "%q cannot be granted", t[1].Text).
			WithNearest(t[1].Text, grantKinds(), "%s", usage))
	case len(t) < 3:
		return nil, one(tooShort(st, usage))
	}
	g := &Grant{Kind: t[1].Text}
	var list diag.List
	for _, word := range t[2:] {
		list.Add(g.problem(word))
		g.Names = append(g.Names, word.Value())
	}
	return g, list
}

// variableOfEnv is a name as shells give to variables.
var variableOfEnv = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// problem is why a word cannot be asked for, whatever files there are.
func (g *Grant) problem(t syntax.Token) *diag.Diagnostic {
	name := t.Value()
	switch {
	case t.Kind != syntax.Word && t.Kind != syntax.String:
		return diag.UnexpectedWord(t.Span, "grant", t.Text)
	case t.Dynamic:
		return diag.Errorf(diag.BadGrant, t.Span, "what a script asks for cannot be calculated").
			WithHelp("write the name out, so that whoever runs the script can read it")
	case g.Kind == grantEnv && !variableOfEnv().MatchString(name):
		return diag.Errorf(diag.BadGrant, t.Span, "%q is not the name of a variable", name).WithHelp("for example: grant env API_URL")
	case g.Kind != grantEnv && !Below(name):
		return diag.Errorf(diag.BadGrant, t.Span, "%q is not below the directory of the script", name).
			WithHelp("a script can ask only for what is there; whoever runs it can give other files: --grant %s=%s", g.Kind, name)
	}
	return nil
}

// Below reports whether a name is one of something at or below the directory of the
// script, links aside.
func Below(name string) bool {
	clean := path.Clean(name)
	return name != "" && !path.IsAbs(name) && !strings.HasPrefix(name, "~") && clean != ".." && !strings.HasPrefix(clean, "../")
}

// run does nothing in a run, which begins with what was agreed to.
func (g *Grant) run(_ context.Context, in *Interp, st *syntax.Statement) error {
	if in.Granted == nil {
		return nil
	}
	return one(in.Granted(g, st.Span)).Err()
}

// Grants are the grants at the beginning of a script, where they count, with their
// statements.
func Grants(table *verb.Table, tree *syntax.Tree) (list []*Grant, statements []*syntax.Statement) {
	for _, st := range tree.Statements {
		if st.Bad || table.Role(st.Verb()) != verb.RoleGrant {
			break
		}
		if p, wrong := table.Parse(st); len(wrong) == 0 {
			list = append(list, p.Node.(*Grant))
		}
		statements = append(statements, st)
	}
	return list, statements
}

// MisplacedGrant is the finding about a grant that is not at the beginning of a script.
func MisplacedGrant(at source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.BadGrant, at, "grant comes after other statements").
		WithHelp("move it to the top of the script, where whoever runs it looks")
}

// ProposeGrants says in findings about what a lab was not granted how the script asks
// for it, where it can.
func ProposeGrants(table *verb.Table, tree *syntax.Tree, list diag.List) {
	asked, _ := Grants(table, tree)
	for _, d := range list {
		kind, name := d.Needs.Kind, path.Clean(d.Needs.Name)
		switch {
		case kind == "" || !Below(name) || len(tree.Statements) == 0:
		case slices.ContainsFunc(asked, func(g *Grant) bool { return g.has(kind, name) }):
			_ = d.WithHelp("the script asks for it, but this run does not give it: --grant %s=%s", kind, name)
		default:
			statement := "grant " + kind + " " + syntax.Quote(name)
			top := tree.Statements[0].Span.Start
			_ = d.WithHelp("a lab has files of yours only when you say so; at the top of the script: %s", statement).
				WithFix(source.Span{Start: top, End: top}, "", statement+"\n")
		}
	}
}

// has reports whether the grant is of this kind and name, or of a directory that holds it.
func (g *Grant) has(kind, name string) bool {
	return g.Kind == kind && slices.ContainsFunc(g.Names, func(n string) bool {
		n = path.Clean(n)
		return n == "." || path.Clean(name) == n || strings.HasPrefix(path.Clean(name), n+"/")
	})
}

package eval

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Use is use "FILE" or use std/NAME.
type Use struct {
	Target   string
	TargetAt source.Span
}

// Modules finds modules.
type Modules interface {
	// Module returns the tree of a module: target as written after use, and
	// the name of the file that uses it. Name is the module's own, for circles
	// and for being read once. ErrNoModule means that there is none.
	Module(from, target string) (name string, tree *syntax.Tree, err error)
}

// ErrNoModule means that a module does not exist; the text says where it was
// looked for.
var ErrNoModule = errors.New("there is no such module")

// useWords are the words of use, for completion and near misses.
type useWords struct {
	Module syntax.Free `parser:"'use' @@"`
}

// UseVerb is the statement use.
func UseVerb() *verb.Verb {
	return verb.Define[useWords](verb.Spec{
		Name: "use", Also: []string{"import", "include"}, Group: verb.Language, Role: verb.RoleUse, Summary: "bring in the definitions of a module",
		Usage: []string{`use "FILE"`, "use std/NAME"},
		Doc: `A module is a file that only defines: ` + "`def`, `let` and `use`" + `. A FILE is looked for
beside the file that uses it; ` + "`std/`" + ` is the library inside nsl. A module is read
once, and never in a cycle. ` + "`nsl help`" + ` lists the library, ` + "`nsl help std/lan`" + `
explains a module of it.`,
		Examples: []verb.Example{
			{Note: "An office with its router, from the library.", Code: "use std/lan\nlan office <pc1 pc2> 10.1.0.0/24\nexpect ping pc1 -> pc2\nexpect route pc1 -> default via 10.1.0.254\n"},
		},
		ParseStatement: parseUse,
	})
}

// parseUse reads use.
func parseUse(_ *verb.Table, st *syntax.Statement) (verb.Node, diag.List) {
	t := st.Head()
	if d := noBlock(st); d != nil {
		return nil, one(d)
	}
	if len(t) != 2 || t[1].Dynamic {
		return nil, one(misread(st, 2, `say which module: use "lib/router.nsl", or use std/lan`))
	}
	return &Use{t[1].Value(), t[1].Span}, nil
}

// run brings the definitions of a module into this scope. A module is run once,
// in a scope of its own.
func (n *Use) run(ctx context.Context, in *Interp, _ *syntax.Statement) error {
	if in.Modules == nil {
		return diag.List{diag.Errorf(diag.BadModule, n.TargetAt, "modules cannot be used here")}
	}
	from := in.Name
	if len(in.using) > 0 {
		from = in.using[len(in.using)-1]
	}
	name, tree, err := in.Modules.Module(from, n.Target)
	if err != nil {
		return diag.List{CannotUse(n, err)}
	}
	if chain := append([]string{in.Name}, in.using...); slices.Contains(chain, name) {
		chain = append(chain, name)
		return diag.List{diag.Errorf(diag.BadModule, n.TargetAt, "%s uses itself: %s", n.Target, strings.Join(chain, " uses "))}
	}
	scope := in.used[name]
	if scope == nil {
		if scope, err = in.load(ctx, n, name, tree); err != nil {
			return err
		}
	}
	return in.bring(n, scope)
}

// CannotUse is the finding that a module was not found.
func CannotUse(n *Use, err error) *diag.Diagnostic {
	return diag.Errorf(diag.BadModule, n.TargetAt, "cannot use %s: %v", n.Target, err)
}

func (in *Interp) load(ctx context.Context, n *Use, name string, tree *syntax.Tree) (*Scope, error) {
	if len(in.using) >= in.Limits.Uses {
		return nil, diag.List{limit(n.TargetAt, "module number %d inside one another", len(in.using)+1, in.Limits.Uses, "--max-uses")}
	}
	if list := ModuleProblems(in.Table, tree); len(list) > 0 {
		return nil, list
	}
	saved := in.Scope
	in.Scope, in.using = NewScope(nil), append(in.using, name)
	defer func() { in.Scope, in.using = saved, in.using[:len(in.using)-1] }()
	if err := in.statements(ctx, tree.Statements); err != nil {
		return nil, err
	}
	in.used[name] = in.Scope
	return in.Scope, nil
}

// ModuleProblems are the findings for which a module cannot be used: what cannot be
// read in it, and statements that do not define.
func ModuleProblems(table *verb.Table, tree *syntax.Tree) diag.List {
	list := append(diag.List{}, tree.Diags...)
	for _, st := range tree.Statements {
		if !st.Bad && !table.Role(st.Verb()).Defines() {
			d := diag.Errorf(diag.BadModule, st.Verb().Span, "a module may contain only definitions, not %s", st.Verb().Text)
			help := "put it into a def, or into the script that uses the module"
			if table.Role(st.Verb()) == verb.RoleGrant {
				help = "write it at the top of the script that uses the module"
			}
			list.Add(d.WithHelp("%s", help))
		}
	}
	return list
}

// bring makes a module's own definitions visible here, not those that it uses
// itself.
func (in *Interp) bring(n *Use, from *Scope) error {
	for name, f := range from.defs {
		if from.brought[name+"()"] {
			continue
		}
		if old := in.Scope.defs[name]; old != nil && old.At != f.At {
			return diag.List{diag.Errorf(diag.NameTaken, n.TargetAt, "%s defines %q, which is there already", n.Target, name).
				WithRelated(old.At, "the first is here").WithRelated(f.At, "the second is here")}
		}
		in.Scope.defs[name] = f
		in.Scope.bringing(name + "()")
	}
	for name, v := range from.vars {
		if !from.brought[name] {
			in.Scope.Set(name, v)
			in.Scope.bringing(name)
		}
	}
	return nil
}

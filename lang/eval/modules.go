package eval

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// Modules finds modules.
type Modules interface {
	// Module returns the tree of a module: target as it stands behind use, and
	// the name of the file that uses it. Name is the module's own, for circles
	// and for being read once. ErrNoModule means that there is none.
	Module(from, target string) (name string, tree *syntax.Tree, err error)
}

// ErrNoModule means that a module does not exist; the text says where it was
// looked for.
var ErrNoModule = errors.New("there is no such module")

// use brings the definitions of a module into this scope. A module is run once,
// in a scope of its own.
func (in *Interp) use(ctx context.Context, n *Use) error {
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
	list := append(diag.List{}, tree.Diags...)
	for _, st := range tree.Statements {
		if !st.Bad && !st.Verb().Is("def") && !st.Verb().Is("let") && !st.Verb().Is("use") {
			list.Add(diag.Errorf(diag.BadModule, st.Verb().Span, "a module only defines: %s has no place in it", st.Verb().Text).
				WithHelp("put it into a def, or into the script that uses the module"))
		}
	}
	if len(list) > 0 {
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

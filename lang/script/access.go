package script

import (
	"path/filepath"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Access is what a lab gets of the person who runs it.
type Access struct {
	// Trusted: the lab is not confined. It sees the person's files and environment,
	// and its programs have the rights of a user namespace's root.
	Trusted bool
	// AsAsked: a script gets what it asks for.
	AsAsked bool
	Grants  Grants
}

// With is the access of a script that asks for this, once it is agreed to. Where grants
// are given one by one they are all that it gets.
func (a Access) With(asked Grants) Access {
	if len(a.Grants) == 0 || a.AsAsked {
		a.Grants = slices.Concat(a.Grants, asked)
	}
	return a
}

// Grant is one thing that a lab gets.
type Grant struct {
	Kind GrantKind
	// Name is a variable, or a file or directory.
	Name string
}

// String is what is asked for, in plain words.
func (g Grant) String() string {
	switch g.Kind {
	case GrantEnv:
		return "read the variable " + g.Name + " of the environment"
	case GrantWrite:
		return "read, change and delete " + g.Name
	case GrantRun:
		return "read and run " + g.Name
	}
	return "read " + g.Name
}

// Allows reports whether a relative name is that of the grant, or below it, and may be
// read, or also written.
func (g Grant) Allows(name string, write bool) bool {
	if g.Kind == GrantEnv || write && g.Kind != GrantWrite {
		return false
	}
	rel, err := filepath.Rel(g.Name, name)
	return err == nil && filepath.IsLocal(rel)
}

// GrantKind is what a lab may do with what it gets.
type GrantKind string

// The kinds. What may be run may be read, and so may what may be written.
const (
	GrantRead  GrantKind = "read"
	GrantWrite GrantKind = "write"
	GrantRun   GrantKind = "run"
	GrantEnv   GrantKind = "env"
)

func grantKinds() []GrantKind { return []GrantKind{GrantRead, GrantWrite, GrantRun, GrantEnv} }

// Grants are what a lab gets.
type Grants []Grant

// GrantFlag is the flag --grant of an access, which may be repeated.
type GrantFlag struct{ *Access }

// GrantAsAsked is the value of the flag where it has none.
const GrantAsAsked = "what the script asks for"

// Set adds a list as read=DIR,write=DIR,env=NAME.
func (g GrantFlag) Set(text string) error {
	if text == GrantAsAsked {
		g.AsAsked = true
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		kind, name, ok := strings.Cut(part, "=")
		if !ok || name == "" || !slices.Contains(grantKinds(), GrantKind(kind)) {
			return diag.Errorf("", source.Span{}, "--grant %s: write --grant read=DIR,write=DIR,run=FILE,env=NAME", text)
		}
		g.Grants = append(g.Grants, Grant{GrantKind(kind), name})
	}
	return nil
}

// String is empty: nothing is granted where nothing is said.
func (g GrantFlag) String() string { return "" }

// Type is what follows the flag.
func (g GrantFlag) Type() string { return "grants" }

// JoinGrants makes one word of --grant and a list that follows it, for a flag that may
// also have no list.
func JoinGrants(args []string) []string {
	var joined []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(joined, args[i:]...)
		}
		word := args[i]
		if word == "--grant" && i+1 < len(args) && isGrants(args[i+1]) {
			i++
			word += "=" + args[i]
		}
		joined = append(joined, word)
	}
	return joined
}

// isGrants reports whether a word begins as a list of grants does.
func isGrants(word string) bool {
	kind, _, ok := strings.Cut(word, "=")
	return ok && slices.Contains(grantKinds(), GrantKind(kind))
}

// Asks is what a script asks for at its top, by names beside it.
func (l Language) Asks(f *source.File) Grants {
	if !strings.Contains(f.Text, "grant") {
		return nil
	}
	return AskedBy(l.Table, l.Table.Split(f))
}

// AskedBy is what a script asks for at its top, by names beside it.
func AskedBy(table *verb.Table, tree *syntax.Tree) (list Grants) {
	found, _ := eval.Grants(table, tree)
	for _, g := range found {
		for _, name := range g.Names {
			list = append(list, Grant{GrantKind(g.Kind), name})
		}
	}
	return list
}

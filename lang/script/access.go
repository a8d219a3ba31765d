package script

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Access is what a lab gets of the person who runs it.
type Access struct {
	// Trusted: the lab is not confined. It sees the person's files and environment,
	// and its programs have the rights of a user namespace's root.
	Trusted bool
	Grants  Grants
}

// Grant is one thing that a lab gets.
type Grant struct {
	Kind GrantKind
	// Name is a variable, or a file or directory.
	Name string
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

// Grants are what a lab gets; they are the value of a flag that may be repeated.
type Grants []Grant

// Set adds a list as read=DIR,write=DIR,env=NAME.
func (g *Grants) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		kind, name, ok := strings.Cut(part, "=")
		if !ok || name == "" || !slices.Contains(grantKinds(), GrantKind(kind)) {
			return diag.Errorf("", source.Span{}, "--grant %s: write --grant read=DIR,write=DIR,run=FILE,env=NAME", text)
		}
		*g = append(*g, Grant{GrantKind(kind), name})
	}
	return nil
}

// String is empty: nothing is granted where nothing is said.
func (g *Grants) String() string { return "" }

// Type is what follows the flag.
func (g *Grants) Type() string { return "grants" }

package verb

import "nsl/lang/syntax"

// Role is what a statement is to the readers of a script who must know some
// statements from the others before they are run: the highlighter, completion,
// test discovery. They ask for the role, never for the name.
type Role int

// The roles. Most statements have none.
const (
	NoRole     Role = iota
	RoleExpect      // a probe follows
	RoleTest        // its block is a test
	RoleLet         // binds a variable
	RoleDef         // defines a statement
	RoleUse         // brings in what a module defines
	RoleDefer       // the rest is a statement of its own
)

// Defines reports whether the statement only defines: a module holds no others.
func (r Role) Defines() bool { return r == RoleLet || r == RoleDef || r == RoleUse }

// Role is the role of the statement that begins with the word.
func (t *Table) Role(first syntax.Token) Role {
	if v := t.Verb(first.Text); v != nil && first.Kind != syntax.String {
		return v.Role
	}
	return NoRole
}

// First is the first verb of the table that has the role, or nil.
func (t *Table) First(r Role) *Verb {
	for _, v := range t.verbs {
		if v.Role == r {
			return v
		}
	}
	return nil
}

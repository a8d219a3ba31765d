package verb

import "nsl/lang/syntax"

// Role is what a statement is to the readers of a script who must know some
// statements from the others before they are run: the highlighter, completion,
// test discovery. They ask for the role, never for the name.
type Role int

// The roles. Most statements have none.
const (
	NoRole      Role = iota
	RoleExpect       // a probe follows
	RoleTest         // its block is a test
	RoleLet          // binds a variable
	RoleDef          // defines a statement
	RoleUse          // brings in what a module defines
	RoleDefer        // the rest is a statement of its own
	RoleProgram      // a node follows, and then the command line of a program
	RoleGrant        // asks the person who runs the script
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

// Program implements [syntax.Dialect].
func (t *Table) Program(head []syntax.Token) bool {
	if t.Role(head[0]) == RoleDefer {
		head = head[1:]
	}
	if len(head) == 0 {
		return false
	}
	v := t.Verb(head[0].Text)
	if v != nil && v.Role == RoleExpect {
		v, head = t.probeIn(head)
	}
	return v != nil && v.Role == RoleProgram && len(head) > 1
}

// probeIn is the probe of an expectation, and the words from it on.
func (t *Table) probeIn(head []syntax.Token) (*Verb, []syntax.Token) {
	head = head[1:]
	if len(head) > 0 && head[0].Is("not") {
		head = head[1:]
	}
	if len(head) == 0 {
		return nil, nil
	}
	return t.Probe(head[0].Text), head
}

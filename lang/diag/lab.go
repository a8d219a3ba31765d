package diag

import "nsl/lang/source"

// LinkTaken is about the name of an interface that the node has already.
func LinkTaken(at source.Span, node, link string) *Diagnostic {
	return Errorf(NameTaken, at, "%s already has an interface %q", node, link)
}

// LacksAddress is about an address that a node or interface does not have. The
// code says what was to be done with it.
func LacksAddress(code Code, at source.Span, place, addr string) *Diagnostic {
	return Errorf(code, at, "%s does not have the address %s", place, addr)
}

// NodeTaken is about the name of a node that is there already. The code says
// what was to be made of it.
func NodeTaken(code Code, at source.Span, name string) *Diagnostic {
	return Errorf(code, at, "there is already a node %q", name)
}

// RuleTaken is about a policy or filter rule that the node has already.
func RuleTaken(at source.Span, node, rule string) *Diagnostic {
	return Errorf(NameTaken, at, "%s already has this rule: %s", node, rule)
}

// NoAddressYet is about a node whose packets are to be matched by its address.
func NoAddressYet(at source.Span, node string) *Diagnostic {
	return Errorf(NoAddress, at, "%s has no address yet, so its packets cannot be matched", node).
		WithHelp("write this statement after the ones that give it an address")
}

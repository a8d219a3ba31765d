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

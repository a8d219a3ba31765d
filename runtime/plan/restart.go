package plan

// Restart opens the sockets of a service that runs again, because its interfaces were
// made or moved anew. What it knows stays: a DHCP server's leases, and what is in the
// file of a capture. It fails with ESRCH when there is none of that ID.
type Restart struct {
	Node, ID string
	Service  Service
}

func (Restart) op() {}

// Effect is nothing that is followed.
func (o Restart) Effect() Effect { return Effect{Object: objectOf(o.Service, o.Node)} }

// Inverse is empty: the service runs before and after.
func (o Restart) Inverse() []Op { return nil }

// Commands is empty: it is needed only when statements are undone.
func (o Restart) Commands() []Command { return nil }

// BoundTo are the interfaces that a service of a node is bound to: it does not follow
// them when they are deleted or moved and come back.
func BoundTo(node string, s Service) []Ref {
	switch s := s.(type) {
	case DHCP:
		return []Ref{{Node: node, Link: s.Link}}
	case DHCPRelay:
		return []Ref{{Node: node, Link: s.Link}}
	case RA:
		return []Ref{{Node: node, Link: s.Link}}
	case Capture:
		return s.Ports
	case HTTP, Echo, Program, DNS:
	}
	return nil
}

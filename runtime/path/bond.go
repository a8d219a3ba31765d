package path

import "nsl/runtime/plan"

// Standby means that a member of a bond is not in use: another one, Active, is, or none
// (Active "").
type Standby struct {
	Member, Bond plan.Ref
	Active       string
}

func (Standby) obstacle() {}

func isMemberOf(member, bond plan.Link) bool {
	return member.Node == bond.Node && member.Bond != "" && member.Bond == bond.Name
}

// members are those of a bond, and the bond of a member.
func (s *Snapshot) members(l plan.Link, yield func(plan.Ref, Obstacle) bool) bool {
	if l.Bond != "" {
		return yield(plan.Ref{Node: l.Node, Link: l.Bond}, s.member(l))
	}
	if l.Kind != plan.Bond {
		return true
	}
	links, err := s.Links(l.Node)
	if err != nil {
		return true
	}
	for _, m := range links {
		if isMemberOf(m, l) && !yield(m.Ref(), s.member(m)) {
			return false
		}
	}
	return true
}

// member is what stops frames between a member and its bond.
func (s *Snapshot) member(m plan.Link) Obstacle {
	bond, err := s.Link(m.Node, m.Bond)
	switch {
	case !m.Up:
		return down(m)
	case err != nil:
		return nil
	case !bond.Up:
		return down(bond)
	case m.Backup && m.Carrier:
		return Standby{m.Ref(), bond.Ref(), s.inUse(bond)}
	}
	return nil
}

// inUse is the first member of a bond that frames pass by, or "".
func (s *Snapshot) inUse(bond plan.Link) string {
	links, _ := s.Links(bond.Node)
	for _, m := range links {
		if isMemberOf(m, bond) && !m.Backup {
			return m.Name
		}
	}
	return ""
}

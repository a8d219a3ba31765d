package syntax

import "nsl/lang/diag"

// VLAN is the number of a VLAN.
type VLAN struct{ Int }

// lastVLAN is the highest VLAN that a frame can be tagged with: 4095 is
// reserved (IEEE 802.1Q).
const lastVLAN = 4094

// Problem reports what no frame can be tagged with.
func (v VLAN) Problem() *diag.Diagnostic {
	if d := v.Int.Problem(); d != nil {
		return d
	}
	if n := v.Int.Int(); n >= 1 && n <= lastVLAN {
		return nil
	}
	return diag.Errorf(diag.BadNumber, v.Span, "a VLAN is 1 to %d, not %s", lastVLAN, v.Value).
		WithHelp("the tag of a frame has 12 bits for it (IEEE 802.1Q)")
}

package why

import (
	"fmt"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// standby says why frames do not pass by a member of a bond.
func (q *inquiry) standby(o path.Standby) {
	if o.Active == "" {
		q.stop(fmt.Sprintf("%s has no active member", o.Bond), "see their state: show links "+o.Bond.Node)
		return
	}
	active := plan.Ref{Node: o.Bond.Node, Link: o.Active}
	fix := "set what it leads to up, or pull it: down " + active.String()
	if peer, err := q.snap.Peer(active.Node, active.Link); err == nil {
		fix = fmt.Sprintf("compare where %s, its other end, leads: show topology", peer)
	}
	q.stop(fmt.Sprintf("%s sends by %s, and %s is its backup", o.Bond, active, o.Member), fix)
}

package why

import (
	"fmt"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// otherVLAN says why frames of one VLAN get to no interface of another.
func (q *inquiry) otherVLAN(by path.Obstacle) {
	switch o := by.(type) {
	case path.NoNative:
		q.stop(fmt.Sprintf("%s, a port of %s, drops frames without a tag: it is in no VLAN of its own (%s)", o.Port, o.Bridge, q.vlansOf(o.Port)),
			fmt.Sprintf("put it into one: attach %s -> %s vlan N", o.Port, o.Bridge))
	case path.NoMember:
		q.stop(fmt.Sprintf("%s, a port of %s, is not in VLAN %d, which the frames are in (%s)", o.Port, o.Bridge, o.VLAN, q.vlansOf(o.Port)), q.enter(o))
	case path.Tagged:
		tag, protocol := fmt.Sprintf("VLAN %d", o.VLAN), ""
		if o.Service {
			tag, protocol = tag+" ("+plan.ServiceTags+")", " protocol "+plan.ServiceTags
		}
		q.stop(fmt.Sprintf("frames get to %s with the tag of %s, for which it has no interface", o.At, tag),
			q.advise("make one", fmt.Sprintf("vlan %s on %s id %d%s", plan.Ref{Node: o.At.Node, Link: fmt.Sprintf("%s.%d", o.At.Link, o.VLAN)}, o.At, o.VLAN, protocol)))
	case path.Untagged:
		q.stop(fmt.Sprintf("frames get to %s without a tag, and %s takes those of VLAN %d", o.At, o.Upper, o.VLAN), q.tagThem(o))
	}
}

// vlansOf are the VLANs of a port, in the words of attach where they say it.
func (q *inquiry) vlansOf(port plan.Ref) string {
	l, err := q.snap.Link(port.Node, port.Link)
	if err != nil {
		return ""
	}
	return plan.VLANText(l.VLANs)
}

// enter proposes to put a port into a VLAN: one with no tags into that alone.
func (q *inquiry) enter(o path.NoMember) string {
	l, err := q.snap.Link(o.Port.Node, o.Port.Link)
	if err != nil || o.Port == o.Bridge {
		return fmt.Sprintf("make an interface for it: vlan NAME on %s id %d", o.Bridge, o.VLAN)
	}
	list := plan.AccessVLAN(o.VLAN)
	if text, ok := plan.DescribeVLANs(l.VLANs); !ok || text[0] == 't' {
		list = plan.TrunkVLANs(append(plan.TaggedVLANs(l.VLANs), o.VLAN), plan.NativeVLAN(l.VLANs))
	}
	text, _ := plan.DescribeVLANs(list)
	return q.advise("put it into that", fmt.Sprintf("attach %s -> %s %s", o.Port, o.Bridge, text))
}

// tagThem proposes that the port at the other end of a cable tags the frames.
func (q *inquiry) tagThem(o path.Untagged) string {
	peer, err := q.snap.Peer(o.At.Node, o.At.Link)
	if port, lost := q.snap.Link(peer.Node, peer.Link); err == nil && lost == nil && len(port.VLANs) > 0 {
		return q.advise("tag them", fmt.Sprintf("attach %s -> %s trunk %d", peer, plan.Ref{Node: peer.Node, Link: port.Master}, o.VLAN))
	}
	return "send them from an interface for that VLAN: vlan NAME on IFACE id " + fmt.Sprint(o.VLAN)
}

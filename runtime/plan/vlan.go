package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// FirstVLAN is the VLAN that a bridge which filters VLANs puts its ports and itself into
// (default_pvid; ip-link(8)).
const FirstVLAN = 1

// PortVLAN is a VLAN that a port of a bridge, or the bridge itself, is a member of
// (bridge(8)).
type PortVLAN struct {
	ID int
	// PVID: frames that arrive without a tag are put into it. One VLAN of a port at most
	// is that.
	PVID bool
	// Untagged: its frames leave without a tag.
	Untagged bool
}

// NewPortVLANs are the VLANs of a new port of a bridge that filters them.
func NewPortVLANs() []PortVLAN { return AccessVLAN(FirstVLAN) }

// AccessVLAN is the VLAN of a port whose frames carry no tag.
func AccessVLAN(id int) []PortVLAN { return []PortVLAN{{ID: id, PVID: true, Untagged: true}} }

// TrunkVLANs are those of a port that carries several, with tags; the frames of native carry
// none, 0 is no such VLAN.
func TrunkVLANs(ids []int, native int) []PortVLAN {
	var list []PortVLAN
	if native != 0 {
		list = AccessVLAN(native)
	}
	for _, id := range ids {
		if id != native {
			list = append(list, PortVLAN{ID: id})
		}
	}
	slices.SortFunc(list, func(a, b PortVLAN) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(list)
}

// FindVLAN is the membership in a VLAN.
func FindVLAN(list []PortVLAN, id int) (v PortVLAN, member bool) {
	i := slices.IndexFunc(list, func(v PortVLAN) bool { return v.ID == id })
	if i < 0 {
		return v, false
	}
	return list[i], true
}

// NativeVLAN is the VLAN of frames that arrive without a tag, 0 for none.
func NativeVLAN(list []PortVLAN) int {
	for _, v := range list {
		if v.PVID {
			return v.ID
		}
	}
	return 0
}

// TaggedVLANs are those whose frames leave with a tag.
func TaggedVLANs(list []PortVLAN) (ids []int) {
	for _, v := range list {
		if !v.Untagged {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// DescribeVLANs are the VLANs as the statement attach has them: "vlan 10",
// "trunk 10,20 native 1". It reports false where no such words say it all.
func DescribeVLANs(list []PortVLAN) (text string, ok bool) {
	native, tagged := NativeVLAN(list), TaggedVLANs(list)
	ok = slices.Equal(list, TrunkVLANs(tagged, native)) && len(list) > 0
	if len(tagged) == 0 {
		return "vlan " + strconv.Itoa(native), ok
	}
	text = "trunk " + JoinVLANs(tagged)
	if native != 0 {
		text += " native " + strconv.Itoa(native)
	}
	return text, ok
}

// JoinVLANs are numbers of VLANs as a script has them: "10,20".
func JoinVLANs(ids []int) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return strings.Join(words, ",")
}

// SetVLANs sets the VLANs of a port of a bridge that filters them, or of the bridge itself.
type SetVLANs struct {
	Node, Name string
	// Bridge is the bridge, Name for the bridge itself.
	Bridge string
	// VLANs and Was are sorted by their IDs.
	VLANs, Was []PortVLAN
}

func (SetVLANs) op() {}

// Effect is the new VLANs.
func (o SetVLANs) Effect() Effect {
	text, ok := DescribeVLANs(o.VLANs)
	if !ok {
		text = "VLANs " + VLANWords(o.VLANs)
	}
	return about(o.Node, o.Name, text)
}

// VLANText is [DescribeVLANs], and [VLANWords] where that does not say it all.
func VLANText(list []PortVLAN) string {
	if text, ok := DescribeVLANs(list); ok {
		return text
	}
	return VLANWords(list)
}

// VLANWords are the VLANs as bridge(8) lists them: "1 PVID Egress Untagged, 10".
func VLANWords(list []PortVLAN) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = strconv.Itoa(v.ID)
		if v.PVID {
			words[i] += " PVID"
		}
		if v.Untagged {
			words[i] += " Egress Untagged"
		}
	}
	return strings.Join(words, ", ")
}

// Inverse sets the former VLANs.
func (o SetVLANs) Inverse() []Op {
	return []Op{SetVLANs{Node: o.Node, Name: o.Name, Bridge: o.Bridge, VLANs: o.Was, Was: o.VLANs}}
}

// Self reports whether the VLANs are those of the bridge itself.
func (o SetVLANs) Self() bool { return o.Bridge == o.Name }

// Changes are the VLANs to leave, and then those to enter, or to be in otherwise.
func (o SetVLANs) Changes(was []PortVLAN) (leave, enter []PortVLAN) {
	for _, v := range was {
		if _, stays := FindVLAN(o.VLANs, v.ID); !stays {
			leave = append(leave, v)
		}
	}
	for _, v := range o.VLANs {
		if !slices.Contains(was, v) {
			enter = append(enter, v)
		}
	}
	return leave, enter
}

// Commands is bridge vlan del and add.
func (o SetVLANs) Commands() []Command {
	command := func(verb string, v PortVLAN) Command {
		c := Command{"bridge"}
		if o.Node != Host {
			c = append(c, "-n", o.Node)
		}
		c = append(c, "vlan", verb, "dev", o.Name, "vid", strconv.Itoa(v.ID))
		if verb == "add" && v.PVID {
			c = append(c, "pvid")
		}
		if verb == "add" && v.Untagged {
			c = append(c, "untagged")
		}
		if o.Self() {
			c = append(c, "self")
		}
		return c
	}
	var list []Command
	leave, enter := o.Changes(o.Was)
	for _, v := range leave {
		list = append(list, command("del", v))
	}
	for _, v := range enter {
		list = append(list, command("add", v))
	}
	return list
}

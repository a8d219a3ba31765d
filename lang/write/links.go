package write

import (
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// cable is link where both ends are to be up, else veth; veth, too, where single steps are wanted.
func (w *writer) cable(o plan.AddVeth) {
	if w.single || !w.isUp(o.A.Node, o.A.Name) || !w.isUp(o.B.Node, o.B.Name) {
		w.add("veth " + place(o.A.Node, o.A.Name) + " <-> " + place(o.B.Node, o.B.Name) + endOptions(o))
		w.secondMAC(o)
		return
	}
	others := append(w.takeUp(o.A.Node, o.A.Name), w.takeUp(o.B.Node, o.B.Name)...)
	a, b := w.addrs(o.A), w.addrs(o.B)
	addrs := [2]string{}
	noaddr := ""
	switch {
	case len(a) == 0 && len(b) == 0:
		noaddr = " noaddr"
	case families(a) == families(b):
		for i, list := range [][]plan.Op{a, b} {
			for _, op := range list {
				addrs[i] += " " + op.(plan.AddAddr).Addr.String() //nolint:forcetypeassert // addrs has only these
			}
			others = append(others, list...)
		}
		w.take(func(op plan.Op) bool { return isIn(op, a) || isIn(op, b) })
	default: // the other end would be numbered, too
		noaddr = " noaddr"
	}
	w.add("link "+end(o.A.Node, o.A.Name)+addrs[0]+" <-> "+end(o.B.Node, o.B.Name)+addrs[1]+endOptions(o)+noaddr, others...)
	w.secondMAC(o)
}

// secondMAC sets that of the second end where the first has none that is wanted.
func (w *writer) secondMAC(o plan.AddVeth) {
	if o.A.MAC == "" && o.B.MAC != "" {
		w.lines = append(w.lines, Line{Text: "mac " + place(o.B.Node, o.B.Name) + " " + o.B.MAC})
	}
}

func isIn(op plan.Op, list []plan.Op) bool {
	add, ok := op.(plan.AddAddr)
	if !ok {
		return false
	}
	for _, o := range list {
		if o == plan.Op(add) {
			return true
		}
	}
	return false
}

// end names an interface with its node, also on the host, where one word would be a node.
func end(node, link string) string { return Word(node + ":" + link) }

func endOptions(o plan.AddVeth) string {
	text := ""
	if o.A.MTU != 0 && o.A.MTU == o.B.MTU {
		text = " mtu " + strconv.Itoa(o.A.MTU)
	}
	switch {
	case o.A.MAC != "" && o.B.MAC != "":
		text += " mac " + o.A.MAC + " " + o.B.MAC
	case o.A.MAC != "":
		text += " mac " + o.A.MAC
	}
	return text
}

// families are those of addresses that are added: 1 is IPv4, 2 IPv6, 3 both.
func families(ops []plan.Op) int {
	n := 0
	for _, op := range ops {
		if o, ok := op.(plan.AddAddr); ok && o.Addr.Addr().Is6() {
			n |= 2
		} else {
			n |= 1
		}
	}
	return n
}

// addrs are the following ops that give an end its addresses, up to one with options, which
// link has not.
func (w *writer) addrs(e plan.LinkEnd) []plan.Op {
	var list []plan.Op
	for i := w.at + 1; i < len(w.ops); i++ {
		if o, ok := w.ops[i].(plan.AddAddr); ok && !w.used[i] && o.Node == e.Node && o.Link == e.Name {
			if o.AddrOptions != (plan.AddrOptions{}) || o.Duplicate {
				break
			}
			list = append(list, o)
		}
	}
	return list
}

func setsUp(op plan.Op, node, name string) bool {
	o, ok := op.(plan.SetUp)
	return ok && o.Node == node && o.Name == name
}

func (w *writer) isUp(node, name string) bool {
	for i := w.at + 1; i < len(w.ops); i++ {
		if !w.used[i] && setsUp(w.ops[i], node, name) {
			return true
		}
	}
	return false
}

func (w *writer) takeUp(node, name string) []plan.Op {
	return w.take(func(op plan.Op) bool { return setsUp(op, node, name) })
}

// newLink is a statement that makes an interface and sets it up; one that is to be down is
// set down again.
func (w *writer) newLink(text, node, name string) {
	up := w.takeUp(node, name)
	w.add(text, up...)
	if len(up) == 0 {
		w.lines = append(w.lines, Line{Text: "down " + place(node, name)})
	}
}

func (w *writer) bridge(o plan.AddBridge) {
	text := "bridge " + place(o.Node, o.Name)
	if o.STP {
		text += " stp on"
	}
	if o.VLANFiltering {
		text += " vlan-filtering on"
	}
	w.newLink(text+common(o.MTU, o.MAC)+" noaddr", o.Node, o.Name)
}

// common are the options that all kinds have.
func common(mtu int, mac string) string {
	text := ""
	if mtu != 0 {
		text = " mtu " + strconv.Itoa(mtu)
	}
	if mac != "" {
		text += " mac " + mac
	}
	return text
}

func (w *writer) link(o plan.AddLink) {
	text := o.Kind + " " + place(o.Node, o.Name)
	switch o.Kind {
	case plan.WireGuard:
		w.newWireguard(o, text)
		return
	case plan.MACVLAN, plan.IPVLAN:
		text += " on " + place(o.Lower.Node, o.Lower.Link)
		if o.Mode != "" {
			text += " mode " + o.Mode
		}
	case plan.VLAN:
		text += " on " + place(o.Lower.Node, o.Lower.Link) + " " + strings.Join(o.VLANWords(), " ")
	case plan.VRF:
		text += " table " + strconv.Itoa(o.Table)
	case plan.Bond:
		text += " " + strings.Join(append([]string{"mode", o.Mode}, o.BondWords(o.Kind)...), " ")
	}
	if kind := plan.KindOf(o.Kind); kind.Tunnel && kind.Proto == "udp" {
		text += " id " + strconv.Itoa(o.ID) + tunnel(o)
	} else if kind.Tunnel {
		text += tunnel(o)
	}
	mac := o.MAC
	if o.Kind == plan.IPVLAN || plan.KindOf(o.Kind).Bare {
		mac = "" // they have that of another, or none
	}
	w.newLink(text+common(o.MTU, mac), o.Node, o.Name)
}

func tunnel(o plan.AddLink) string {
	words := o.TunnelWords()
	if o.Lower.Link != "" {
		words = append(words, "dev", Word(o.Lower.Link))
	}
	return " " + strings.Join(words, " ")
}

func (w *writer) master(o plan.SetMaster) {
	if o.Master == "" {
		w.add("detach " + place(o.Node, o.Name))
		return
	}
	w.add("attach " + place(o.Node, o.Name) + " -> " + place(o.Node, o.Master))
}

// vlans are the VLANs of a port, in the statement that made it one if that is the last.
func (w *writer) vlans(o plan.SetVLANs) {
	text, ok := plan.DescribeVLANs(o.VLANs)
	if o.Self() && w.interfacesFor(o) {
		return
	}
	if !ok || o.Self() {
		w.none(o)
		return
	}
	w.add("attach " + place(o.Node, o.Name) + " -> " + place(o.Node, o.Bridge) + " " + text)
}

// interfacesFor reports whether the VLANs that a bridge itself enters are those of interfaces on
// it, which their statement does.
func (w *writer) interfacesFor(o plan.SetVLANs) bool {
	leave, enter := o.Changes(o.Was)
	return len(leave) == 0 && !slices.ContainsFunc(enter, func(v plan.PortVLAN) bool {
		return !slices.ContainsFunc(w.ops, func(op plan.Op) bool {
			l, ok := op.(plan.AddLink)
			return ok && l.Kind == plan.VLAN && l.ID == v.ID && !l.Service && l.Lower == plan.Ref{Node: o.Node, Link: o.Name}
		})
	})
}

func (w *writer) shape(o plan.SetShape) {
	if o.Shape == (plan.Shape{}) {
		w.add("shape " + place(o.Node, o.Name) + " off")
		return
	}
	w.add("shape " + place(o.Node, o.Name) + " " + o.Shape.String())
}

// forward is an entry of a forwarding database as the statement fdb has it.
func forward(o plan.AddForward) string {
	mac := o.MAC
	if mac == plan.NoMAC {
		mac = "all"
	}
	return place(o.Node, o.Dev) + " " + mac + " dst " + o.Dst.String()
}

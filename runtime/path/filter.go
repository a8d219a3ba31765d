package path

import (
	"cmp"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// RuleName names a rule of the packet filter, whoever made it.
type RuleName struct {
	// Where is its table and chain: "table inet fw, chain transit".
	Where string
	// Text is the rule in nft's words, as far as it is understood, and Comment its
	// comment.
	Text, Comment string
}

// hook is a place at which packet filters see packets.
type hook struct {
	// family is that of the tables: "ip" for both IPv4 and IPv6, "arp", "bridge", "netdev".
	family, name string
	in, out      plan.Link
	// portIn and portOut are ports of a bridge.
	portIn, portOut string
	// frame says what is seen if it is not the packet itself: "ARP request", ….
	frame string
	// bridge is the bridge whose frames are seen, and bridgeKey why.
	bridge, bridgeKey string
}

// sees reports whether a chain is called at the hook for a packet.
func (k hook) sees(t *plan.FilterTable, c *plan.FilterChain, six bool) bool {
	if c.Hook != k.name {
		return false
	}
	switch k.family {
	case "netdev":
		dev := cmp.Or(k.in.Name, k.out.Name)
		return (t.Family == "netdev" || t.Family == "inet") && slices.Contains(c.Devices, dev)
	case "ip":
		return t.Family == "inet" || t.Family == "ip" && !six || t.Family == "ip6" && six
	}
	return t.Family == k.family
}

// tables are all tables of a node. A world without others' has the lab's own.
func (s *Snapshot) filterTables(node string) []plan.FilterTable {
	rules, err := s.Ruleset(node)
	if err != nil || slices.ContainsFunc(rules.Tables, isLabs) {
		return rules.Tables
	}
	if st, err := s.Nft(node); err == nil && st.Exists {
		return append(slices.Clone(rules.Tables), ruleset.TableOf(st))
	}
	return rules.Tables
}

func isLabs(t plan.FilterTable) bool { return t.Family == "inet" && t.Name == plan.NftTable }

// chains are the base chains that a packet meets at a hook, in their order.
func (s *Snapshot) chains(node string, k hook, six bool) []ruleset.Rule {
	var list []ruleset.Rule
	tables := s.filterTables(node)
	for i := range tables {
		t := &tables[i]
		for n := range t.Chains {
			if k.sees(t, &t.Chains[n], six) {
				list = append(list, ruleset.Rule{Table: t, Chain: &t.Chains[n]})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b ruleset.Rule) int { return cmp.Compare(a.Chain.Priority, b.Chain.Priority) })
	return list
}

// run takes a packet through the chains of a hook, and says how it ends if they stop it.
// Translate gets what the chains of type nat say, in their place; it may be nil.
func (j *journey) run(node string, k hook, p *ruleset.Packet, translate func(ruleset.Outcome)) End {
	for _, c := range j.chains(node, k, p.Dst.Is6()) {
		if c.Chain.Type == "nat" && (translate == nil || p.Untracked || p.State != plan.StateNew) {
			continue
		}
		if p.Family = k.family; c.Table.Family == "inet" {
			p.Family = "ip"
		}
		if end := j.pieces(node, k, c, p, j.pieceSize); end != nil {
			return end
		}
		out := ruleset.Run(c.Table, c.Chain, p)
		if out.Wrote.Place > 0 {
			j.wrote = out.Wrote
		}
		if out.Untracked.Place > 0 {
			_, j.untrackedBy = j.nameOf(node, out.Untracked)
		}
		for _, r := range out.Doubts {
			j.doubts = append(j.doubts, j.filtered(node, k, r, "drop", false))
		}
		switch out.Verdict {
		case "accept":
		case "drop", "reject":
			return j.filtered(node, k, out.By, out.Verdict, out.Reset)
		default:
			if translate != nil {
				translate(out)
			}
		}
	}
	return nil
}

// filtered is the end that a rule is.
func (j *journey) filtered(node string, k hook, r ruleset.Rule, verdict string, reset bool) Filtered {
	e := Filtered{Node: node, In: k.in.Name, Out: k.out.Name, Frame: k.frame, Bridge: k.bridge, BridgeKey: k.bridgeKey}
	e.Rule, e.By = j.nameOf(node, r)
	if e.Rule.Verdict == "" {
		e.Rule.Verdict = verdict
		if reset {
			e.Rule.Proto = "tcp"
		}
	}
	return e
}

// nameOf is a rule of the lab's own, and how it is named.
func (s *Snapshot) nameOf(node string, r ruleset.Rule) (own plan.NftRule, by RuleName) {
	if r.Table == nil {
		return own, by
	}
	by = RuleName{Where: r.Where(), Text: r.Text()}
	if r.Place > 0 {
		by.Comment = r.Chain.Rules[r.Place-1].Comment
	}
	st, err := s.Nft(node)
	if err != nil || !isLabs(*r.Table) || r.Place == 0 {
		return own, by
	}
	for i, c := range st.Chains {
		if list := st.Lists[i]; c.Name == r.Chain.Name && r.Place <= len(list) && list[r.Place-1].Verdict != plan.Foreign {
			return *list[r.Place-1], by
		}
	}
	return own, by
}

// seen is a packet as the filters of a node see it.
func (j *journey) seen(node string, k hook, p Packet) *ruleset.Packet {
	q := &ruleset.Packet{Family: k.family, Hook: k.name, Src: p.Src, Dst: p.Dst, Proto: p.number(), SrcPort: p.SrcPort, DstPort: p.DstPort,
		Flags: p.Flags, Type: p.Type, Code: p.Code, TTL: p.TTL, Size: p.Size, DontFragment: p.DontFragment, Mark: p.Mark,
		In: k.in, Out: k.out, PortIn: k.portIn, PortOut: k.portOut, Lab: nodeView{j.Snapshot, node}, Reply: j.back}
	if k.in.Name != "" || k.family == "bridge" {
		q.SrcMAC, q.DstMAC = j.macs[0], j.macs[1]
	}
	j.pieceSize = p.PieceSize
	q.ConnMark = j.marks[node]
	q.State, q.Status, q.First = j.state(node, p), j.status(node), j.first(node)
	q.Untracked = j.untracked[node] && !j.back || j.untrackedAt == node
	return q
}

// state is what a node's connection tracking thinks of a packet: what comes back by a
// node that has not seen the request belongs to nothing it knows.
func (j *journey) state(node string, p Packet) plan.ConnState {
	known := j.tracked[node]
	switch {
	case !j.back && !j.established:
		return plan.StateNew
	case p.Complains && known:
		return plan.StateRelated
	case known:
		return plan.StateEstablished
	case p.Proto == "udp":
		return plan.StateNew
	case j.established && !j.back:
		return plan.StateNew // picked up on the way (nf_conntrack_tcp_loose)
	}
	return plan.StateInvalid
}

// status is what of a conversation a node has translated.
func (j *journey) status(node string) uint8 {
	var src, dst bool
	for _, t := range j.nat {
		src = src || t.node == node && t.Source
		dst = dst || t.node == node && !t.Source
	}
	return ruleset.StatusOf(src, dst)
}

// first are the ends of the conversation as its first packet had them at a node.
func (j *journey) first(node string) [2]netip.AddrPort { return j.firsts[node] }

// track notes that a node has seen the conversation begin.
func (j *journey) track(node string, p Packet, q *ruleset.Packet) {
	if j.back || j.established {
		return
	}
	if q.Untracked {
		j.untracked[node] = true
		delete(j.tracked, node)
		return
	}
	j.tracked[node] = true
	if _, ok := j.firsts[node]; !ok {
		j.firsts[node] = [2]netip.AddrPort{netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)}
	}
}

// ask takes a packet through a hook of the node that has it; what the rules change is
// changed in it.
func (j *journey) ask(h *Hop, p *Packet, k hook, translate func(ruleset.Outcome)) End {
	if k.name == plan.Prerouting.Hook || k.name == plan.Output.Hook {
		j.track(h.Node, *p, &ruleset.Packet{})
	}
	q := j.seen(h.Node, k, *p)
	q.Turn = j.turn
	j.wrote = ruleset.Rule{}
	end := j.run(h.Node, k, q, func(out ruleset.Outcome) {
		if translate != nil {
			translate(out)
			q.Src, q.Dst, q.SrcPort, q.DstPort = p.Src, p.Dst, p.SrcPort, p.DstPort
			q.Status = j.status(h.Node)
		}
	})
	j.turn, j.marks[h.Node] = q.Turn, q.ConnMark
	j.rewrite(h, *p, q)
	if q.TTL != p.TTL {
		_, h.Aged = j.nameOf(h.Node, j.wrote)
	}
	p.Mark, p.TTL = q.Mark, q.TTL
	p.Src, p.Dst, p.SrcPort, p.DstPort = q.Src, q.Dst, q.SrcPort, q.DstPort
	if q.Untracked {
		j.untrackedAt, h.Untracked = h.Node, j.untrackedBy
		j.track(h.Node, *p, q)
	}
	return end
}

// link is an interface of the hop's node; the zero Link for "".
func (j *journey) link(node, name string) plan.Link {
	if name == "" {
		return plan.Link{}
	}
	l, err := j.Link(node, name)
	if err != nil {
		return plan.Link{Node: node, Name: name}
	}
	return l
}

// at is an IP hook of a hop.
func (j *journey) at(h *Hop, name string) hook {
	k := hook{family: "ip", name: name, in: j.link(h.Node, h.In), out: j.link(h.Node, h.Out)}
	switch name {
	case plan.Prerouting.Hook, plan.Input.Hook:
		k.out = plan.Link{}
	case plan.Output.Hook, plan.Postrouting.Hook:
		k.in = plan.Link{}
	}
	return k
}

// nodeView answers the questions of rules about addresses.
type nodeView struct {
	*Snapshot
	node string
}

// AddrType is the type of an address, as the node's routes have it.
func (v nodeView) AddrType(a netip.Addr) string {
	r, err := v.RouteTo(v.node, plan.RouteQuery{Dst: a})
	switch {
	case err != nil || r.Kind == plan.Unicast:
		return "unicast"
	case a.IsMulticast():
		return "multicast"
	}
	return r.Kind
}

// Towards is the interface by which the node reaches an address.
func (v nodeView) Towards(a netip.Addr) (plan.Link, bool) {
	r, err := v.RouteTo(v.node, plan.RouteQuery{Dst: a})
	if err != nil || len(r.Hops) == 0 {
		return plan.Link{}, false
	}
	l, err := v.Link(v.node, r.Hops[0].Dev)
	return l, err == nil
}

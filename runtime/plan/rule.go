package plan

import (
	"net/netip"
	"strconv"
	"strings"
)

// Rule is one entry of the routing policy database (ip-rule(8)).
type Rule struct {
	// Priority orders the rules, lowest first; 0 lets the kernel choose.
	Priority int
	// From and To are the zero Prefix for "all".
	From, To netip.Prefix
	// IIf is the interface that packets come in on, or "".
	IIf string
	// OIf is the interface that a packet of the node's own is bound to, or "".
	OIf string
	// FWMark is the firewall mark; 0 for any.
	FWMark uint32
	// Proto is "tcp", "udp" or "icmp", or "" for any. SPort and DPort are the zero
	// PortRange for any.
	Proto        string
	SPort, DPort PortRange
	// Not turns the conditions round, all together.
	Not bool
	// Table is looked up by packets that match. Kind is [Blackhole], [Unreachable] or
	// [Prohibit] where they are refused instead, and Table 0 then.
	Table int
	Kind  string
	// Suppress: of that table, routes are not used whose prefix is shorter than it
	// (suppress_prefixlength, and one); 0 is for none.
	Suppress int
	// Other are its conditions besides, such as a user or a type of service, as
	// ip-rule(8) writes them: "uidrange 0-99".
	Other string
	// V6 tells the family where From and To do not.
	V6 bool
}

// VRFPriority is that of the rule that leads packets of a VRF to its table
// (FIB_RULE_PREF of drivers/net/vrf.c).
const VRFPriority = 1000

// PortRange are the ports from First to Last.
type PortRange struct{ First, Last uint16 }

// OnePort is the range of a port alone; that of 0 is the zero PortRange.
func OnePort(port uint16) PortRange { return PortRange{port, port} }

// Any reports whether every port is in it, as in the zero PortRange.
func (r PortRange) Any() bool { return r == PortRange{} }

// Has reports whether a port is in it; any is in the zero PortRange.
func (r PortRange) Has(port uint16) bool {
	return r.Any() || r.First <= port && port <= r.Last
}

// Covers reports whether all ports of another range are in it.
func (r PortRange) Covers(o PortRange) bool {
	return r.Any() || !o.Any() && r.First <= o.First && o.Last <= r.Last
}

// Overlaps reports whether two ranges have a port in common.
func (r PortRange) Overlaps(o PortRange) bool {
	return r.Any() || o.Any() || r.First <= o.Last && o.First <= r.Last
}

// String is the range as ip-rule(8) writes it: "80", "8000-8010".
func (r PortRange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(int(r.First))
	}
	return strconv.Itoa(int(r.First)) + "-" + strconv.Itoa(int(r.Last))
}

// Is6 reports whether it is a rule for IPv6.
func (r Rule) Is6() bool { return r.V6 || r.From.Addr().Is6() || r.To.Addr().Is6() }

// Limited reports whether it has a condition.
func (r Rule) Limited() bool {
	r.Priority, r.Table, r.Kind, r.V6, r.Suppress = 0, 0, "", false, 0
	return r != Rule{}
}

// Matches reports whether the rule applies to a packet, whose destination has no
// zone (fib_rule_match, net/core/fib_rules.c). A packet of the node's own comes
// in on the loopback.
func (r Rule) Matches(q RouteQuery) bool {
	return r.Other == "" && r.MayMatch(q)
}

// MayMatch reports whether the rule applies to a packet if its Other conditions do.
func (r Rule) MayMatch(q RouteQuery) bool {
	iif := q.IIf
	if iif == "" {
		iif = Loopback
	}
	match := (!r.From.IsValid() || r.From.Contains(q.Src)) &&
		(!r.To.IsValid() || r.To.Contains(q.Dst)) &&
		(r.IIf == "" || r.IIf == iif) && (r.OIf == "" || r.OIf == q.OIf) &&
		(r.FWMark == 0 || r.FWMark == q.Mark) &&
		(r.Proto == "" || r.Proto == q.Proto) && r.SPort.Has(q.SPort) && r.DPort.Has(q.DPort)
	return match != r.Not || r.Not && r.Other != ""
}

// String is the rule as ip-rule(8) takes it, without the family.
func (r Rule) String() string { return strings.Join(r.words(), " ") }

func (r Rule) words() []string {
	var w []string
	if r.Priority != 0 {
		w = append(w, "priority", strconv.Itoa(r.Priority))
	}
	add := func(has bool, words ...string) {
		if has {
			w = append(w, words...)
		}
	}
	add(r.Not, "not")
	add(r.From.IsValid(), "from", r.From.String())
	add(!r.From.IsValid(), "from", "all")
	add(r.To.IsValid(), "to", r.To.String())
	add(r.IIf != "", "iif", r.IIf)
	add(r.OIf != "", "oif", r.OIf)
	add(r.FWMark != 0, "fwmark", strconv.FormatUint(uint64(r.FWMark), 10))
	add(r.Proto != "", "ipproto", r.Proto)
	add(r.SPort != PortRange{}, "sport", r.SPort.String())
	add(r.DPort != PortRange{}, "dport", r.DPort.String())
	add(r.Other != "", strings.Fields(r.Other)...)
	if r.Kind != "" {
		return append(w, r.Kind)
	}
	w = append(w, "table", strconv.Itoa(r.Table))
	add(r.Suppress != 0, "suppress_prefixlength", strconv.Itoa(r.Suppress-1))
	return w
}

// AddRule adds a policy rule.
type AddRule struct {
	Node string
	Rule Rule
}

// DelRule deletes a policy rule.
type DelRule struct {
	Node string
	Rule Rule
}

func (AddRule) op() {}
func (DelRule) op() {}

// Inverse deletes the rule.
func (o AddRule) Inverse() []Op { return []Op{DelRule(o)} }

// Inverse adds the rule.
func (o DelRule) Inverse() []Op { return []Op{AddRule(o)} }

// Commands is ip rule add.
func (o AddRule) Commands() []Command { return []Command{ruleCommand(o.Node, "add", o.Rule)} }

// Commands is ip rule del.
func (o DelRule) Commands() []Command { return []Command{ruleCommand(o.Node, "del", o.Rule)} }

func ruleCommand(node, action string, r Rule) Command {
	words := []string{"rule", action}
	if r.Is6() {
		words = []string{"-6", "rule", action}
	}
	return append(ip(node, words...), r.words()...)
}

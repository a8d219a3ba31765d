package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// addRule sends what ip rule add sends.
func (h *handle) addRule(r plan.Rule) error {
	_, parts := ruleParts(r)
	return h.route.create(unix.RTM_NEWRULE, parts...)
}

func (h *handle) delRule(r plan.Rule) error {
	m, parts := ruleParts(r)
	if r.Kind == "" {
		m.Type = unix.FR_ACT_UNSPEC
	}
	return h.route.change(unix.RTM_DELRULE, 0, parts...)
}

// ruleParts makes the message of a rule. Its header, struct fib_rule_hdr
// (<linux/fib_rules.h>), is laid out as a route's; type is the action.
func ruleParts(r plan.Rule) (*nl.RtMsg, []data) {
	m := &nl.RtMsg{}
	m.Family = unix.AF_INET
	if r.Is6() {
		m.Family = unix.AF_INET6
	}
	parts := []data{m}
	if m.Type = ruleActions()[r.Kind]; r.Kind == "" {
		parts = append(parts, tableParts(m, r.Table)...)
	}
	if r.Suppress != 0 {
		parts = append(parts, attr32(nl.FRA_SUPPRESS_PREFIXLEN, uint32(r.Suppress-1)))
	}
	if r.Not {
		m.Flags = unix.FIB_RULE_INVERT
	}
	m.Src_len, parts = selector(parts, nl.FRA_SRC, r.From)
	m.Dst_len, parts = selector(parts, nl.FRA_DST, r.To)
	if r.Priority != 0 {
		parts = append(parts, attr32(nl.FRA_PRIORITY, uint32(r.Priority)))
	}
	if r.FWMark != 0 {
		parts = append(parts, attr32(nl.FRA_FWMARK, r.FWMark))
	}
	if r.IIf != "" {
		parts = append(parts, attrIfName(r.IIf))
	}
	if r.OIf != "" {
		parts = append(parts, attr(nl.FRA_OIFNAME, nl.ZeroTerminated(r.OIf)))
	}
	if r.Proto != "" {
		parts = append(parts, attr(unix.FRA_IP_PROTO, []byte{l4protos[r.Proto]}))
	}
	parts = portRange(parts, unix.FRA_SPORT_RANGE, r.SPort)
	return m, portRange(parts, unix.FRA_DPORT_RANGE, r.DPort)
}

// ruleActions are the actions of rules by their kind (FR_ACT_*, <linux/fib_rules.h>).
func ruleActions() map[string]uint8 {
	return map[string]uint8{"": unix.FR_ACT_TO_TBL, plan.Blackhole: unix.FR_ACT_BLACKHOLE,
		plan.Unreachable: unix.FR_ACT_UNREACHABLE, plan.Prohibit: unix.FR_ACT_PROHIBIT}
}

// portRange is a struct fib_rule_port_range.
func portRange(parts []data, typ int, r plan.PortRange) []data {
	if r == (plan.PortRange{}) {
		return parts
	}
	b := binary.NativeEndian.AppendUint16(nil, r.First)
	return append(parts, attr(typ, binary.NativeEndian.AppendUint16(b, r.Last)))
}

func parsePorts(b []byte) plan.PortRange {
	if len(b) < 4 {
		return plan.PortRange{}
	}
	return plan.PortRange{First: binary.NativeEndian.Uint16(b), Last: binary.NativeEndian.Uint16(b[2:])}
}

func selector(parts []data, typ int, p netip.Prefix) (uint8, []data) {
	if !p.IsValid() || p.Bits() == 0 {
		return 0, parts
	}
	return uint8(p.Bits()), append(parts, attr(typ, p.Addr().AsSlice()))
}

// Rules are the policy rules of both families but those that the kernel makes
// itself. V6 is set only where From and To do not show the family.
func (w *World) Rules(node string) ([]plan.Rule, error) {
	return look(w, node, func(h *handle) ([]plan.Rule, error) {
		return dumpBoth(h, unix.RTM_GETRULE, unix.RTM_NEWRULE, routeHeader, func(msg []byte) (plan.Rule, bool, error) {
			r, err := parseRule(msg)
			return r, !kernelsOwn(r), err
		})
	})
}

// otherVRF is the condition of the rule that leads packets of a VRF to its table.
const otherVRF = "l3mdev"

// kernelsOwn reports whether it is one of the three rules of a new namespace
// (ip-rule(8)), or that which the first VRF makes (vrf_add_fib_rules).
func kernelsOwn(r plan.Rule) bool {
	if r == (plan.Rule{Priority: plan.VRFPriority, Other: otherVRF, V6: r.V6}) {
		return true
	}
	if r.Limited() || r.Kind != "" {
		return false
	}
	switch r.Priority {
	case 0:
		return r.Table == unix.RT_TABLE_LOCAL
	case 32766:
		return r.Table == unix.RT_TABLE_MAIN
	case 32767:
		return r.Table == unix.RT_TABLE_DEFAULT
	}
	return false
}

// otherConditions are those that [plan.Rule] has no fields for.
func otherConditions(tos uint8, as map[uint16][]byte) string {
	var words []string
	if tos != 0 {
		words = append(words, fmt.Sprintf("tos %#x", tos))
	}
	if b := as[unix.FRA_UID_RANGE]; len(b) == 8 { // struct fib_rule_uid_range
		words = append(words, fmt.Sprintf("uidrange %d-%d", binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])))
	}
	if b := as[unix.FRA_L3MDEV]; len(b) == 1 && b[0] != 0 {
		words = append(words, otherVRF)
	}
	if b := as[unix.FRA_TUN_ID]; len(b) == 8 {
		words = append(words, fmt.Sprintf("tun_id %d", binary.BigEndian.Uint64(b)))
	}
	return strings.Join(words, " ")
}

func parseRule(msg []byte) (plan.Rule, error) {
	as, err := attrs(msg, unix.SizeofRtMsg)
	if err != nil {
		return plan.Rule{}, err
	}
	m := nl.DeserializeRtMsg(msg)
	v6 := m.Family == unix.AF_INET6
	r := plan.Rule{
		Priority: number(as[nl.FRA_PRIORITY]),
		IIf:      str(as[nl.FRA_IIFNAME]),
		FWMark:   uint32(number(as[nl.FRA_FWMARK])),
		Table:    number(as[nl.FRA_TABLE]),
		OIf:      str(as[nl.FRA_OIFNAME]),
		SPort:    parsePorts(as[unix.FRA_SPORT_RANGE]),
		DPort:    parsePorts(as[unix.FRA_DPORT_RANGE]),
		Not:      m.Flags&unix.FIB_RULE_INVERT != 0,
	}
	if n := number(as[nl.FRA_SUPPRESS_PREFIXLEN]); n >= 0 && as[nl.FRA_SUPPRESS_PREFIXLEN] != nil && int32(n) != -1 {
		r.Suppress = n + 1
	}
	r.Other = otherConditions(m.Tos, as)
	for kind, action := range ruleActions() {
		if m.Type == action {
			r.Kind = kind
		}
	}
	for name, proto := range l4protos {
		if b := as[unix.FRA_IP_PROTO]; len(b) == 1 && b[0] == proto {
			r.Proto = name
		}
	}
	if src, ok := as[nl.FRA_SRC]; ok {
		r.From = prefix(src, int(m.Src_len), v6)
	}
	if dst, ok := as[nl.FRA_DST]; ok {
		r.To = prefix(dst, int(m.Dst_len), v6)
	}
	r.V6 = v6 && !r.From.IsValid() && !r.To.IsValid()
	return r, nil
}

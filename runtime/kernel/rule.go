package kernel

import (
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// addRule sends what ip rule add sends.
func (h *handle) addRule(r plan.Rule) error {
	m, parts := ruleParts(r)
	m.Type = unix.FR_ACT_TO_TBL
	return h.route.create(unix.RTM_NEWRULE, parts...)
}

func (h *handle) delRule(r plan.Rule) error {
	_, parts := ruleParts(r)
	return h.route.change(unix.RTM_DELRULE, 0, parts...)
}

// ruleParts makes the message of a rule. Its header, struct fib_rule_hdr
// (<linux/fib_rules.h>), is laid out as a route's; type is the action.
func ruleParts(r plan.Rule) (*nl.RtMsg, []data) {
	m := &nl.RtMsg{}
	m.Family = unix.AF_INET
	if r.V6 || r.From.Addr().Is6() || r.To.Addr().Is6() {
		m.Family = unix.AF_INET6
	}
	parts := append([]data{m}, tableParts(m, r.Table)...)
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
	return m, parts
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

// kernelsOwn reports whether it is one of the three rules of a new namespace
// (ip-rule(8)).
func kernelsOwn(r plan.Rule) bool {
	if r.From.IsValid() || r.To.IsValid() || r.IIf != "" || r.FWMark != 0 {
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

package kernel

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// ipsecPolicies are the policies of the calling thread's namespace (<linux/xfrm.h>); a
// kernel without IPsec has none.
func ipsecPolicies(d rtnl.Dialer) []plan.IPsecPolicy {
	c, err := d.DialProtocol(unix.NETLINK_XFRM)
	if err != nil {
		return nil
	}
	defer func() { _ = c.Close() }()
	msgs, err := c.Request(int(nl.XFRM_MSG_GETPOLICY), unix.NLM_F_DUMP, int(nl.XFRM_MSG_NEWPOLICY), nil)
	if err != nil || len(msgs) == 0 {
		return nil
	}
	states, err := c.Request(int(nl.XFRM_MSG_GETSA), unix.NLM_F_DUMP, int(nl.XFRM_MSG_NEWSA), nil)
	if err != nil {
		return nil
	}
	var list []plan.IPsecPolicy
	for _, msg := range msgs {
		if p, ok := ipsecPolicy(msg, states); ok {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b plan.IPsecPolicy) int { return cmp.Compare(a.Priority, b.Priority) })
	return list
}

// Where things are in struct xfrm_userpolicy_info and its selector.
const (
	selectorFamily, selectorDstLen, selectorSrcLen, selectorProto = 40, 42, 43, 44
	policyPriority, policyDir, policyAction, policySize           = 152, 160, 161, 168
)

func ipsecPolicy(msg []byte, states [][]byte) (p plan.IPsecPolicy, ok bool) {
	as, err := attrs(msg, policySize)
	if err != nil {
		return p, false
	}
	dirs := []string{"in", "out", "fwd"}
	if int(msg[policyDir]) >= len(dirs) {
		return p, false // of a socket
	}
	p = plan.IPsecPolicy{Dir: dirs[msg[policyDir]], Proto: msg[selectorProto], Blocks: msg[policyAction] == 1,
		Ports: binary.NativeEndian.Uint64(msg[32:]) != 0, Priority: binary.NativeEndian.Uint32(msg[policyPriority:])}
	size := 4
	if binary.NativeEndian.Uint16(msg[selectorFamily:]) == unix.AF_INET6 {
		size = 16
	}
	dst, _ := netip.AddrFromSlice(msg[:size])
	src, _ := netip.AddrFromSlice(msg[16 : 16+size])
	p.Dst, p.Src = netip.PrefixFrom(dst, int(msg[selectorDstLen])), netip.PrefixFrom(src, int(msg[selectorSrcLen]))
	p.Protects, p.Keyed = ipsecTemplate(as[uint16(nl.XFRMA_TMPL)], msg[:16], states)
	return p, true
}

// ipsecTemplate reads struct xfrm_user_tmpl, and looks for a state to its other end: in
// transport mode that is the packet's.
func ipsecTemplate(tmpl, dst []byte, states [][]byte) (protects, keyed bool) {
	const optionalAt, stateDst = 50, 56
	if len(tmpl) <= optionalAt || tmpl[optionalAt] != 0 {
		return false, false
	}
	end := tmpl[:16]
	if slices.Equal(end, make([]byte, 16)) {
		end = dst
	}
	for _, s := range states {
		keyed = keyed || len(s) >= stateDst+16 && slices.Equal(s[stateDst:stateDst+16], end)
	}
	return true, keyed
}

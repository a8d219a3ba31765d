package ruleset

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// xtMoreWords is an extension for which nft has no words, in those of iptables(8); its name
// where it is not understood.
func xtMoreWords(e plan.XtMatch) string {
	d, native := e.Data, binary.NativeEndian
	switch {
	case e.Name == "comment":
		return fmt.Sprintf("/* %s */", cString(d))
	case e.Name == "mac" && len(d) >= 6:
		return "ether saddr " + net.HardwareAddr(d[:6]).String()
	case e.Name == "owner" && len(d) >= 18:
		return ownerWords(d)
	case e.Name == "addrtype" && len(d) >= 4:
		return addrTypeWords(d)
	case e.Name == "physdev" && len(d) >= 66:
		return physdevWords(d)
	case e.Name == "connlimit" && len(d) >= 24:
		return fmt.Sprintf("connlimit %s %d", map[bool]string{true: "upto", false: "above"}[native.Uint32(d[20:])&1 != 0], native.Uint32(d[16:]))
	case e.Name == "conntrack" && len(d) >= 154 && native.Uint16(d[146:])&^xtStateAlias == xtDirection:
		return "ct direction " + map[bool]string{false: "original", true: "reply"}[native.Uint16(d[148:])&xtDirection != 0]
	case e.Name == "tos" && len(d) >= 2:
		return fmt.Sprintf("tos %#x/%#x", d[1], d[0])
	case e.Name == "dscp" && len(d) >= 1:
		return "ip dscp " + dscp(d[0])
	case e.Name == "connmark" && len(d) >= 4:
		return fmt.Sprintf("ct mark %#x", native.Uint32(d))
	case e.Name == "recent" && len(d) > 10:
		return "recent " + cString(d[10:])
	case e.Name == "string" && len(d) > 20:
		return "string " + strconv.Quote(cString(d[20:]))
	}
	return e.Name
}

// xtDirection is the bit of struct xt_conntrack_mtinfo3 for the direction.
const xtDirection = 1 << 12

func cString(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return strings.ToValidUTF8(text, "?")
}

// ownerWords is struct xt_owner_match_info.
func ownerWords(d []byte) string {
	native := binary.NativeEndian
	var words []string
	for i, name := range []string{"skuid", "skgid"} {
		if d[16]&(1<<i) == 0 {
			continue
		}
		from, to := native.Uint32(d[8*i:]), native.Uint32(d[8*i+4:])
		text := strconv.Itoa(int(from))
		if to != from {
			text += "-" + strconv.Itoa(int(to))
		}
		words = append(words, "meta "+name, not2(d[17]&(1<<i) != 0)+text)
	}
	return strings.Join(append([]string{"owner"}, words...), " ")
}

// addrTypeWords is struct xt_addrtype_info_v1.
func addrTypeWords(d []byte) string {
	var words []string
	for i, side := range []string{"saddr", "daddr"} {
		bits := binary.NativeEndian.Uint16(d[2*i:])
		for n, name := range addrTypes() {
			if bits&(1<<n) != 0 {
				words = append(words, side+" type "+name)
			}
		}
	}
	return "addrtype " + strings.Join(words, " ")
}

// physdevWords is struct xt_physdev_info.
func physdevWords(d []byte) string {
	const in, out = 1, 2
	text := "physdev"
	if d[65]&in != 0 {
		text += " in " + cString(d[:16])
	}
	if d[65]&out != 0 {
		text += " out " + cString(d[32:48])
	}
	return text
}

// xtTargetWords is a target of iptables(8).
func xtTargetWords(e plan.XtTarget) string {
	d, native := e.Data, binary.NativeEndian
	name := strings.ToLower(e.Name)
	switch {
	case e.Name == "LOG" && len(d) > 2:
		return "log prefix " + strconv.Quote(cString(d[2:]))
	case e.Name == "MARK" && len(d) >= 8:
		return fmt.Sprintf("meta mark set %#x", native.Uint32(d))
	case e.Name == "NFQUEUE" && len(d) >= 2:
		return fmt.Sprintf("nfqueue %d", native.Uint16(d))
	case e.Name == "CT" && len(d) >= 4 && native.Uint16(d[2:]) != 0:
		return fmt.Sprintf("ct zone set %d", native.Uint16(d[2:]))
	case e.Name == "CT" && len(d) >= 4 && d[0]&1 != 0:
		return "notrack"
	case e.Name == "SNAT" || e.Name == "DNAT" || e.Name == "REDIRECT":
		if to := xtTarget(e, false); to.Addr().IsValid() && !to.Addr().IsUnspecified() {
			text := to.Addr().String()
			if to.Port() != 0 {
				text = to.String()
			}
			return name + " to " + text
		} else if to.Port() != 0 {
			return name + " to :" + strconv.Itoa(int(to.Port()))
		}
	}
	return name
}

package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// settableFlags are the flags of an interface that programs set (SIOCSIFFLAGS,
// netdevice(7)); the others say what it is.
const settableFlags = unix.IFF_UP | unix.IFF_DEBUG | unix.IFF_NOTRAILERS | unix.IFF_NOARP | unix.IFF_PROMISC | unix.IFF_ALLMULTI |
	unix.IFF_MULTICAST | unix.IFF_DYNAMIC

// Places in struct ifinfomsg (rtnetlink(7)).
const indexAt, flagsAt, changeAt = 4, 8, 12

// settable are the attributes that programs set (enum IFLA_*, <linux/if_link.h>): address,
// broadcast, MTU, master, queue length, link mode, alias, group, protodown, sizes of
// segments, and those of its kind.
func settable() []int {
	const protoDown, maxSegs, maxSize, groSize, gsoV4, groV4 = 39, 40, 41, 58, 63, 64
	return []int{unix.IFLA_ADDRESS, unix.IFLA_BROADCAST, unix.IFLA_MTU, unix.IFLA_MASTER, unix.IFLA_TXQLEN, unix.IFLA_LINKMODE, unix.IFLA_IFALIAS,
		unix.IFLA_GROUP, protoDown, maxSegs, maxSize, groSize, gsoV4, groV4, unix.IFLA_LINKINFO}
}

// links are the interfaces.
func (r *reader) links() error {
	body := rtnl.WithAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_EXT_MASK, binary.NativeEndian.AppendUint32(nil, 1<<3)) // RTEXT_FILTER_SKIP_STATS
	msgs, err := dump(r.conn, unix.RTM_GETLINK, unix.RTM_NEWLINK, body)
	for _, m := range msgs {
		index := binary.NativeEndian.Uint32(m[indexAt:])
		name := unix.ByteSliceToString(rtnl.Attribute(m, unix.SizeofIfInfomsg, unix.IFLA_IFNAME))
		mac := rtnl.Attribute(m, unix.SizeofIfInfomsg, unix.IFLA_ADDRESS)
		r.names[index], r.macs[string(mac)] = name, true
		data := string(linkData(m))
		r.items = append(r.items, plan.Item{Kind: plan.LinkItem, Key: name, ID: fmt.Sprintf("%d/%x", index, mac), Sum: data, Data: data,
			Text: name + " (options)"})
	}
	return err
}

// linkData is what can be set of an interface.
func linkData(m []byte) []byte {
	out := make([]byte, unix.SizeofIfInfomsg)
	copy(out[indexAt:], m[indexAt:flagsAt])
	binary.NativeEndian.PutUint32(out[flagsAt:], binary.NativeEndian.Uint32(m[flagsAt:])&settableFlags)
	for _, a := range attributes(m[unix.SizeofIfInfomsg:]) {
		switch {
		case !slices.Contains(settable(), a.kind()):
		case a.kind() == unix.IFLA_LINKINFO:
			out = rtnl.WithAttribute(out, int(a.typ), linkInfo(a.value))
		default:
			out = rtnl.WithAttribute(out, int(a.typ), a.value)
		}
	}
	return out
}

// linkInfo is IFLA_LINKINFO without what a bridge and its ports find out by themselves
// (enum IFLA_BR_*, IFLA_BRPORT_*).
func linkInfo(info []byte) []byte {
	kind := unix.ByteSliceToString(rtnl.Attribute(info, 0, unix.IFLA_INFO_KIND))
	port := unix.ByteSliceToString(rtnl.Attribute(info, 0, unix.IFLA_INFO_SLAVE_KIND))
	return rewrite(info, 0, func(a attribute) (attribute, bool) {
		switch a.kind() {
		case unix.IFLA_INFO_KIND, unix.IFLA_INFO_SLAVE_KIND:
		case unix.IFLA_INFO_DATA:
			if kind == "bridge" {
				a.value = without(a.value, 0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 47, 48)
			}
		case unix.IFLA_INFO_SLAVE_DATA:
			if port == "bridge" {
				a.value = without(a.value, 0, 1, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 35, 36, 38, 41)
			}
		default:
			return a, false
		}
		return a, true
	})
}

// writeLink deletes an interface, or sets what differs of it.
func writeLink(c *rtnl.Conn, was, is plan.Item) error {
	if is.Kind == "" {
		body := rtnl.WithAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_IFNAME, append([]byte(was.Key), 0))
		return tolerant(change(c, unix.RTM_DELLINK, 0, body), true)
	}
	if was.Kind == "" {
		return createLink(c, is)
	}
	from, to := []byte(was.Data), []byte(is.Data)
	if was.Data == "" { // it was made just now
		from = make([]byte, unix.SizeofIfInfomsg)
	}
	head := make([]byte, unix.SizeofIfInfomsg)
	copy(head[indexAt:], to[indexAt:flagsAt])
	if err := setPlain(c, head, from, to); err != nil {
		return err
	}
	old, now := rtnl.Attribute(from, unix.SizeofIfInfomsg, unix.IFLA_LINKINFO), rtnl.Attribute(to, unix.SizeofIfInfomsg, unix.IFLA_LINKINFO)
	for _, part := range [][2]int{{unix.IFLA_INFO_KIND, unix.IFLA_INFO_DATA}, {unix.IFLA_INFO_SLAVE_KIND, unix.IFLA_INFO_SLAVE_DATA}} {
		if err := setInfo(c, head, old, now, part[0], part[1]); err != nil {
			return err
		}
	}
	return nil
}

// WriteCable makes a veth cable whose one end is in the namespace of the calling thread and
// the other in another, which is given by a descriptor. The other gets its number and its
// name; its options are left to be set.
func WriteCable(d rtnl.Dialer, is, other plan.Item, namespace int) error {
	c, err := d.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	peer := rtnl.WithAttribute([]byte(other.Data)[:unix.SizeofIfInfomsg], unix.IFLA_IFNAME, append([]byte(other.Key), 0))
	binary.NativeEndian.PutUint32(peer[flagsAt:], 0)
	peer = rtnl.WithAttribute(peer, unix.IFLA_NET_NS_FD, binary.NativeEndian.AppendUint32(nil, uint32(namespace)))
	is.Data = string(rewrite([]byte(is.Data), unix.SizeofIfInfomsg, func(a attribute) (attribute, bool) {
		if a.kind() == unix.IFLA_LINKINFO {
			a.value = rtnl.WithAttribute(a.value, unix.IFLA_INFO_DATA|unix.NLA_F_NESTED, rtnl.WithAttribute(nil, vethInfoPeer|unix.NLA_F_NESTED, peer))
		}
		return a, true
	}))
	return createLink(c, is)
}

// vethInfoPeer is VETH_INFO_PEER (<linux/veth.h>).
const vethInfoPeer = 1

// createLink makes an interface again. A veth without its other end is refused: the kernel
// would make one of its own choice.
func createLink(c *rtnl.Conn, is plan.Item) error {
	info := rtnl.Attribute([]byte(is.Data), unix.SizeofIfInfomsg, unix.IFLA_LINKINFO)
	if unix.ByteSliceToString(rtnl.Attribute(info, 0, unix.IFLA_INFO_KIND)) == "veth" && rtnl.Attribute(info, 0, unix.IFLA_INFO_DATA) == nil {
		return unix.EOPNOTSUPP
	}
	body := rtnl.WithAttribute([]byte(is.Data), unix.IFLA_IFNAME, append([]byte(is.Key), 0))
	binary.NativeEndian.PutUint32(body[changeAt:], settableFlags)
	return tolerant(change(c, unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, body), false)
}

// setPlain sets flags and attributes that differ, but for those of its kind. An alias that
// it did not have is set to none, and so is a master.
func setPlain(c *rtnl.Conn, head, from, to []byte) error {
	body := bytes.Clone(head)
	now := binary.NativeEndian.Uint32(to[flagsAt:])
	flags := binary.NativeEndian.Uint32(from[flagsAt:]) ^ now
	binary.NativeEndian.PutUint32(body[flagsAt:], now)
	binary.NativeEndian.PutUint32(body[changeAt:], flags)
	for _, typ := range settable() {
		old, value := rtnl.Attribute(from, unix.SizeofIfInfomsg, typ), rtnl.Attribute(to, unix.SizeofIfInfomsg, typ)
		unset := old == nil && len(bytes.Trim(value, "\x00")) == 0 // which some kinds refuse to be set
		if typ == unix.IFLA_LINKINFO || bytes.Equal(old, value) || unset && typ != unix.IFLA_MASTER {
			continue
		}
		if value == nil && typ == unix.IFLA_MASTER {
			value = make([]byte, 4)
		}
		body = rtnl.WithAttribute(body, typ, value)
	}
	if flags == 0 && len(body) == unix.SizeofIfInfomsg {
		return nil
	}
	return change(c, unix.RTM_NEWLINK, 0, body)
}

// setInfo sets what differs of the options of its kind, or of a port's, one by one: what is
// refused may be taken once another is set, such as a forward delay of 0 without STP.
func setInfo(c *rtnl.Conn, head, old, now []byte, kind, data int) error {
	name, had := rtnl.Attribute(now, 0, kind), rtnl.Attribute(old, 0, data)
	var err error
	const tries = 2
	for range tries {
		err = nil
		for _, a := range attributes(rtnl.Attribute(now, 0, data)) {
			if name == nil || bytes.Equal(a.value, rtnl.Attribute(had, 0, a.kind())) {
				continue
			}
			info := rtnl.WithAttribute(rtnl.WithAttribute(nil, kind, name), data|unix.NLA_F_NESTED, rtnl.WithAttribute(nil, int(a.typ), a.value))
			err = errors.Join(err, change(c, unix.RTM_NEWLINK, 0, rtnl.WithAttribute(head, unix.IFLA_LINKINFO|unix.NLA_F_NESTED, info)))
		}
		if err == nil {
			return nil
		}
	}
	return err
}

// change sends a message that changes something.
func change(c *rtnl.Conn, kind, flags int, body []byte) error {
	_, err := c.Request(kind, unix.NLM_F_ACK|flags, 0, body)
	return err
}

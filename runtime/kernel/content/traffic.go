package content

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Attributes of tc (enum TCA_*, <linux/rtnetlink.h>), and places in struct tcmsg.
const (
	tcaKind, tcaOptions                       = 1, 2
	tcaStats, tcaXstats, tcaRate, tcaStats2   = 3, 4, 5, 7
	tcIndexAt, tcHandleAt, tcParentAt, infoAt = 4, 8, 12, 16
)

// The places that filters may be at without a handle of their own (TC_H_*,
// <linux/pkt_sched.h>): of ingress, and of clsact for both directions.
const ingress, clsactIn, clsactOut = 0xFFFF0000, 0xFFFFFFF2, 0xFFFFFFF3

// trafficKinds are written like other messages.
func trafficKinds() []message {
	return []message{
		{kind: plan.QdiscItem, add: unix.RTM_NEWQDISC, del: unix.RTM_DELQDISC, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE},
		{kind: plan.ClassItem, add: unix.RTM_NEWTCLASS, del: unix.RTM_DELTCLASS, flags: unix.NLM_F_CREATE},
		{kind: plan.TrafficItem, add: unix.RTM_NEWTFILTER, del: unix.RTM_DELTFILTER, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL},
	}
}

// traffic are the queueing disciplines that were set, with their classes and filters.
func (r *reader) traffic() error {
	msgs, err := dump(r.conn, unix.RTM_GETQDISC, unix.RTM_NEWQDISC, make([]byte, sizeofTcMsg))
	if err != nil {
		return err
	}
	for _, m := range msgs {
		handle := binary.NativeEndian.Uint32(m[tcHandleAt:])
		if handle == 0 {
			continue // the kernel's own
		}
		r.control(plan.QdiscItem, m, true)
		parents := []uint32{handle}
		switch unix.ByteSliceToString(rtnl.Attribute(m, sizeofTcMsg, tcaKind)) {
		case "ingress":
			parents = []uint32{ingress}
		case "clsact":
			parents = []uint32{clsactIn, clsactOut}
		}
		if err := r.below(m, parents); err != nil {
			return err
		}
	}
	return nil
}

// below are the classes and filters of a queueing discipline.
func (r *reader) below(qdisc []byte, parents []uint32) error {
	ask := make([]byte, sizeofTcMsg)
	copy(ask[tcIndexAt:], qdisc[tcIndexAt:tcHandleAt])
	if !hasClasses(unix.ByteSliceToString(rtnl.Attribute(qdisc, sizeofTcMsg, tcaKind))) {
		return r.filters(ask, parents)
	}
	classes, err := dump(r.conn, unix.RTM_GETTCLASS, unix.RTM_NEWTCLASS, ask)
	if err != nil {
		return err
	}
	major := binary.NativeEndian.Uint32(qdisc[tcHandleAt:]) >> 16
	for _, m := range classes {
		if binary.NativeEndian.Uint32(m[tcHandleAt:])>>16 == major {
			r.control(plan.ClassItem, m, true)
		}
	}
	return r.filters(ask, parents)
}

// hasClasses reports a discipline whose classes are made by hand.
func hasClasses(kind string) bool {
	return slices.Contains([]string{"htb", "hfsc", "drr", "qfq", "cbq", "ets"}, kind)
}

// filters are those at some places of an interface.
func (r *reader) filters(ask []byte, parents []uint32) error {
	for _, parent := range parents {
		binary.NativeEndian.PutUint32(ask[tcParentAt:], parent)
		filters, err := dump(r.conn, unix.RTM_GETTFILTER, unix.RTM_NEWTFILTER, ask)
		if err != nil {
			return err
		}
		for _, m := range filters {
			if rtnl.Attribute(m, sizeofTcMsg, tcaOptions) != nil {
				r.control(plan.TrafficItem, m, false)
			}
		}
	}
	return nil
}

// control adds an item. The options of a filter count packets: whole says whether they are
// compared.
func (r *reader) control(kind string, m []byte, whole bool) {
	if kind != plan.TrafficItem {
		binary.NativeEndian.PutUint32(m[infoAt:], 0) // a number of users, or a handle
	}
	data := string(without(m, sizeofTcMsg, tcaStats, tcaXstats, tcaRate, tcaStats2))
	key := data
	if !whole {
		key = string(m[:sizeofTcMsg])
	}
	name := unix.ByteSliceToString(rtnl.Attribute(m, sizeofTcMsg, tcaKind))
	r.items = append(r.items, plan.Item{Kind: kind, Key: key, Data: data, Text: kind + " " + name + " of " + r.names[binary.NativeEndian.Uint32(m[tcIndexAt:])]})
}

package kernel

import (
	"encoding/binary"
	"math"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Handles of what is for packets that come in, and of what is at the root (TC_H_*,
// <linux/pkt_sched.h>).
const (
	ingressHandle = 0xFFFFFFF1
	ingressOnly   = 0xFFFF0000
	ingressPart   = 0xFFFFFFF2
	rootHandle    = 0xFFFFFFFF
)

// Qdiscs are the queueing disciplines and their filters of a node's interfaces, but
// those that do nothing (noqueue).
func (w *World) Qdiscs(node string) ([]plan.Qdisc, error) { return look(w, node, (*handle).qdiscs) }

func (h *handle) qdiscs() ([]plan.Qdisc, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	msgs, err := h.route.dump(unix.RTM_GETQDISC, unix.RTM_NEWQDISC, &nl.TcMsg{Family: unix.AF_UNSPEC})
	if err != nil {
		return nil, err
	}
	var list []plan.Qdisc
	for _, msg := range msgs {
		q, m, err := parseQdisc(msg, names)
		if err != nil {
			return nil, err
		}
		if q.Kind == "noqueue" {
			continue
		}
		list = append(list, q)
		filters, err := h.filters(m, q)
		if err != nil {
			return nil, err
		}
		list = append(list, filters...)
	}
	return list, nil
}

// filters are those of a queueing discipline; clsact has them for both directions.
func (h *handle) filters(m *nl.TcMsg, q plan.Qdisc) ([]plan.Qdisc, error) {
	parents := []uint32{m.Handle}
	switch q.Kind {
	case "ingress":
		parents = []uint32{ingressOnly}
	case "clsact":
		parents = []uint32{ingressPart, ingressPart + 1}
	}
	var list []plan.Qdisc
	for _, parent := range parents {
		if parent == 0 {
			continue
		}
		msgs, err := h.route.dump(unix.RTM_GETTFILTER, unix.RTM_NEWTFILTER, &nl.TcMsg{Family: unix.AF_UNSPEC, Ifindex: m.Ifindex, Parent: parent})
		if err != nil {
			return nil, err
		}
		for _, msg := range msgs {
			as, err := attrs(msg, nl.SizeofTcMsg)
			if err != nil {
				return nil, err
			}
			if as[nl.TCA_OPTIONS] == nil {
				continue // the head of a list
			}
			list = append(list, plan.Qdisc{Dev: q.Dev, Kind: str(as[nl.TCA_KIND]), Filter: true, Ingress: parent == ingressOnly || parent == ingressPart})
		}
	}
	return list, nil
}

func parseQdisc(msg []byte, names map[int]string) (plan.Qdisc, *nl.TcMsg, error) {
	as, err := attrs(msg, nl.SizeofTcMsg)
	if err != nil {
		return plan.Qdisc{}, nil, err
	}
	m := nl.DeserializeTcMsg(msg)
	q := plan.Qdisc{Dev: names[int(m.Ifindex)], Kind: str(as[nl.TCA_KIND]), Ingress: m.Parent == ingressHandle, Root: m.Parent == rootHandle}
	if queue, err := attrs(as[nl.TCA_STATS2], 0); err == nil {
		const drops = 8 // struct gnet_stats_queue
		if b := queue[nl.TCA_STATS_QUEUE]; len(b) >= drops+4 {
			q.Dropped = binary.NativeEndian.Uint32(b[drops:])
		}
	}
	err = qdiscOptions(&q, as[nl.TCA_OPTIONS])
	return q, m, err
}

// qdiscOptions reads what decides about packets: struct tc_fifo_qopt, tc_netem_qopt, and
// tc_tbf_qopt inside TCA_TBF_PARMS (<linux/pkt_sched.h>).
func qdiscOptions(q *plan.Qdisc, b []byte) error {
	switch q.Kind {
	case "pfifo", "bfifo", "pfifo_head_drop":
		q.Limit = number(b)
	case netem:
		const loss = 8
		if len(b) >= loss+4 {
			q.Limit = number(b[4:])
			q.Loss = float64(binary.NativeEndian.Uint32(b[loss:])) / math.MaxUint32
		}
	case tbf:
		opts, err := attrs(b, 0)
		if err != nil {
			return err
		}
		parseBucket(q, opts)
	}
	return nil
}

// parseBucket reads struct tc_tbf_qopt: two rates of struct tc_ratespec, limit, buffer.
func parseBucket(q *plan.Qdisc, opts map[uint16][]byte) {
	const ratespec, rateAt = 12, 8
	p := opts[nl.TCA_TBF_PARMS]
	if len(p) < 2*ratespec+8 {
		return
	}
	q.Rate = uint64(binary.NativeEndian.Uint32(p[rateAt:]))
	q.Limit = number(p[2*ratespec:])
	if rate64 := opts[nl.TCA_TBF_RATE64]; len(rate64) == 8 {
		q.Rate = binary.NativeEndian.Uint64(rate64)
	}
	// The buffer is in ticks of 64 ns (PSCHED_SHIFT).
	const tick = 64
	q.Burst = int(float64(binary.NativeEndian.Uint32(p[2*ratespec+4:])) * tick * float64(q.Rate) / 1e9)
}

package kernel

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// The queueing disciplines of shapes, in the kernel's words.
const (
	netem = "netem"
	tbf   = "tbf"
)

// Attributes of netem and tbf that package nl does not name (<linux/pkt_sched.h>).
const (
	netemLatency64 = 10
	netemJitter64  = 11
	linkEthernet   = 1 // TC_LINKLAYER_ETHERNET
)

// setShape replaces the root queueing discipline, or deletes it.
func (h *handle) setShape(name string, s plan.Shape) error {
	index, err := h.index(name)
	if err != nil {
		return err
	}
	msg := &nl.TcMsg{Family: unix.AF_UNSPEC, Ifindex: int32(index), Parent: netlink.HANDLE_ROOT}
	switch {
	case s == plan.Shape{}:
		return h.route.change(unix.RTM_DELQDISC, 0, msg)
	case s.Emulated():
		return h.replaceQdisc(msg, netem, netemOptions(s))
	}
	return h.replaceQdisc(msg, tbf, tbfOptions(s))
}

func (h *handle) replaceQdisc(msg *nl.TcMsg, kind string, options *nl.RtAttr) error {
	return h.route.change(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, msg,
		attr(nl.TCA_KIND, nl.ZeroTerminated(kind)), options)
}

// netemOptions are a struct tc_netem_qopt and the attributes after it. All are given,
// as the kernel keeps those that a change leaves out.
func netemOptions(s plan.Shape) *nl.RtAttr {
	qopt := nl.TcNetemQopt{Limit: 1000, Loss: share(s.Loss), Duplicate: share(s.Duplicate)}
	if s.Limit > 0 {
		qopt.Limit = uint32(s.Limit)
	}
	if s.Reorder > 0 {
		qopt.Gap = 1
	}
	options := attr(nl.TCA_OPTIONS, qopt.Serialize())
	options.AddRtAttr(netemLatency64, nl.Uint64Attr(uint64(s.Delay)))
	options.AddRtAttr(netemJitter64, nl.Uint64Attr(uint64(s.Jitter)))
	options.AddRtAttr(nl.TCA_NETEM_CORR, (&nl.TcNetemCorr{}).Serialize())
	options.AddRtAttr(nl.TCA_NETEM_REORDER, (&nl.TcNetemReorder{Probability: share(s.Reorder)}).Serialize())
	options.AddRtAttr(nl.TCA_NETEM_CORRUPT, (&nl.TcNetemCorrupt{Probability: share(s.Corrupt)}).Serialize())
	bytes := s.Rate / 8
	rate := nl.TcNetemRate{Rate: uint32(min(bytes, math.MaxUint32))}
	options.AddRtAttr(nl.TCA_NETEM_RATE, rate.Serialize())
	if bytes > math.MaxUint32 {
		options.AddRtAttr(nl.TCA_NETEM_RATE64, nl.Uint64Attr(bytes))
	}
	return options
}

// tbfOptions are a struct tc_tbf_qopt, and the burst in bytes instead of in ticks.
func tbfOptions(s plan.Shape) *nl.RtAttr {
	bytes := s.Rate / 8
	qopt := nl.TcTbfQopt{Limit: s.Queue()}
	qopt.Rate.Rate, qopt.Rate.Linklayer = uint32(min(bytes, math.MaxUint32)), linkEthernet
	options := attr(nl.TCA_OPTIONS, nil)
	options.AddRtAttr(nl.TCA_TBF_PARMS, qopt.Serialize())
	options.AddRtAttr(nl.TCA_TBF_BURST, nl.Uint32Attr(s.Burst()))
	if bytes > math.MaxUint32 {
		options.AddRtAttr(nl.TCA_TBF_RATE64, nl.Uint64Attr(bytes))
	}
	return options
}

// share is a percentage in the kernel's 32 bits.
func share(percent float64) uint32 { return uint32(math.Round(percent / 100 * math.MaxUint32)) }

// percentage is what share made a number of, as far as 32 bits tell it.
func percentage(share uint32) float64 { return math.Round(float64(share)/math.MaxUint32*1e8) / 1e6 }

// shaped gives links of a node their shapes. The node is asked only if one of them has
// a queueing discipline that is a shape.
func (h *handle) shaped(links ...*plan.Link) error {
	if !slices.ContainsFunc(links, func(l *plan.Link) bool { return l.Queue == netem || l.Queue == tbf }) {
		return nil
	}
	shapes, err := h.shapes()
	for _, l := range links {
		l.Shape = shapes[l.Index]
	}
	return err
}

// shapes are the shapes of a node's interfaces by index, of those that have one.
func (h *handle) shapes() (map[int]plan.Shape, error) {
	msgs, err := h.route.dump(unix.RTM_GETQDISC, unix.RTM_NEWQDISC, &nl.TcMsg{Family: unix.AF_UNSPEC})
	if err != nil {
		return nil, err
	}
	shapes := map[int]plan.Shape{}
	for _, m := range msgs {
		as, err := attrs(m, nl.SizeofTcMsg)
		if err != nil {
			return nil, err
		}
		msg := nl.DeserializeTcMsg(m)
		if s, ok := parseShape(str(as[nl.TCA_KIND]), as[nl.TCA_OPTIONS]); ok && msg.Parent == netlink.HANDLE_ROOT {
			shapes[int(msg.Ifindex)] = s
		}
	}
	return shapes, nil
}

func parseShape(kind string, options []byte) (plan.Shape, bool) {
	switch kind {
	case netem:
		return parseNetem(options)
	case tbf:
		return parseTBF(options)
	}
	return plan.Shape{}, false
}

func parseNetem(options []byte) (s plan.Shape, ok bool) {
	as, err := attrs(options, nl.SizeofTcNetemQopt)
	if err != nil {
		return s, false
	}
	qopt := nl.DeserializeTcNetemQopt(options)
	s.Loss, s.Duplicate = percentage(qopt.Loss), percentage(qopt.Duplicate)
	if qopt.Limit != 1000 {
		s.Limit = int(qopt.Limit)
	}
	s.Delay, s.Jitter = time.Duration(long(as[netemLatency64])), time.Duration(long(as[netemJitter64]))
	if a := as[nl.TCA_NETEM_REORDER]; len(a) >= nl.SizeofTcNetemReorder {
		s.Reorder = percentage(nl.DeserializeTcNetemReorder(a).Probability)
	}
	if a := as[nl.TCA_NETEM_CORRUPT]; len(a) >= nl.SizeofTcNetemCorrupt {
		s.Corrupt = percentage(nl.DeserializeTcNetemCorrupt(a).Probability)
	}
	if a := as[nl.TCA_NETEM_RATE]; len(a) >= nl.SizeOfTcNetemRate {
		s.Rate = 8 * uint64(nl.DeserializeTcNetemRate(a).Rate)
	}
	if a, has := as[nl.TCA_NETEM_RATE64]; has {
		s.Rate = 8 * long(a)
	}
	return s, true
}

func parseTBF(options []byte) (s plan.Shape, ok bool) {
	as, err := attrs(options, 0)
	parms := as[nl.TCA_TBF_PARMS]
	if err != nil || len(parms) < nl.SizeofTcTbfQopt {
		return s, false
	}
	s.Rate = 8 * uint64(nl.DeserializeTcTbfQopt(parms).Rate.Rate)
	if a, has := as[nl.TCA_TBF_RATE64]; has {
		s.Rate = 8 * long(a)
	}
	return s, true
}

// long is a number of 64 bits, 0 where there is none.
func long(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b)
}

package model

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"nsl/runtime/plan"
)

// setOption sets an option. What an interface is not, it has no options of.
func (l *link) setOption(o plan.SetOption) error {
	option, ok := plan.IfOptionNamed(o.Option)
	err := error(nil)
	switch {
	case !ok:
		err = syscall.EINVAL
	case option.Of == plan.OfBridge && l.br == nil, option.Of == plan.OfPort && l.master == nil:
		err = syscall.EOPNOTSUPP
	case o.Option != "forward-delay" && option.Outside(o.Value), o.Option == "forward-delay" && l.set.STP && badDelay(option, o.Value):
		err = syscall.ERANGE
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", l.place(), o.Option, err)
	}
	was := l.set
	option.Put(&l.set, o.Value)
	if l.set.STP && !was.STP { // br_stp_start
		l.set.ForwardDelay = min(max(l.set.ForwardDelay, plan.MinForwardDelay), plan.MaxForwardDelay)
	}
	if l.set.NoARP != was.NoARP { // arp_netdev_event
		l.neighbours = slices.DeleteFunc(slices.Clone(l.neighbours), func(n plan.Neighbour) bool { return n.State == plan.Permanent })
	}
	return nil
}

func badDelay(o plan.IfOption, value string) bool {
	d := time.Duration(o.Number(value)) * plan.Hundredth
	return d < plan.MinForwardDelay || d > plan.MaxForwardDelay
}

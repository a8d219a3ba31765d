package host

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// Clean undoes what the records of a lab say, the last first. What is not there any more needs
// nothing; what has a name of the lab but is not provably its own stays, and is said. It may be
// done again, and after a part of it.
func Clean(ctx context.Context, m Machine, records []Record) (kept []string, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	c := &cleaner{ctx: ctx, machine: m, mark: records[0].Mark, now: map[string]Record{}, first: map[string]Record{}}
	for _, r := range records {
		if _, seen := c.first[r.key()]; !seen {
			c.first[r.key()] = r
		}
		c.now[r.key()] = r
	}
	var errs []error
	for _, r := range slices.Backward(records) {
		if _, left := c.now[r.key()]; left {
			errs = append(errs, c.undo(c.now[r.key()]))
			delete(c.now, r.key())
		}
	}
	return c.kept, errors.Join(append(errs, m.Commit())...)
}

type cleaner struct {
	ctx     context.Context //nolint:containedctx // of one call
	machine Machine
	mark    string
	// first and now are the first and the last record of each thing.
	first, now map[string]Record
	kept       []string
}

// undo undoes what is recorded of one thing; r is its last record.
func (c *cleaner) undo(r Record) error {
	err := func() error {
		switch r.Kind {
		case Namespace:
			return c.namespace(r)
		case Link:
			return c.link(r)
		case Table:
			return c.table()
		case Address, State, Master:
			return c.foreign(r)
		case Setting:
			return c.setting(r)
		case Route:
			return c.route(r)
		case Rule:
			return c.rule(r)
		case Begun, Built, Confirmed, Done:
		}
		return nil
	}()
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Kind, r.Name, err)
	}
	return nil
}

func (c *cleaner) apply(op plan.Op) error { return c.machine.Apply(c.ctx, op) }

// keep says that something stays.
func (c *cleaner) keep(format string, args ...any) error {
	c.kept = append(c.kept, diag.PlainLine(fmt.Sprintf(format, args...)))
	return nil
}

func (c *cleaner) namespace(r Record) error {
	has, err := c.machine.HasNode(r.Name)
	if err != nil {
		return err
	}
	if !has {
		_, err := c.machine.RemoveName(r.Name, r.Time)
		return err
	}
	inode, err := c.machine.Inode(r.Name)
	if err != nil {
		return err
	}
	lo, err := c.machine.Link(r.Name, plan.Loopback)
	if err != nil {
		return err
	}
	if inode != r.Inode || lo.Alias != c.mark {
		return c.keep("the namespace %s is another one than the lab's", r.Name)
	}
	return c.apply(plan.DelNS{Name: r.Name})
}

func (c *cleaner) link(r Record) error {
	l, err := c.machine.Link(plan.Host, r.Name)
	if errors.Is(err, plan.ErrNoLink) {
		return nil
	}
	if err != nil {
		return err
	}
	if l.Alias != c.mark && (r.MAC == "" || l.MAC != r.MAC) {
		return c.keep("the interface %s is another one than the lab's", r.Name)
	}
	err = c.apply(plan.DelLink{Node: plan.Host, Name: r.Name})
	if errors.Is(err, plan.ErrNoLink) {
		return nil
	}
	return err
}

func (c *cleaner) table() error {
	st, err := c.machine.Nft(plan.Host)
	if err != nil || !st.Exists {
		return err
	}
	mark, err := c.machine.TableMark(plan.Host)
	if err != nil {
		return err
	}
	if mark != c.mark {
		return c.keep("the table inet %s is another one than the lab's", plan.NftTable)
	}
	return c.apply(plan.DelNftTable{Node: plan.Host})
}

// foreign restores an interface of the machine, if it is still the same one.
func (c *cleaner) foreign(r Record) error {
	l, err := c.machine.Link(plan.Host, r.Name)
	if errors.Is(err, plan.ErrNoLink) || err == nil && l.Index != r.Index {
		return nil
	}
	if err != nil {
		return err
	}
	was := c.first[r.key()].Was
	switch {
	case r.Kind == Address:
		return c.address(r, l)
	case r.Kind == Master:
		if l.Master == was || l.Master != r.Is {
			return nil
		}
		return c.apply(plan.SetMaster{Node: plan.Host, Name: r.Name, Master: was})
	case was == "false" && strconv.FormatBool(l.Up) == r.Is && l.Up:
		return c.apply(plan.SetDown{Node: plan.Host, Name: r.Name})
	case r.Kind == State && was == "true" && !l.Up:
		return c.apply(plan.SetUp{Node: plan.Host, Name: r.Name})
	}
	return nil
}

// address restores one of an interface of the machine.
func (c *cleaner) address(r Record, l plan.Link) error {
	addr, err := netip.ParsePrefix(r.Addr)
	if err != nil {
		return err
	}
	had, has := c.first[r.key()].Gone, slices.Contains(l.Addrs, addr)
	switch {
	case had && !has:
		op := plan.AddAddr{Node: plan.Host, Link: r.Name, Addr: addr}
		if more := c.first[r.key()].More; more != nil {
			op.AddrOptions = *more
		}
		return c.apply(op)
	case !had && has && !r.Gone:
		return c.apply(plan.DelAddr{Node: plan.Host, Link: r.Name, Addr: addr})
	}
	return nil
}

// setting restores a setting, if it has the lab's value.
func (c *cleaner) setting(r Record) error {
	now, err := c.machine.Sysctl(plan.Host, r.Name)
	was := c.first[r.key()].Was
	if errors.Is(err, plan.ErrNoSysctl) || err == nil && now == was {
		return nil
	}
	if err != nil {
		return err
	}
	if now != r.Is {
		return c.keep("%s is %s, which the lab did not set", r.Name, now)
	}
	return c.apply(plan.SetSysctl{Node: plan.Host, Key: r.Name, Value: was})
}

func (c *cleaner) route(r Record) error {
	routes, err := c.machine.Routes(plan.Host)
	if err != nil {
		return err
	}
	had, i := c.first[r.key()].Gone, slices.IndexFunc(routes, func(now plan.Route) bool { return isRoute(now, *r.Route) })
	switch {
	case had && i < 0:
		return c.apply(plan.AddRoute{Node: plan.Host, Route: r.Route.Exact()})
	case !had && i >= 0 && !r.Gone:
		return c.apply(plan.DelRoute{Node: plan.Host, Route: routes[i].Exact()})
	}
	return nil
}

// isRoute reports whether a route of the kernel is the recorded one, which may leave the
// interfaces of its gateways to the kernel.
func isRoute(now, recorded plan.Route) bool {
	now.Hops = slices.Clone(now.Hops)
	for i, h := range recorded.Hops {
		if h.Dev == "" && i < len(now.Hops) {
			now.Hops[i].Dev = ""
		}
	}
	return now.Exact().String() == recorded.Exact().String()
}

func (c *cleaner) rule(r Record) error {
	rules, err := c.machine.Rules(plan.Host)
	if err != nil || r.Gone {
		return err
	}
	i := slices.IndexFunc(rules, func(o plan.Rule) bool {
		same := *r.Rule
		if same.Priority == 0 { // the kernel has chosen one
			same.Priority = o.Priority
		}
		return o.String() == same.String() && o.Is6() == same.Is6()
	})
	if i < 0 {
		return nil
	}
	return c.apply(plan.DelRule{Node: plan.Host, Rule: rules[i]})
}

package labtest

import (
	"fmt"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// nft tells the rules of a chain in their order, which matters.
func (d *dumper) nft(n string) error {
	st, err := d.view.Nft(n)
	if err != nil || !st.Exists {
		return err
	}
	d.line(1, "nft table", plan.NftTable)
	chains := slices.Clone(st.Chains)
	slices.SortFunc(chains, func(a, b plan.Chain) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range chains {
		d.line(2, "chain", c.Name, c.Type, c.Hook, c.Priority)
		for _, r := range st.In(c) {
			d.line(3, "rule", r.String())
		}
	}
	return nil
}

func (d *dumper) sysctls(n string) error {
	for _, s := range plan.BaselineSettings() {
		value, err := d.view.Sysctl(n, s.Key)
		if err != nil {
			return err
		}
		d.line(1, "sysctl", s.Key, "=", value)
	}
	if !d.has(Settings) {
		return nil
	}
	list, err := d.view.Settings(n)
	for _, s := range list {
		d.line(1, "setting", s.Key, "=", s.Value)
	}
	return err
}

func (d *dumper) services(n string) error {
	list, err := d.view.Services(n)
	if err != nil {
		return err
	}
	names, err := d.view.Names(n)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		d.line(1, "name", name)
	}
	resolver, err := d.view.Resolver(n)
	if err != nil {
		return err
	}
	for line := range strings.Lines(resolver.File()) {
		d.line(1, "resolv.conf", strings.TrimSpace(line))
	}
	slices.SortFunc(list, func(a, b plan.Running) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range list {
		d.line(1, "service", r.ID, fmt.Sprintf("%T%+v", r.Service, r.Service))
	}
	return nil
}

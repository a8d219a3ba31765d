package show

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// columns lays rows out under each other, two blanks between the cells. A row
// of one cell is a heading, and makes no column wider.
func columns(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if len(row) == 1 {
				break
			}
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// rowsOf is a row for each item of a list.
func rowsOf[T any](list []T, row func(T) []string) [][]string {
	rows := make([][]string, len(list))
	for i, item := range list {
		rows[i] = row(item)
	}
	return rows
}

// shownLinks are the interfaces of a node by name; lo only while it is down or has
// addresses of its own.
func shownLinks(view plan.View, node string) ([]plan.Link, error) {
	links, err := byName(view, node)
	return slices.DeleteFunc(links, func(l plan.Link) bool {
		return l.Name == plan.Loopback && l.Up && len(addrsBeyondDefault(l)) == 0
	}), err
}

func byName(view plan.View, node string) ([]plan.Link, error) {
	links, err := view.Links(node)
	links = slices.Clone(links)
	slices.SortFunc(links, func(a, b plan.Link) int { return plan.CompareNames(a.Name, b.Name) })
	return links, err
}

// addrsBeyondDefault are the addresses of an interface without those that the kernel
// gives each: link-local ones, and the loopback's 127.0.0.1/8 and ::1/128.
func addrsBeyondDefault(l plan.Link) []string {
	return slices.DeleteFunc(lab.ShownAddrs(l), func(a string) bool {
		return l.Name == plan.Loopback && (a == "127.0.0.1/8" || a == "::1/128")
	})
}

// state is the interface's in ip-link(8)'s words.
func state(l plan.Link) string {
	switch {
	case !l.Up:
		return "down"
	case !l.Carrier:
		return "no-carrier"
	}
	return "up"
}

func linkRows(view plan.View, node string) ([][]string, error) {
	links, err := shownLinks(view, node)
	return rowsOf(links, func(l plan.Link) []string {
		return []string{node, l.Name, state(l), strconv.Itoa(l.MTU), l.MAC, l.Kind, l.Upper(), strings.TrimSpace(backup(l) + l.Details(node) + " " + l.Shape.String() + optionText(l))}
	}), err
}

// backup marks a member of a bond that frames do not pass by now.
func backup(l plan.Link) string {
	if l.Bond != "" && l.Backup {
		return "backup "
	}
	return ""
}

// optionText are the options of an interface that a new one does not have.
func optionText(l plan.Link) string {
	text := ""
	if l.STP {
		text = " stp on"
	}
	for _, op := range plan.OptionOps(l.Ref(), l.Kind, l.Master != "", l.NewOptions(), l.IfOptions) {
		if o, ok := op.(plan.SetOption); ok {
			text += " " + o.Option + " " + o.Value
		}
	}
	return text
}

func addrRows(view plan.View, node string) ([][]string, error) {
	links, err := byName(view, node)
	var rows [][]string
	for _, l := range links {
		for _, a := range addrsBeyondDefault(l) {
			p, _ := netip.ParsePrefix(a)
			rows = append(rows, []string{node, l.Name, strings.TrimSpace(a + " " + l.AddrOptions(p).Describe())})
		}
	}
	return rows, err
}

func routeRows(view plan.View, node string) ([][]string, error) {
	routes, err := view.Routes(node)
	routes = slices.DeleteFunc(slices.Clone(routes), func(r plan.Route) bool {
		return r.Dst.Addr().Is6() && (r.Dst.Addr().IsLinkLocalUnicast() || r.Dst.Addr().IsMulticast())
	})
	slices.SortStableFunc(routes, func(a, b plan.Route) int {
		return cmp.Or(cmp.Compare(a.Dst.Addr().BitLen(), b.Dst.Addr().BitLen()), cmp.Compare(a.Table, b.Table),
			a.Dst.Addr().Compare(b.Dst.Addr()), cmp.Compare(a.Dst.Bits(), b.Dst.Bits()), cmp.Compare(a.Metric, b.Metric))
	})
	return rowsOf(routes, func(r plan.Route) []string {
		return []string{node, r.String()}
	}), err
}

func neighRows(view plan.View, node string) ([][]string, error) {
	list, err := view.Neighbours(node)
	list = slices.DeleteFunc(slices.Clone(list), func(n plan.Neighbour) bool {
		return n.IP.IsMulticast() || n.State == "noarp"
	})
	slices.SortFunc(list, func(a, b plan.Neighbour) int {
		return cmp.Or(a.IP.Compare(b.IP), cmp.Compare(a.Dev, b.Dev))
	})
	return rowsOf(list, func(n plan.Neighbour) []string {
		return []string{node, n.IP.String(), n.Dev, n.MAC, n.State}
	}), err
}

// sysctlRows are the settings that differ from what a node starts with.
func sysctlRows(view plan.View, node string) ([][]string, error) {
	var rows [][]string
	for _, s := range plan.BaselineSettings() {
		value, err := view.Sysctl(node, s.Key)
		switch {
		case errors.Is(err, plan.ErrNoSysctl):
		case err != nil:
			return nil, err
		case value != s.Value:
			rows = append(rows, []string{node, s.Key, value})
		}
	}
	return rows, nil
}

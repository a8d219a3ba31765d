package verb

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	"nsl/runtime/plan"
)

// uplinkName are the names that systems give to the interface that leads outside: those of
// the kernel, and predictable ones (systemd.net-naming-scheme(7)).
var uplinkName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(eth\d+|wlan\d+|en[opsx]\w*\d|wl[ops]\w*\d)$`) })

// OfferUplink says how the host gets an interface that a text takes for granted: one that
// leads outside. It is "" for other interfaces, and where the host has a way outside.
func OfferUplink(view plan.View, r plan.Ref) string {
	if r.Node != plan.Host || !uplinkName().MatchString(r.Link) {
		return ""
	}
	if _, err := view.Link(r.Node, r.Link); err == nil {
		return ""
	}
	routes, err := view.Routes(plan.Host)
	if err != nil || slices.ContainsFunc(routes, func(r plan.Route) bool { return r.Dst.Bits() == 0 }) {
		return ""
	}
	return fmt.Sprintf("internet %s gives the host that interface, with a default route to a stand-in for the outside", r.Link)
}

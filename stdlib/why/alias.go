package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// aliases are the aliases that a node's server has, each with the name that it leads to.
func (w lookup) aliases(node string) map[string]string {
	running, err := w.env.Services(node)
	if node == "" || err != nil {
		return nil
	}
	list := map[string]string{}
	for _, r := range running {
		s, _ := r.Service.(plan.DNS)
		for _, rec := range s.Records {
			if f := strings.Fields(rec); len(f) == 5 && f[3] == "CNAME" { // name, time to live, class, type, data
				list[strings.TrimSuffix(f[0], ".")] = strings.TrimSuffix(f[4], ".")
			}
		}
	}
	return list
}

// dangling finds an alias of a server that leads to a name for which it has no record.
func (w lookup) dangling(server netip.Addr) string {
	node, _ := w.owner(server)
	name := strings.TrimSuffix(w.q.Name, ".")
	if to, ok := w.aliases(node)[name]; ok {
		return fmt.Sprintf("%s has %s as an alias (cname) of %s, and no record of that name", node, name, to)
	}
	return ""
}

// aliasLoop are the aliases of a server that lead back to one of them, "" for none.
func (w lookup) aliasLoop(server netip.Addr) string {
	node, _ := w.owner(server)
	of := w.aliases(node)
	seen := []string{strings.TrimSuffix(w.q.Name, ".")}
	for {
		to, ok := of[seen[len(seen)-1]]
		if !ok {
			return ""
		}
		again := slices.Index(seen, to)
		if seen = append(seen, to); again >= 0 {
			return strings.Join(seen[again:], " -> ")
		}
	}
}

// untransported explains that a server does not answer over TCP, which it is asked by when
// its answer is too large for a datagram (RFC 7766).
func (w lookup) untransported(server netip.Addr) (why, fix string) {
	c := plan.Connect{Node: w.q.Node, Proto: "tcp", To: netip.AddrPortFrom(server, plan.DNSPort)}
	if why, fix = Unconnected(w.env, server.String(), c, plan.PingError{}); why == "" {
		why, fix = deaf(w.env, c)
	}
	if why == "" {
		return "", ""
	}
	return fmt.Sprintf("the answer is too large for a datagram, so %s asks for it over TCP port 53: %s", w.q.Node, why), fix
}

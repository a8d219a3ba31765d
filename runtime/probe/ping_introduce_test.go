package probe

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nsl/runtime/plan"
)

// TestMeshBroadcasts counts the address resolutions that reach one of 20 nodes:
// fewer than one for each of the 190 pairs, however full others have made the
// neighbour table, which makes more waves of it.
func TestMeshBroadcasts(t *testing.T) {
	requests := mesh(t, 20, 4)
	in(t, "n0", "nft", "add table arp f; add chain arp f c { type filter hook input priority 0; }; add rule arp f c arp operation request counter")
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	if n := lost(replies); n != 0 {
		t.Errorf("%d of %d requests lost", n, len(requests))
	}
	found := regexp.MustCompile(`packets (\d+)`).FindStringSubmatch(in(t, "n0", "nft", "list", "table", "arp", "f"))
	if len(found) != 2 {
		t.Fatalf("no counter: %q", found)
	}
	if n, err := strconv.Atoi(found[1]); err != nil || n == 0 || n > 150 {
		t.Errorf("%s resolutions came to a node for 190 pairs", found[1])
	}
}

// loses sends the requests, of which just those get no reply.
func loses(t *testing.T, requests []plan.Ping, lost func(plan.Ping) bool) {
	t.Helper()
	for i := range requests {
		requests[i].Wait = 400 * time.Millisecond
	}
	replies, err := Ping(t.Context(), inside, requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range replies {
		if q := requests[i]; (r.Received == 0) != lost(q) {
			t.Errorf("%s -> %s: %+v", q.Node, q.To, r)
		}
	}
}

// TestMeshOfDeaf has a node that hears no address resolution, or whose own are
// not heard: it is reached by none and reaches none, whatever the others know, and
// nothing is left waiting.
func TestMeshOfDeaf(t *testing.T) {
	for _, hook := range []string{"input", "output"} {
		t.Run(hook, func(t *testing.T) {
			requests := mesh(t, 12, 4)
			in(t, "n3", "nft", fmt.Sprintf("add table arp f; add chain arp f c { type filter hook %s priority 0; policy drop; }", hook))
			loses(t, requests, func(q plan.Ping) bool { return q.Node == "n3" || q.To == meshAddr(4, 3) })
			if table := in(t, "n3", "ip", "neigh"); strings.Contains(table, "INCOMPLETE") {
				t.Errorf("resolutions go on in n3:\n%s", table)
			}
		})
	}
}

// TestMeshKeepsEntries has a neighbour that was entered by hand, with an
// address that no node has.
func TestMeshKeepsEntries(t *testing.T) {
	requests := mesh(t, 12, 4)
	batch(t, "-n n0 neigh add 10.0.0.2 lladdr 02:00:00:00:00:77 nud permanent dev eth0")
	loses(t, requests, func(q plan.Ping) bool {
		return q.Node == "n0" && q.To == meshAddr(4, 1) || q.Node == "n1" && q.To == meshAddr(4, 0)
	})
	if got := in(t, "n0", "ip", "neigh", "show", "to", "10.0.0.2"); !strings.Contains(got, "02:00:00:00:00:77 PERMANENT") {
		t.Errorf("the entry is now %q", got)
	}
}

// TestWhoSpeaks looks at who makes itself known to whom: each, and no two to each
// other.
func TestWhoSpeaks(t *testing.T) {
	for n, want := range map[int]int{2: 1, 3: 3, 4: 4, 9: 9} {
		table := &neighbours{ports: map[string][]*port{}, owners: map[netip.Addr]*port{}}
		for i := range n {
			p := &port{node: fmt.Sprint("n", i), index: 2, local: meshAddr(4, i), net: netip.MustParsePrefix("10.0.0.0/24")}
			table.ports[p.node], table.owners[p.local] = []*port{p}, p
		}
		var flights []*flight
		for i := range n {
			for k := range n {
				if i != k {
					flights = append(flights, &flight{Ping: plan.Ping{Node: fmt.Sprint("n", i), To: meshAddr(4, k)}})
				}
			}
		}
		in := introduction{says: map[*port]*port{}, knows: map[[2]*port]bool{}}
		for _, p := range pairUp(flights, table) {
			spoke := in.speak(p, table)
			if from, to := table.ends(p.lead); spoke && in.says[from] != to {
				t.Errorf("%d nodes: %s -> %s is not what %s says first", n, p.lead.Node, p.lead.To, p.lead.Node)
			}
		}
		for from, to := range in.says {
			if in.says[to] == from {
				t.Errorf("%d nodes: %s and %s ask each other", n, from.node, to.node)
			}
		}
		if len(in.says) != want || len(in.knows) != n*(n-1) {
			t.Errorf("%d nodes: %d speak, want %d; %d entries", n, len(in.says), want, len(in.knows))
		}
	}
}

// TestEndsOfFlight tells flights that stay on a subnet from others.
func TestEndsOfFlight(t *testing.T) {
	at := func(node string, index int, local, net string) *port {
		return &port{node: node, index: index, local: netip.MustParseAddr(local), net: netip.MustParsePrefix(net)}
	}
	table := &neighbours{ports: map[string][]*port{}, owners: map[netip.Addr]*port{}}
	for _, p := range []*port{
		at("a", 2, "10.1.0.1", "10.1.0.0/24"), at("a", 3, "10.2.0.1", "10.2.0.0/24"), at("a", 2, "fd01::1", "fd01::/64"),
		at("b", 2, "10.2.0.2", "10.2.0.0/24"), at("c", 2, "10.2.0.3", "10.2.0.3/32"), at("d", 2, "fd01::2", "fd01::/64"),
	} {
		table.ports[p.node], table.owners[p.local] = append(table.ports[p.node], p), p
	}
	for _, c := range []struct {
		node, to string
		ifindex  int
		from     string
	}{
		{"a", "10.2.0.2", 0, "10.2.0.1"},
		{"a", "10.2.0.2", 3, "10.2.0.1"},
		{"a", "10.2.0.2", 2, ""},  // by another interface
		{"b", "10.1.0.1", 0, ""},  // through a router
		{"a", "10.2.0.3", 0, ""},  // c answers through a router
		{"a", "10.1.0.1", 0, ""},  // itself
		{"a", "10.1.0.77", 0, ""}, // no such node
		{"a", "fd01::2", 0, ""},   // IPv6
	} {
		from, to := table.ends(&flight{Ping: plan.Ping{Node: c.node, To: netip.MustParseAddr(c.to)}, ifindex: c.ifindex})
		switch {
		case c.from == "" && from != nil:
			t.Errorf("%s -> %s by %d: from %v to %v", c.node, c.to, c.ifindex, from, to)
		case c.from != "" && (from == nil || from.local.String() != c.from || to != table.owners[netip.MustParseAddr(c.to)]):
			t.Errorf("%s -> %s by %d: from %v to %v", c.node, c.to, c.ifindex, from, to)
		}
	}
}

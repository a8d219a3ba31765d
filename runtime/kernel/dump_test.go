package kernel

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// accidental are keys whose values differ between two labs that are alike:
// numbers and addresses of the kernel's choice, clocks, and states that
// follow in their own time. A bridge keeps the least tso_max_size that any of
// its ports ever had.
var accidental = []string{
	"ifindex", "link_index", "link_netnsid", "address", "broadcast", "operstate", "permaddr",
	"root_id", "bridge_id", "hello_timer", "gc_timer", "tcn_timer", "topology_change_timer", "state",
	"id", "no", "designated_port", "designated_cost", "designated_bridge", "designated_root",
	"hold_timer", "message_age_timer", "forward_delay_timer", "tso_max_size", "handle", "metainfo",
	"packets", "bytes",
}

// dump is what iproute2 and nft tell of a lab, without what is accidental.
func dump(t testing.TB, w *World) string {
	t.Helper()
	labtest.NeedPrograms(t, "ip", "nft", "tc", "bridge")
	nodes, err := w.Nodes()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, n := range append(nodes, plan.Host) {
		b.WriteString("# " + n + "\n" + normal(t, shell(t, inNode(n)...)))
	}
	return b.String()
}

// questions are few processes: their start is what takes time. Without a family
// "route" is about both, and "rule" about IPv4.
const questions = `printf 'link\naddr\nroute show table all\nrule\n' | ip -j -d -batch -
ip -j -d -6 rule
tc -j qdisc show
bridge -j fdb show
for i in $(wg show interfaces 2>/dev/null); do wg showconf $i | sort | jq -R . | jq -s .; done
nft -j list ruleset`

// inNode is the command that asks everything in a node.
func inNode(node string) []string {
	all := []string{"sh", "-ec", questions}
	if node == plan.Host {
		return all
	}
	return append([]string{"ip", "netns", "exec", node}, all...)
}

// normal is the answers, one line for each object of their lists.
func normal(t testing.TB, answers string) string {
	t.Helper()
	var lines []string
	for d := json.NewDecoder(strings.NewReader(answers)); ; {
		var v any
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			slices.Sort(lines)
			return strings.Join(lines, "")
		case err != nil:
			t.Fatalf("%v in %s", err, answers)
		}
		if m, ok := v.(map[string]any); ok { // nft puts its list into an object
			v = m["nftables"]
		}
		for _, item := range v.([]any) {
			if item, ok := strip(item); ok {
				line, _ := json.Marshal(item)
				lines = append(lines, string(line)+"\n")
			}
		}
	}
}

// strip takes out what is accidental; false means all of v is, such as a
// link-local address that the kernel makes once a link has carrier, or the
// local route that it adds for an IPv6 address from a worker of its own
// (net/ipv6/addrconf.c, addrconf_dad_work).
func strip(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		if v["mac"] != nil && v["dst"] == nil { // learned by a bridge, or its own
			return nil, false
		}
		if v["table"] == "local" && v["protocol"] == "kernel" {
			return nil, false
		}
		if _, vrf := v["l3mdev"]; vrf { // the rule of the first VRF stays without it
			return nil, false
		}
		for _, k := range []string{"local", "dst"} {
			if s, _ := v[k].(string); strings.HasPrefix(s, "fe80:") || strings.HasPrefix(s, "ff00:") {
				return nil, false
			}
		}
		for k, x := range v {
			x, ok := strip(x)
			if v[k] = x; !ok || slices.Contains(accidental, k) {
				delete(v, k)
			}
		}
		return v, len(v) > 0
	case []any:
		var kept []any
		for _, x := range v {
			if x, ok := strip(x); ok {
				kept = append(kept, x)
			}
		}
		return kept, true
	case string:
		return v, v != "NO-CARRIER" && v != "linkdown"
	}
	return v, true
}

// diff shows the lines that only one of two dumps has.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for _, l := range w {
		if !slices.Contains(g, l) {
			b.WriteString("- " + l + "\n")
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			b.WriteString("+ " + l + "\n")
		}
	}
	return b.String()
}

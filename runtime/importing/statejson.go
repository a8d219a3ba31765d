package importing

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

type object = map[string]any

// sections are what the program of a section prints, one array for each.
func sections(name string) []string {
	switch name {
	case "ip4":
		return []string{"addr", "route", "rule", "neigh"}
	case "ip6":
		return []string{"route", "rule"}
	}
	return []string{name}
}

// read makes lines of what a program printed.
func read(name, text string) ([]string, error) {
	if text = strings.TrimSpace(text); text == "" || name == "" {
		return nil, nil
	}
	if name == plan.NftProgram {
		return readNft(text)
	}
	var lines []string
	d := json.NewDecoder(strings.NewReader(text))
	for _, section := range sections(name) {
		var list []object
		if err := d.Decode(&list); err != nil {
			return nil, err
		}
		for _, o := range list {
			if len(o) > 0 { // ip prints an empty object for what it left out
				lines = append(lines, readObject(section, o)...)
			}
		}
	}
	return lines, nil
}

func readObject(section string, o object) []string {
	switch section {
	case "addr":
		return linkLines(o)
	case "route":
		return routeLine(o)
	case "rule":
		if p, _ := o["priority"].(float64); p == 0 || p == 32766 || p == 32767 {
			return nil
		}
		numberTables(o)
		return []string{"rule " + flat(o)}
	case "neigh":
		drop(o, "confirmed", "used", "updated", "probes", "refcnt")
		return []string{"neigh " + flat(o)}
	}
	return qdiscLine(o)
}

// linkLines are an interface and its addresses. What differs from run to run is left
// out: numbers, statistics, timers, chosen hardware addresses, and what follows them.
func linkLines(o object) []string {
	name := fmt.Sprint(o["ifname"])
	addrs, _ := o["addr_info"].([]any)
	flags, _ := o["flags"].([]any)
	up, isLoopback := slices.Contains(flags, any("UP")), slices.Contains(flags, any("LOOPBACK"))
	o["flags"] = slices.DeleteFunc(flags, func(f any) bool {
		return !slices.Contains([]any{"UP", "NOARP", "PROMISC", "ALLMULTI"}, f)
	})
	drop(o, "ifname", "ifindex", "link_index", "link_netnsid", "operstate", "address", "broadcast", "addr_info", "qdisc", "permaddr",
		"promiscuity", "allmulti", "min_mtu", "max_mtu", "num_tx_queues", "num_rx_queues", "inet6_addr_gen_mode", "stats64", "stats",
		"gso_max_size", "gso_max_segs", "gso_ipv4_max_size", "gro_max_size", "gro_ipv4_max_size", "tso_max_size", "tso_max_segs", "carrier_changes")
	if info, ok := o["linkinfo"].(object); ok {
		for _, part := range []string{"info_data", "info_slave_data"} {
			if data, ok := info[part].(object); ok {
				if data["stp_state"] == 0.0 {
					drop(data, "forward_delay") // which only the spanning tree waits for
				}
				drop(data, "hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "topology_change", "topology_change_detected",
					"root_id", "bridge_id", "root_port", "root_path_cost", "state", "id", "no", "designated_port", "designated_cost",
					"designated_bridge", "designated_root", "hold_timer", "message_age_timer", "forward_delay_timer", "config_pending",
					"topology_change_ack", "group_addr", "fdb_n_learned", "ad_info", "tun_type")
			}
		}
	}
	if o["link"] != nil {
		if info, _ := o["linkinfo"].(object); info["info_kind"] == "veth" {
			delete(o, "link") // a cable is known by both ends
		}
	}
	lines := []string{"link " + name + " " + flat(o)}
	if isLoopback && !up {
		return lines // it has its own addresses only if it was up before
	}
	for _, a := range addrs {
		if line := addrLine(name, a.(object)); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func addrLine(link string, a object) string {
	local, _ := netip.ParseAddr(fmt.Sprint(a["local"]))
	if a["protocol"] == "kernel_ll" || isEUI64(local) {
		return ""
	}
	for _, k := range []string{"valid_life_time", "preferred_life_time"} {
		if v, _ := a[k].(float64); v == 1<<32-1 {
			delete(a, k)
		} else if v > 0 {
			a[k] = "limited"
		}
	}
	drop(a, "tentative", "nodad", "dadfailed", "protocol", "temporary", "stable-privacy", "index")
	return "addr " + link + " " + flat(a)
}

// isEUI64 reports a link-local address that a kernel has made from a hardware address (RFC
// 4291, appendix A).
func isEUI64(a netip.Addr) bool {
	b := a.As16()
	return a.Is6() && a.IsLinkLocalUnicast() && b[11] == 0xff && b[12] == 0xfe
}

func routeLine(o object) []string {
	dst := fmt.Sprint(o["dst"])
	if o["table"] == "local" || o["type"] == "multicast" || strings.HasPrefix(dst, "fe80::/") || strings.HasPrefix(dst, "ff00::/") {
		return nil
	}
	drop(o, "flags", "pref", "expires", "cache")
	numberTables(o)
	if hops, ok := o["nexthops"].([]any); ok {
		for _, h := range hops {
			drop(h.(object), "flags")
		}
	}
	return []string{"route " + flat(o)}
}

// numberTables takes numbers for the names that a script gave to routing tables.
func numberTables(o object) {
	if name, ok := o["table"].(string); ok {
		o["table"] = tableNumber(name)
	}
}

func qdiscLine(o object) []string {
	kind := fmt.Sprint(o["kind"])
	if slices.Contains([]string{"noqueue", "fq_codel", "pfifo_fast", "mq"}, kind) && o["handle"] == "0:" {
		return nil
	}
	drop(o, "handle", "refcnt", "offloaded")
	if options, ok := o["options"].(object); ok {
		drop(options, "direct_packets_stat") // it counts what passed
	}
	if parent := fmt.Sprint(o["parent"]); strings.HasSuffix(parent, ":") {
		drop(o, "parent")
	}
	return []string{"qdisc " + flat(o)}
}

// readNft makes a line of each table, chain, set and rule.
func readNft(text string) ([]string, error) {
	var all struct{ Nftables []object }
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	var lines []string
	for _, o := range all.Nftables {
		for kind, v := range o {
			if inner, ok := v.(object); ok && kind != "metainfo" {
				strip(inner)
				lines = append(lines, "nft "+kind+" "+flat(inner))
			}
		}
	}
	return lines, nil
}

// strip takes out what counts, and numbers that the kernel gave.
func strip(v any) {
	switch v := v.(type) {
	case object:
		drop(v, "handle", "packets", "bytes", "index")
		for _, each := range v {
			strip(each)
		}
	case []any:
		for _, each := range v {
			strip(each)
		}
	}
}

func drop(o object, keys ...string) {
	for _, k := range keys {
		delete(o, k)
	}
}

// flat writes a value in one line, with the keys of objects in order.
func flat(v any) string {
	switch v := v.(type) {
	case object:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if text := flat(v[k]); text != "" {
				parts = append(parts, k+"="+text)
			}
		}
		return strings.Join(parts, " ")
	case []any:
		parts := make([]string, len(v))
		for i, each := range v {
			parts[i] = flat(each)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

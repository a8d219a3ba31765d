package foreign

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// A phrase is a command of iproute2, iptables and their like, and the statement
// of nsl that does the same. A word in small letters must be there, give or
// take a typing error; A and B are any words, $N is a node, and "…" the rest.
// A word in square brackets may be left out.
type phrase struct{ theirs, ours string }

// phrases are what the tutorials on network namespaces type.
func phrases() []phrase {
	return []phrase{
		{"ip netns add A", "ns A"},
		{"ip netns del A", "delete A"},
		{"ip netns delete A", "delete A"},
		{"ip netns", "show"},
		{"ip netns list", "show"},
		{"ip link add [name] A type veth peer [name] B", "veth $N:A <-> $N:B"},
		{"ip link add [dev] A type bridge", "bridge $N:A"},
		{"ip link add [dev] A type dummy", "dummy $N:A"},
		{"ip link set [dev] A netns B", "move $N:A -> B"},
		{"ip link set [dev] A master B", "attach $N:A -> $N:B"},
		{"ip link set [dev] A nomaster", "detach $N:A"},
		{"ip link set [dev] A up", "up $N:A"},
		{"ip link set [dev] A down", "down $N:A"},
		{"ip link set [dev] A mtu B", "mtu $N:A B"},
		{"ip link set [dev] A address B", "mac $N:A B"},
		{"ip link set [dev] A name B", "rename $N:A -> B"},
		{"ip link del [dev] A", "delete $N:A"},
		{"ip link delete [dev] A", "delete $N:A"},
		{"ip link", "show links $n"},
		{"ip link show …", "show links $n"},
		{"ip addr add A dev B", "addr $N:B A"},
		{"ip addr del A dev B", "del addr $N:B A"},
		{"ip addr …", "show addrs $n"},
		{"ip route add A via B", "route $N A via B"},
		{"ip route add A dev B", "route $N A dev B"},
		{"ip route del A", "del route $N A"},
		{"ip route …", "show routes $n"},
		{"ip neigh …", "show neigh $n"},
		{"ip rule …", "show rules $n"},
		{"brctl addbr A", "bridge $N:A"},
		{"brctl addif A B", "attach $N:B -> $N:A"},
		{"brctl …", "show"},
		{"iptables -t nat -A postrouting -s A -j masquerade", "nat A"},
		{"iptables -t nat -A prerouting -p tcp --dport A -j dnat --to-destination B", "publish A -> B"},
		{"iptables …", "show rules $n"},
		{"nft …", "show rules $n"},
		{"ifconfig …", "show addrs $n"},
		{"arp …", "show neigh $n"},
		{"route", "show routes $n"},
		{"route -n", "show routes $n"},
		{"netstat -r …", "show routes $n"},
		{"netstat -rn …", "show routes $n"},
		{"netstat …", "show listen $n"},
		{"ss …", "show listen $n"},
		{"ping A", "expect ping $N -> A"},
		{"sysctl A", "sysctl $N A"},
		{"sysctl -w A", "sysctl $N A"},
		{"tcpdump …", `capture NODE:IFACE "file.pcapng"`},
		{"curl A", "expect http $N -> A"},
	}
}

// Statement is the statement of nsl that does what a command of another program
// does, or "" when the words are no such command.
func Statement(words []string) string {
	node := plan.Host
	for len(words) > 0 && words[0] == "sudo" {
		words = words[1:]
	}
	if len(words) > 0 && words[0] == "set" {
		words = append([]string{"ip", "link"}, words...)
	}
	if len(words) > 3 && words[0] == "ip" && words[1] == "-n" {
		node, words = words[2], append([]string{"ip"}, words[3:]...)
	}
	if len(words) > 4 && matches([]string{"ip", "netns", "exec"}, words[:3]) {
		return foreignInside(words[3], words[4:])
	}
	if ours := translate(node, words); ours != "" {
		return ours
	}
	if len(words) > 1 && slices.Contains([]string{"ip", "iptables", "nft", "brctl"}, words[0]) {
		return "exec " + node + " " + strings.Join(words, " ")
	}
	return ""
}

// foreignInside translates what ip netns exec runs; any other program is exec's.
func foreignInside(node string, words []string) string {
	if ours := translate(node, words); ours != "" {
		return ours
	}
	return strings.Join(append([]string{"exec", node}, words...), " ")
}

func translate(node string, words []string) string {
	if len(words) == 1 {
		if _, err := netip.ParsePrefix(words[0]); err == nil {
			return "addr NODE:IFACE " + words[0]
		}
	}
	words = withoutNoise(words)
	for _, p := range phrases() {
		if found, ok := p.match(words); ok {
			return p.say(node, found)
		}
	}
	return ""
}

// withoutNoise leaves out what nsl has no need for.
func withoutNoise(words []string) []string {
	words = slices.Clone(words)
	if i := slices.Index(words, "-c"); i >= 0 && i+1 < len(words) && words[0] == "ping" {
		words = slices.Delete(words, i, i+2)
	}
	return words
}

// match compares word by word, and gives what was in the place of A and B.
func (p phrase) match(words []string) (found map[string]string, ok bool) {
	found = map[string]string{}
	for _, want := range strings.Fields(p.theirs) {
		if want == "…" {
			return found, true
		}
		optional, isOptional := strings.CutPrefix(want, "[")
		switch {
		case isOptional:
			if len(words) > 1 && matches([]string{strings.TrimSuffix(optional, "]")}, words[:1]) {
				words = words[1:]
			}
			continue
		case len(words) == 0:
			return nil, false
		case want == "A" || want == "B":
			found[want] = words[0]
		case !matches([]string{want}, words[:1]):
			return nil, false
		}
		words = words[1:]
	}
	return found, len(words) == 0
}

// matches reports whether the words are those, give or take a typing error in each that
// has more than two letters: with one in "ip" it could be anything.
func matches(want, words []string) bool {
	return slices.EqualFunc(want, words, func(w, word string) bool {
		return strings.EqualFold(w, word) || len(w) > 2 && diag.Nearest(word, []string{w}) == w
	})
}

// say fills in the statement. The host need not be named before a colon.
func (p phrase) say(node string, found map[string]string) string {
	prefix, shown := node+":", node
	if node == plan.Host {
		prefix, shown = "", ""
	}
	ours := strings.NewReplacer("$N:", prefix, "$N", node, "$n", shown).Replace(p.ours)
	out := strings.Fields(ours)
	for i, w := range out {
		for _, name := range []string{"A", "B"} {
			if w == name || strings.HasSuffix(w, ":"+name) {
				out[i] = strings.TrimSuffix(w, name) + found[name]
			}
		}
	}
	return strings.Join(out, " ")
}

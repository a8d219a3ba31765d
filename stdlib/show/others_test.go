package show_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// TestShowRulesOfOthers holds that rules of iptables and nft are shown beside the lab's own.
func TestShowRulesOfOthers(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "iptables", "nft")
	out := labs.Output(t, `ns red
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o eth0 -j MASQUERADE
ip netns exec red iptables -P FORWARD DROP
ip netns exec red iptables -A FORWARD -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT
exec red nft add table inet mine
exec red nft 'add chain inet mine in { type filter hook input priority 0; }'
exec red nft add rule inet mine in tcp dport 22 drop
show nat host
show rules red
`)
	for _, want := range []string{"ip nat POSTROUTING", `oifname "eth0"`, "10.0.0.0/24", "masquerade", "ip filter FORWARD", "policy drop", "ct state established", "inet mine in", "tcp dport 22 drop"} {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

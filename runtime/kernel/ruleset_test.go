package kernel

import (
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// ruleCase is a rule as a program takes it, as it is worded, and what it does with a TCP
// SYN from 10.0.1.1 to port 80 of 10.0.2.2 that is forwarded from eth0 to eth1.
type ruleCase struct{ rule, text, verdict string }

// Rules of nft are read back from the kernel, worded, and carried out as it would.
func TestRulesOfNft(t *testing.T) {
	for _, c := range []ruleCase{
		{"tcp dport 80 drop", "tcp dport 80 drop", "drop"},
		{"tcp dport { 80, 443 } counter drop", "tcp dport { 80, 443 } drop", "drop"},
		{"tcp dport 1-79 drop", "tcp dport 1-79 drop", "accept"},
		{"tcp dport 79-81 drop", "tcp dport 79-81 drop", "drop"},
		{"tcp dport != 22 drop", "tcp dport != 22 drop", "drop"},
		{"tcp dport { 1-79, 81-90 } drop", "tcp dport { 1-79, 81-90 } drop", "accept"},
		{"ip saddr 10.0.1.0/24 drop", "ip saddr 10.0.1.0/24 drop", "drop"},
		{"ip saddr 10.0.1.0/25 drop", "ip saddr 10.0.1.0/25 drop", "drop"},
		{"ip daddr 10.0.1.0/24 drop", "ip daddr 10.0.1.0/24 drop", "accept"},
		{"ip daddr { 10.0.2.0/24, 10.9.0.1 } drop", "ip daddr { 10.0.2.0/24, 10.9.0.1 } drop", "drop"},
		{"ip6 daddr fd00::/64 drop", "ip6 daddr fd00::/64 drop", "accept"},
		{"ip daddr . tcp dport { 10.0.2.2 . 80 } drop", "ip daddr . tcp dport { 10.0.2.2 . 80 } drop", "drop"},
		{"iifname eth0 oifname eth1 drop", `iifname "eth0" oifname "eth1" drop`, "drop"},
		{"iifname \"eth*\" drop", `iifname "eth*" drop`, "drop"},
		{"iifname eth1 drop", `iifname "eth1" drop`, "accept"},
		{"iifname vmap { eth0 : drop, eth1 : accept }", `iifname vmap { "eth0" : drop, "eth1" : accept }`, "drop"},
		{"ct state new drop", "ct state new drop", "drop"},
		{"ct state established,related drop", "ct state established,related drop", "accept"},
		{"ct state vmap { new : drop, established : accept }", "ct state vmap { established : accept, new : drop }", "drop"},
		{"meta l4proto udp drop", "meta l4proto udp drop", "accept"},
		{"meta mark 7 drop", "meta mark 7 drop", "accept"},
		{"meta mark set 7 meta mark 7 drop", "meta mark set 0x7 meta mark 7 drop", "drop"},
		{"ip ttl < 64 drop", "ip ttl < 64 drop", "drop"},
		{"tcp flags syn drop", "tcp flags syn drop", "drop"},
		{"tcp flags & (fin|syn|rst|ack) == syn drop", "tcp flags syn / fin,syn,rst,ack drop", "drop"},
		{"tcp sport 1024 drop", "tcp sport 1024 drop", "doubt"},
		{"limit rate 1/second drop", "limit rate 1/second burst 5 packets drop", "doubt"},
		{"limit rate over 1/hour burst 2 packets accept", "limit rate over 1/hour burst 2 packets accept", "accept"},
		{"numgen random mod 2 0 drop", "numgen random mod 2 0 drop", "doubt"},
		{"reject with tcp reset", "reject with tcp reset", "reject"},
		{"reject with icmpx type admin-prohibited", "reject with icmpx type admin-prohibited", "reject"},
		{"queue num 5", "queue to 5", "doubt"},
		{"ip dscp cs0 drop", "ip dscp cs0 drop", "drop"},
		{"ip dscp ef drop", "ip dscp ef drop", "accept"},
		{"ct direction original drop", "ct direction original drop", "drop"},
		{"ct mark set 9 ct mark 9 drop", "ct mark set 0x9 ct mark 9 drop", "drop"},
		{"ct original packets > 1 drop", "ct packets > 1 drop", "doubt"},
		{"ct count over 3 drop", "ct count over 3 drop", "doubt"},
		{"quota over 10 bytes drop", "quota over 10 bytes drop", "doubt"},
		{"iifgroup default drop", "iifgroup default drop", "doubt"},
		{"meta pkttype host drop", "meta pkttype host drop", "doubt"},
		{"meta skuid 1000 drop", "meta skuid 1000 drop", "doubt"},
		{"meta day Friday drop", "meta day Friday drop", "doubt"},
		{"rt nexthop 10.0.2.2 drop", "rt nexthop 10.0.2.2 drop", "doubt"},
		{"jhash ip saddr mod 2 0 drop", "jhash ip saddr mod 2 0 drop", "doubt"},
		{"tcp option maxseg size > 500 drop", "tcp option maxseg size > 500 drop", "doubt"},
		{"socket wildcard 1 drop", "", "doubt"},
		{"icmp type echo-request drop", "icmp type echo-request drop", "accept"},
		{`log prefix "no " counter drop`, `log prefix "no " drop`, "drop"},
		{"fib daddr type local drop", "fib daddr type local drop", "accept"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			c.holds(t, "nft", "add table inet t; add chain inet t c { type filter hook forward priority 0; }; add rule inet t c "+c.rule)
		})
	}
}

// So are rules of iptables, whichever of the two programs of that name made them.
func TestRulesOfIptables(t *testing.T) {
	for _, program := range []string{"iptables-nft", "iptables-legacy"} {
		for _, c := range []ruleCase{
			{"-p tcp --dport 80 -j DROP", "tcp dport 80 drop", "drop"},
			{"-p tcp --dport 81 -j DROP", "tcp dport 81 drop", "accept"},
			{"-s 10.0.1.0/24 -i eth0 -j DROP", "", "drop"},
			{"-i eth+ -j DROP", `iifname "eth*" drop`, "drop"},
			{"! -d 10.0.2.0/24 -j DROP", "ip daddr != 10.0.2.0/24 drop", "accept"},
			{"-p tcp -m multiport --dports 22,80 -j DROP", "", "drop"},
			{"-m conntrack --ctstate ESTABLISHED -j DROP", "ct state established drop", "accept"},
			{"-m conntrack --ctstate NEW -j DROP", "ct state new drop", "drop"},
			{"-m state --state NEW -j DROP", "ct state new drop", "drop"},
			{"-m comment --comment hello -j DROP", "/* hello */ drop", "drop"},
			{"-m mac --mac-source 02:00:00:00:00:01 -j DROP", "ether saddr 02:00:00:00:00:01 drop", "doubt"},
			{"-m tos --tos 0 -j DROP", "", "drop"},
			{"-m conntrack --ctdir REPLY -j DROP", "ct direction reply drop", "accept"},
			{"-p tcp -m connlimit --connlimit-above 3 -j DROP", "", "doubt"},
			{"-j NFQUEUE --queue-num 5", "nfqueue 5", "doubt"},
			{"-m addrtype --dst-type LOCAL -j DROP", "", "accept"},
			{"-m iprange --src-range 10.0.1.1-10.0.1.9 -j DROP", "ip saddr 10.0.1.1-10.0.1.9 drop", "drop"},
			{"-m ttl --ttl-lt 64 -j DROP", "", "drop"},
			{"-m length --length 500:1500 -j DROP", "", "accept"},
			{"-m mark --mark 5 -j DROP", "", "accept"},
			{"-p tcp --syn -j DROP", "tcp flags syn / fin,syn,rst,ack drop", "drop"},
			{"-m u32 --u32 6&0xFF=6 -j DROP", "u32 drop", "doubt"},
			{"-m limit --limit 1/s -j DROP", "", "doubt"},
			{"-p tcp -j REJECT --reject-with tcp-reset", "", "reject"},
			{"-j LOG", "", "accept"},
		} {
			t.Run(program+" "+c.rule, func(t *testing.T) {
				c.holds(t, program, append([]string{"-A", "FORWARD"}, strings.Fields(c.rule)...)...)
			})
		}
	}
}

func (c ruleCase) holds(t *testing.T, program string, args ...string) {
	labtest.NeedPrograms(t, program)
	w := newNode(t)
	var out []byte
	err := w.Inside("red", func() (err error) {
		out, err = exec.Command(program, args...).CombinedOutput()
		return err
	})
	if err != nil {
		t.Skipf("%s: %v\n%s", program, err, out)
	}
	rules, err := w.Ruleset("red")
	if err != nil || len(rules.Tables) == 0 {
		t.Fatal(rules, err)
	}
	table, chain := forward(rules)
	p := packet()
	got := ruleset.Run(table, chain, &p)
	verdict := got.Verdict
	if len(got.Doubts) > 0 {
		verdict = "doubt"
	}
	if verdict != c.verdict {
		t.Errorf("%s, want %s: %+v", verdict, c.verdict, chain.Rules)
	}
	if text := (ruleset.Rule{Table: table, Chain: chain, Place: 1}).Text(); c.text != "" && text != c.text {
		t.Errorf("worded %q, want %q", text, c.text)
	}
}

func newNode(t *testing.T) *World {
	t.Helper()
	w := newWorld(t)
	apply(t, w, plan.AddNS{Name: "red"})
	return w
}

// forward is the base chain of the hook forward.
func forward(rules plan.Ruleset) (*plan.FilterTable, *plan.FilterChain) {
	for i := range rules.Tables {
		for n := range rules.Tables[i].Chains {
			if rules.Tables[i].Chains[n].Hook == "forward" {
				return &rules.Tables[i], &rules.Tables[i].Chains[n]
			}
		}
	}
	return nil, nil
}

func packet() ruleset.Packet {
	return ruleset.Packet{Family: "ip", Src: netip.MustParseAddr("10.0.1.1"), Dst: netip.MustParseAddr("10.0.2.2"), Proto: ruleset.ProtoTCP,
		DstPort: 80, Flags: 2, TTL: 63, Size: 60, State: plan.StateNew, Lab: away{},
		In: plan.Link{Name: "eth0", Index: 2}, Out: plan.Link{Name: "eth1", Index: 3}}
}

// away is a node to which no address belongs.
type away struct{}

func (away) AddrType(netip.Addr) string           { return "unicast" }
func (away) Towards(netip.Addr) (plan.Link, bool) { return plan.Link{}, false }

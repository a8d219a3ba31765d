package probes_test

import (
	"regexp"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// What is seen of a packet that is translated, of a connection that is refused, and
// of packets that end on their way; after it no socket remains.
func TestFollow(t *testing.T) {
	t.Parallel()
	const translated = "del route blue default\nnat 10.0.1.0/24 on r1\n"
	for _, test := range []struct{ name, script, want string }{
		{"NAT", routedLab + translated + "follow ping red -> blue\nexpect exec r1 wc -l /proc/net/packet prints \"1 /proc/net/packet\"\n", `it works: 10.0.2.2 answers in # ms
 # ms  red   out by veth-red   10.0.1.1 -> 10.0.2.2  echo request  (route default via 10.0.1.2 dev veth-red)
 # ms  r1    in by veth-r1     10.0.1.1 -> 10.0.2.2  echo request
 # ms  r1    out by out        10.0.2.1 -> 10.0.2.2  echo request  (route 10.0.2.0/24 dev out, source 10.0.1.1 becomes 10.0.2.1 (nat 10.0.1.0/24))
 # ms  blue  in by veth-blue   10.0.2.1 -> 10.0.2.2  echo request
 # ms  blue  out by veth-blue  10.0.2.2 -> 10.0.2.1  echo reply  (route 10.0.2.0/24 dev veth-blue)
 # ms  r1    in by out         10.0.2.2 -> 10.0.2.1  echo reply
 # ms  r1    out by veth-r1    10.0.2.2 -> 10.0.1.1  echo reply  (route 10.0.1.0/24 dev veth-r1, destination 10.0.2.1 becomes 10.0.1.1 (nat 10.0.1.0/24))
 # ms  red   in by veth-red    10.0.2.2 -> 10.0.1.1  echo reply
ok  expect exec r1 wc -l /proc/net/packet prints "1 /proc/net/packet"  (ended with exit code 0)
`},
		{"a reset", routedLab + "follow tcp red -> blue:81\n", `it does not work: 10.0.2.2 refuses tcp port 81: Connection refused
 # ms  red   out by veth-red   10.0.1.1:# -> 10.0.2.2:81  SYN  (route default via 10.0.1.2 dev veth-red)
 # ms  r1    in by veth-r1     10.0.1.1:# -> 10.0.2.2:81  SYN
 # ms  r1    out by out        10.0.1.1:# -> 10.0.2.2:81  SYN  (route 10.0.2.0/24 dev out)
 # ms  blue  in by veth-blue   10.0.1.1:# -> 10.0.2.2:81  SYN
 # ms  blue  out by veth-blue  10.0.2.2:81 -> 10.0.1.1:#  RST  (route default via 10.0.2.1 dev veth-blue)
 # ms  r1    in by out         10.0.2.2:81 -> 10.0.1.1:#  RST
 # ms  r1    out by veth-r1    10.0.2.2:81 -> 10.0.1.1:#  RST  (route 10.0.1.0/24 dev veth-r1)
 # ms  red   in by veth-red    10.0.2.2:81 -> 10.0.1.1:#  RST
    no process listens on blue:81
    start a server: serve tcp blue:81
`},
		{"a rule", routedLab + "block red -> blue on r1\nfollow ping red -> blue\n", `it does not work: no reply from 10.0.2.2
 # ms  red  out by veth-red  10.0.1.1 -> 10.0.2.2  echo request  (route default via 10.0.1.2 dev veth-red)
 # ms  r1   in by veth-r1    10.0.1.1 -> 10.0.2.2  echo request
    r1 drops the packet: block red -> blue on r1
    take the rule away: del block red -> blue on r1
    the packet reached r1 by veth-r1, and was not seen again
`},
		{"an ICMP error", routedLab + "reject red -> blue on r1\nfollow ping red -> blue\n", `it does not work: Packet filtered, says 10.0.1.2
 # ms  red  out by veth-red  10.0.1.1 -> 10.0.2.2  echo request  (route default via 10.0.1.2 dev veth-red)
 # ms  r1   in by veth-r1    10.0.1.1 -> 10.0.2.2  echo request
 # ms  r1   out by veth-r1   10.0.1.2 -> 10.0.1.1  Packet filtered  (route 10.0.1.0/24 dev veth-r1)
 # ms  red  in by veth-red   10.0.1.2 -> 10.0.1.1  Packet filtered
    r1 rejects the packet: reject red -> blue on r1
    take the rule away: del reject red -> blue on r1
`},
		{"IPv6", "auto ipv6\nns red blue\nlink red <-> blue\nfollow ping red -> blue\n", `it works: fd00:15::2 answers in # ms
 # ms  red   out by veth-red   fd00:15::1 -> fd00:15::2  echo request  (route fd00:15::/64 dev veth-red)
 # ms  blue  in by veth-blue   fd00:15::1 -> fd00:15::2  echo request
 # ms  blue  out by veth-blue  fd00:15::2 -> fd00:15::1  echo reply  (route fd00:15::/64 dev veth-blue)
 # ms  red   in by veth-red    fd00:15::2 -> fd00:15::1  echo reply
`},
		{"nothing leaves", "ns red blue\nlink red <-> blue 10.0.0.0/24\nfollow ping red -> 10.0.0.9\n", `it does not work: no reply from 10.0.0.9
    red asks for 10.0.0.9 on red:veth-red, but no interface of the lab has that address
    compare the addresses: show addrs
    the packet never left red
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			labtest.NeedPrograms(t, "wc")
			out, _, failed, err := labs.Run(t, test.script)
			got := regexp.MustCompile(` +\d+\.\d+ ms`).ReplaceAllString(out, " # ms")
			got = regexp.MustCompile(`:\d{5}\b`).ReplaceAllString(got, ":#")
			if err != nil || failed > 0 || got != test.want {
				t.Errorf("%v\n%s\ngot:\n%swant:\n%s", err, test.script, got, test.want)
			}
		})
	}
}

// A ping for whose silence no reason is found is watched: the message says how far it got, and
// what the node counts that it reached last.
func TestWhatTheKernelCountsIsSaid(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"sysctl blue net.ipv4.ipfrag_low_thresh=0\nsysctl blue net.ipv4.ipfrag_high_thresh=0\nexpect ping red -> blue size 4000 within 200ms\n": "the packet reached blue by veth-blue, and was not seen again; " +
			"meanwhile blue counted it as dropped: Ip ReasmFails (fragments that did not make a packet)",
		"sysctl red net.ipv4.ipfrag_low_thresh=0\nsysctl red net.ipv4.ipfrag_high_thresh=0\nexpect ping red -> blue size 4000 within 200ms\n": "the answer reached red, " +
			"which counted it as dropped: Ip ReasmFails (fragments that did not make a packet)",
	} {
		out, _, failed, err := labs.Run(t, routedLab+script)
		if err != nil || failed != 1 || !strings.Contains(out, "\n    "+want+"\n") {
			t.Errorf("%v; not said: %s\n%s", err, want, out)
		}
	}
}

// A rule is named by the statement that made it, on the way there and back.
func TestDroppedBy(t *testing.T) {
	t.Parallel()
	labs.Hold(t, routedLab+`serve http blue:80
block red -> blue icmp on r1
expect follow ping red -> blue dropped by "block red -> blue icmp on r1"
expect not follow ping red -> blue dropped by "block red -> blue on r1"
expect not follow ping red -> blue
expect follow tcp red -> blue:80
expect not follow tcp red -> blue:80 dropped by "block red -> blue icmp on r1"
reject blue -> red established
expect follow tcp red -> blue:80 dropped by "reject blue -> red established"
`)
}

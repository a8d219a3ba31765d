package stdlib_test

import (
	"strings"
	"testing"
)

// dig is the command that asks a name server, twice at most.
const dig = "dig +time=2 +tries=2 "

// Names are found by a program that many trust: over UDP and TCP, IPv4 and IPv6,
// forwards and backwards, own ones and those of another server.
func TestDNSWithDig(t *testing.T) {
	t.Parallel()
	needPrograms(t, "dig")
	mustHold(t, `auto dual
ns red blue r1
bridge r1:br0 <red blue>
addr r1:br0 fd00:15::53/64
link host <-> r1
internet { news.example 192.0.2.80 2001:db8:9::80 }
nat 192.168.15.0/24 on r1
nat 192.168.16.0/24
name blue shop
dns r1 forward 8.8.8.8 {
  www 192.168.15.2 fd00:15::2
  intranet cname www
  lab mx 5 post
  lab txt "hello there" "and \"you\" \\ too"
  zone corp.example
}
expect exec red `+dig+`+short blue.lab prints "192.168.15.2"
expect exec red `+dig+`+short blue.lab AAAA prints "fd00:15::2"
expect exec red `+dig+`+short +tcp www.lab prints "192.168.15.2"
expect exec red `+dig+`+short @fd00:15::53 www.lab AAAA prints "fd00:15::2"
expect exec red `+dig+`intranet.lab prints "CNAME" matches "www.lab.\\s+60\\s+IN\\s+A\\s+192.168.15.2" matches "flags: qr aa rd ra"
expect exec red `+dig+`+short +search shop prints "192.168.15.2"
expect exec red `+dig+`+short lab MX prints "5 post.lab."
expect exec red `+dig+`+short lab TXT prints "\"hello there\" \"and \\\"you\\\" \\\\ too\""
expect exec red `+dig+`+short -x 192.168.15.2 prints "blue.lab."
expect exec red `+dig+`+short -x fd00:15::2 prints "blue.lab."
expect exec red `+dig+`none.lab prints "status: NXDOMAIN" prints "SOA"
expect exec red `+dig+`none.corp.example prints "status: NXDOMAIN"
expect exec red `+dig+`blue.lab CAA prints "status: NOERROR" prints "ANSWER: 0"
expect exec red `+dig+`news.example prints "192.0.2.80" matches "flags: qr rd ra"
expect exec red `+dig+`+short news.example AAAA prints "2001:db8:9::80"
expect exec red `+dig+`no.such.example prints "status: NXDOMAIN"
expect exec red `+dig+`+short @8.8.8.8 dns.google prints "8.8.8.8"
expect exec red `+dig+`+short @1.1.1.1 news.example prints "192.0.2.80"
expect exec host `+dig+`+short @2606:4700:4700::1111 one.one.one.one AAAA prints "2606:4700:4700::1111"
expect exec red getent hosts blue.lab prints "blue.lab"
`)
}

// A stock client and a stock server take nsl's own for one of theirs.
func TestDHCPWithOthers(t *testing.T) {
	t.Parallel()
	needPrograms(t, "udhcpc", "dnsmasq")
	mustHold(t, `ns red blue r1
bridge r1:br0 <red blue> noaddr
addr r1:br0 10.0.0.254/24
dns r1
dhcp serve r1:br0 10.0.0.100..110
up red
expect exec red udhcpc -f -n -q -t 3 -T 1 -s /bin/true -i veth-red prints "lease of 10.0.0.100 obtained from 10.0.0.254"
expect exec red udhcpc -f -n -q -t 3 -T 1 -s /bin/true -i veth-red -r 10.0.0.105 prints "lease of 10.0.0.100 obtained"
dhcp blue
expect addr blue 10.0.0.101/24
`)
	mustHold(t, `ns red r1
link red:eth0 <-> r1:eth0 noaddr
addr r1:eth0 10.0.0.1/24
spawn r1 dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --leasefile-ro --pid-file= --interface=eth0 --bind-interfaces --dhcp-authoritative '--dhcp-range=10.0.0.50,10.0.0.60,1h' --domain=office.example --address=/printer.office.example/10.0.0.9 until listen udp :67
dhcp red
expect exec red ip -4 addr show eth0 matches "10.0.0.(5[0-9]|60)/24"
expect route red -> 192.0.2.1 via 10.0.0.1
expect dns red -> printer is 10.0.0.9
`)
}

// What a lease brought is gone when the test ends that asked for it, and the
// server lends the address again.
func TestLeaseIsGivenBack(t *testing.T) {
	t.Parallel()
	mustHold(t, `ns red blue r1
bridge r1:br0 <red blue> 10.0.0.0/24
dns r1
dhcp serve r1:br0 10.0.0.100..10.0.0.100
resolver red -> 10.0.0.2
test "red has it" {
  dhcp red
  expect addr red 10.0.0.100/24
  expect not addr red 10.0.0.1
  expect dns red -> blue.lab
  expect route red -> 192.0.2.1 via 10.0.0.254
}
expect addr red 10.0.0.1/24
expect not addr red 10.0.0.100
expect not route red -> 192.0.2.1
expect exec red cat /etc/resolv.conf prints "nameserver 10.0.0.2"
dhcp blue
expect addr blue 10.0.0.100/24
`)
}

// toldOf is what a run says of a lab in which something fails.
func toldOf(t *testing.T, script string) string {
	t.Helper()
	out, _, _, err := runLab(t, script)
	if err != nil {
		out += "stopped: " + err.Error()
	}
	return out
}

// Each way for a name not to be found is told apart, with what mends it.
func TestWhyNoName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"nobody to ask", "ns red blue\nlink red <-> blue\nexpect dns red -> bleu\n",
			"red has no name server, and its /etc/hosts does not have bleu|did you mean blue? start one beside it: dns NODE, or name one: resolver red -> SERVER"},
		{"there is none", "ns red blue\nlink red <-> blue\ndns blue\nexpect dns red -> green.lab\n",
			"192.168.15.2 says that there is none|give blue a record of it: dns blue { green.lab ADDRESS }"},
		{"nobody listens", "ns red blue\nlink red <-> blue\nresolver red -> blue\nexpect dns red -> green.lab within 300ms\n",
			"nobody in blue listens on port 53|start a name server there: dns blue; or name another: resolver red -> SERVER"},
		{"no way there", "ns red blue\nlink red <-> blue\nresolver red -> 10.9.9.9\nexpect dns red -> green.lab within 300ms\n",
			"red has no route to 10.9.9.9|add one: route red default via GATEWAY"},
		{"a cable is down", "ns red blue\nlink red <-> blue\ndns blue\ndown blue\nexpect dns red -> green.lab within 300ms\n",
			"the other end of the cable at red:veth-red is down|set it up: up blue:veth-blue"},
		{"it does not answer such questions", "ns red blue\nlink red <-> blue\ndns blue\nexpect dns red -> www.example.com\n",
			"192.168.15.2 answers for its own names only|let it ask others: dns blue forward 8.8.8.8"},
		{"the one that it asks does not answer", "ns red blue\nlink red <-> blue\ndns blue forward 10.9.9.9\nexpect dns red -> www.example.com\n",
			"blue asks 10.9.9.9, in vain: blue has no route to 10.9.9.9|add one: route blue default via GATEWAY"},
		{"another address", "ns red blue\nlink red <-> blue\nexpect dns red -> blue is 10.0.0.9\n",
			"it is 192.168.15.2, says /etc/hosts|/etc/hosts comes before every name server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := toldOf(t, test.script)
			for _, want := range strings.Split(test.want, "|") {
				if !strings.Contains(out, want) {
					t.Errorf("%s\n%s\nwant %s", test.script, out, want)
				}
			}
		})
	}
}

// A client whose server cannot hear it, or has none any more, says so in time,
// and nothing of the statement is left.
func TestNoLease(t *testing.T) {
	t.Parallel()
	out := toldOf(t, `ns red blue r1
bridge r1:br0 <red blue> noaddr
addr r1:br0 10.0.0.254/24
dhcp serve r1:br0
down r1:veth-red-br
dhcp red
`)
	for _, want := range []string{
		"DHCP client of red:veth-red: no DHCP server lent it an address [NSL134]",
		"is everything between the two up, and does the server still run? show topology, show services",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nwant %s", out, want)
		}
	}
}

// Without nat the way back is missing, and that is what is said.
func TestWhyTheOutsideDoesNotAnswer(t *testing.T) {
	t.Parallel()
	const lab = `ns red
bridge v-net-0 <red> 192.168.15.0/24
internet
`
	for script, want := range map[string]string{
		"expect ping red -> 8.8.8.8": "red has no route to 8.8.8.8|add one: route red default via 192.168.15.254",
		"forward host\nroute red default via 192.168.15.254\nexpect ping red -> 8.8.8.8": "internet gets the request but has no way back to 192.168.15.1|private addresses are unknown outside; hide them behind the host's: nat 192.168.15.0/24",
	} {
		out := toldOf(t, lab+script+"\n")
		for _, text := range strings.Split(want, "|") {
			if !strings.Contains(out, text) {
				t.Errorf("%s\n%s\nwant %s", script, out, text)
			}
		}
	}
}

// The outside answers where the real one would, in both families, and is a
// client of what the lab publishes.
func TestInternet(t *testing.T) {
	t.Parallel()
	mustHold(t, `auto dual
ns red
bridge v-net-0 <red>
internet as outside { shop.example }
expect ping host -> <8.8.8.8 1.1.1.1 2001:4860:4860::8888 2606:4700:4700::1111>
expect not ping red -> 8.8.8.8
nat 192.168.15.0/24
nat fd00:15::/64
expect ping red -> <8.8.8.8 1.1.1.1 2001:4860:4860::8888 2606:4700:4700::1111>
expect dns red -> shop.example is 198.51.100.1
expect http red -> http://shop.example/ status 200
expect http red -> http://[2606:4700:4700::1111]/ body contains "outside"
serve http red:80
expect not http outside -> http://host:8080/
publish 8080 -> red:80
expect http outside -> http://203.0.113.2:8080/ body contains "Hello from red"
expect http outside -> http://[2001:db8:113::2]:8080/ body contains "Hello from red"
ns late
link late <-> host
nat 192.168.16.0/24
expect dns late -> shop.example
`)
	mustHold(t, "internet <>\nexpect ping host -> 8.8.8.8\nexpect not listen internet:53 udp\nexpect not listen internet:80\n")
	mustHold(t, "internet <web>\nexpect not listen internet:53 udp\nexpect listen internet:80\n")
}

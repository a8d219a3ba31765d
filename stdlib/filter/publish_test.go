package filter_test

import (
	"regexp"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// get is the command that asks for a page; it exits with 7 when it is refused
// and with 28 when there is no answer.
const get = "curl -sS --max-time 1 --noproxy * "

// published has a web server in blue on the inner network of the host, and lan on the other side,
// which has no route to blue.
const published = `auto dual
ns red blue lan
bridge v-net-0 <red blue>
link host <-> lan
serve http blue:80 body "blue says hello"
`

// A published port answers from outside, from the publishing node, and from
// inside, in both families.
func TestPublish(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "curl", "nft")
	out := labs.Hold(t, published+`
expect exec lan `+get+`http://192.168.16.1:8080/ exits 7
publish 8080 -> blue:80
expect exec lan `+get+`http://192.168.16.1:8080/ prints "hello"
expect exec lan `+get+`http://[fd00:16::1]:8080/ prints "hello"
expect exec host `+get+`http://192.168.16.1:8080/ prints "hello"
expect exec host `+get+`http://192.168.15.254:8080/ prints "hello"
expect exec host `+get+`http://127.0.0.1:8080/ prints "hello"
expect exec host `+get+`http://[fd00:16::1]:8080/ prints "hello"
expect exec host `+get+`http://[::1]:8080/ exits 7
expect exec red `+get+`http://192.168.15.254:8080/ prints "hello"
expect exec red `+get+`http://[fd00:15::ffff]:8080/ prints "hello"
expect exec blue `+get+`http://192.168.16.1:8080/ prints "hello"
expect exec blue `+get+`http://[fd00:16::1]:8080/ prints "hello"
expect exec red `+get+`http://192.168.15.2:80/ prints "hello"
expect exec red `+get+`http://192.168.15.254:80/ exits 7
show nat
del publish 8080
expect exec lan `+get+`http://192.168.16.1:8080/ exits 7
expect exec host nft list ruleset matches '^$'
`)
	// Four came in: from lan, red and blue twice; three went out from the host.
	for _, want := range []string{
		`(?m)^host  prerouting +3 +\d+ +fib daddr type local meta nfproto ipv4 tcp dport 8080 dnat ip to 192.168.15.2:80 comment "publish 8080 -> blue:80"$`,
		`(?m)^host  prerouting +3 +\d+ +fib daddr type local meta nfproto ipv6`,
		`(?m)^host  output +3 +\d+ +fib daddr type local meta nfproto ipv4`,
		`(?m)^host  postrouting +2 +\d+ +ip saddr 192.168.15.0/24 ip daddr 192.168.15.2 tcp dport 80 ct status dnat masquerade`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("show nat does not tell %s:\n%s", want, out)
		}
	}
}

// Only the address and the node that are named publish, and a test block takes
// it back.
func TestPublishOneAddress(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "curl", "nft")
	labs.Hold(t, `ns pc r1 web out
link pc 10.0.1.2/24 <-> r1 10.0.1.1/24
link web 10.0.2.2/24 <-> r1 10.0.2.1/24
link out 10.0.3.2/24 <-> r1 10.0.3.1/24
route pc default via 10.0.1.1
serve http web:8000 body "this is web"
test "published for a while" {
  publish 10.0.3.1:80 -> 10.0.2.2:8000 on r1
  expect exec out `+get+`http://10.0.3.1/ prints "this is web"
  expect exec pc `+get+`http://10.0.3.1/ prints "this is web"
  expect exec r1 `+get+`http://10.0.3.1/ prints "this is web"
  expect exec pc `+get+`http://10.0.1.1/ exits 7
  expect exec web `+get+`http://10.0.3.1/ prints "this is web"
}
expect exec out `+get+`http://10.0.3.1/ exits 7
expect exec r1 nft list ruleset matches '^$'
expect not route web -> default
expect sysctl r1 net.ipv4.ip_forward=0
`)
}

// What nat lets out is counted, and deleting it leaves no rule.
func TestNATCountsAndGoes(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nft")
	out := labs.Hold(t, `ns red lan
bridge v-net-0 <red> 192.168.15.0/24
link host <-> lan 192.168.1.0/24
nat 192.168.15.0/24 out veth-host
expect ping red -> lan
show nat
del nat 192.168.15.0/24
expect not ping red -> lan
expect exec host nft list ruleset matches '^$'
`)
	if !regexp.MustCompile(`(?m)^host  postrouting +1 +84 +oifname "veth-host" ip saddr`).MatchString(out) {
		t.Errorf("one connection of 84 bytes was not counted:\n%s", out)
	}
}

// UDP is published as TCP is, and beside it.
func TestPublishUDP(t *testing.T) {
	t.Parallel()
	labs.Hold(t, published+`
serve udp blue:7
publish 53 -> blue:7 udp
publish 53 -> blue:80
expect udp lan -> <192.168.16.1:53 [fd00:16::1]:53>
expect udp <red blue host> -> host:53
expect http <lan red blue host> -> http://host:53/
del publish 53 udp
expect not udp lan -> 192.168.16.1:53
expect http lan -> http://host:53/
`)
}

// Ranges and lists of ports keep their ports, in both families, and a range may lead to one
// port.
func TestPublishPorts(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nft")
	out := labs.Hold(t, published+`
serve tcp <blue:8000 blue:8010 blue:8011>
publish <8000-8010 80> -> blue
expect tcp <lan host> -> <192.168.16.1:8000 192.168.16.1:8010 [fd00:16::1]:8010 192.168.16.1:80>
expect tcp red -> <192.168.15.254:8000 [fd00:15::ffff]:8010>
expect not tcp lan -> 192.168.16.1:8011
publish 9000-9001 -> blue:80
expect http lan -> <http://192.168.16.1:9000/ http://192.168.16.1:9001/>
show nat
expect exec host nft list ruleset matches 'tcp dport 8000-8010 .*dnat ip to 192.168.15.2 comment'
test "an end" {
  del publish <8000-8010 80>
  expect not tcp lan -> <192.168.16.1:8000 192.168.16.1:80>
}
expect tcp lan -> 192.168.16.1:8000
del publish 8000-8010
del publish 80
del publish 9000-9001
expect exec host nft list ruleset matches '^$'
`)
	want := `(?m)^host  prerouting .* meta nfproto ipv4 tcp dport 8000-8010 dnat ip to 192.168.15.2 comment "publish 8000-8010 -> blue"$`
	if !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("show nat does not have %s:\n%s", want, out)
	}
}

// Several ports of one target give it one default route.
func TestPublishOneWayBack(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns red lan
link host <-> red 10.0.0.0/24
link host <-> lan 192.168.1.0/24
serve tcp <red:80 red:81>
publish 80 -> <red:80 red:81>
expect tcp lan -> 192.168.1.1:80
`)
}

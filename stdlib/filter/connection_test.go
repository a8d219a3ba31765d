package filter_test

import (
	"regexp"
	"testing"

	"nsl/runtime/labtest/labs"
)

// Connections have the ends before and after NAT, in both families and for each protocol; a
// table that is flushed is empty.
func TestConnections(t *testing.T) {
	t.Parallel()
	out := labs.Hold(t, `auto dual
ns pc r1 web
link pc 10.0.0.2/24 fd00:a::2/64 <-> r1 10.0.0.1/24 fd00:a::1/64
link r1:out 203.0.113.1/24 2001:db8::1/64 <-> web 203.0.113.9/24 2001:db8::9/64
serve tcp <web:80 pc:22>
serve udp web:53
expect not connection pc -> web on r1
nat 10.0.0.0/24 on r1
nat fd00:a::/64 on r1
publish 2222 -> pc:22 on r1
expect ping pc -> <web 2001:db8::9>
expect tcp pc -> web:80
expect udp pc -> [2001:db8::9]:53
expect tcp web -> r1:2222
expect tcp pc -> 203.0.113.1:2222
expect connection pc -> web icmp as 203.0.113.1 answered on r1
expect connection pc -> 2001:db8::9 icmp as 2001:db8::1 on r1
expect connection pc -> web:80 tcp as r1 to web:80 on r1
expect connection pc -> [2001:db8::9]:53 udp as 2001:db8::1 answered on r1
expect connection 203.0.113.9 -> 203.0.113.1:2222 as web to pc:22 on r1
expect connection pc -> 203.0.113.1:2222 as 10.0.0.1 to pc:22 on r1
expect not connection pc -> web:80 unanswered on r1
expect not connection pc -> web:80-81 udp on r1
expect not connection pc -> web:81 on r1
expect not connection web -> pc on r1
expect not connection pc -> web as pc on r1
expect not connection -> web on host
show connections r1
flush connections r1
expect not connection -> web on r1
expect not connection web -> r1:2222 on r1
`)
	for _, want := range []string{
		`(?m)^r1    tcp        \S+ +10\.0\.0\.2:\d+ +203\.0\.113\.9:80 +from 203\.0\.113\.1:\d+$`,
		`(?m)^r1    tcp        \S+ +10\.0\.0\.2:\d+ +203\.0\.113\.1:2222 +from 10\.0\.0\.1:\d+ to 10\.0\.0\.2:22$`,
		`(?m)^r1    ipv6-icmp  answered +fd00:a::2 +2001:db8::9 +from 2001:db8::1$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("show connections does not have %s:\n%s", want, out)
		}
	}
}

// Packets of a connection that is remembered are translated as before, until it is flushed.
func TestFlushedConnectionsAreDecidedAgain(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns pc r1 web
link pc <-> r1 10.0.0.0/24
link r1 203.0.113.1/24 <-> web 203.0.113.9/24
nat 10.0.0.0/24 on r1
expect ping pc -> web
expect connection pc -> web as 203.0.113.1 on r1
del nat 10.0.0.0/24 on r1
expect connection pc -> web as 203.0.113.1 on r1
conntrack -L
ip netns exec r1 conntrack -F
expect not connection pc -> web on r1
`)
}

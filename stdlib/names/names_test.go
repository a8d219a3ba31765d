package names_test

import (
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// dig is the command that asks a name server, twice at most.
const dig = "dig +time=2 +tries=2 "

// Names are found by a program that many trust: over UDP and TCP, IPv4 and IPv6,
// forwards and backwards, own ones and those of another server.
func TestDNSWithDig(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "dig")
	labs.Hold(t, `auto dual
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

// The outside answers where the real one would, in both families, and is a
// client of what the lab publishes.
func TestInternet(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto dual
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
	labs.Hold(t, "internet <>\nexpect ping host -> 8.8.8.8\nexpect not listen internet:53 udp\nexpect not listen internet:80\n")
	labs.Hold(t, "internet <web>\nexpect not listen internet:53 udp\nexpect listen internet:80\n")
}

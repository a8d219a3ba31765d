package filter_test

import (
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// What is forwarded and what the router sends itself is marked, by address, protocol and
// port, of both families; the later statement wins.
func TestMark(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nft")
	labs.Hold(t, `ns pc r1 isp1 isp2 web
link pc 10.0.0.1/24 fd00:a::1/64 <-> r1:in 10.0.0.2/24 fd00:a::2/64
link r1:out1 10.0.1.1/24 fd00:b::1/64 <-> isp1 10.0.1.2/24 fd00:b::2/64
link r1:out2 10.0.2.1/24 fd00:c::1/64 <-> isp2 10.0.2.2/24 fd00:c::2/64
link isp2 10.0.3.1/24 fd00:d::1/64 <-> web 10.0.3.2/24 fd00:d::2/64
forward <r1 isp1 isp2>
route pc default via 10.0.0.2
route pc default via fd00:a::2
route r1 default via 10.0.1.2
route r1 default via fd00:b::2
route r1 default via 10.0.2.2 table 100
route r1 default via fd00:c::2 table 100
route isp1 10.0.0.0/24 via 10.0.1.1
route isp1 fd00:a::/64 via fd00:b::1
route isp2 10.0.0.0/23 via 10.0.2.1
route isp2 fd00:a::/64 via fd00:c::1
route isp2 fd00:b::/64 via fd00:c::1
route web default via 10.0.3.1
route web default via fd00:d::1
rule r1 fwmark 7 table 100
serve tcp <web:80 web:90>
expect route r1 -> 10.0.3.2 via 10.0.1.2
expect route r1 -> 10.0.3.2 mark 7 via 10.0.2.2
expect not tcp <pc r1> -> <10.0.3.2:80 [fd00:d::2]:80>
mark 7 -> web tcp 80-85 on r1
expect tcp <pc r1> -> <10.0.3.2:80 [fd00:d::2]:80>
expect not tcp <pc r1> -> <10.0.3.2:90 [fd00:d::2]:90>
expect exec r1 nft list table inet nsl matches 'type route hook output priority mangle'
expect exec r1 nft list table inet nsl matches 'tcp dport 80-85 counter .* meta mark set 0x00000007 comment'
mark 8 pc -> tcp 80 on r1
expect not tcp pc -> 10.0.3.2:80
expect tcp r1 -> 10.0.3.2:80
test "gone for a while" {
  del mark 7 -> web tcp 80-85 on r1
  expect not tcp r1 -> 10.0.3.2:80
}
expect tcp r1 -> 10.0.3.2:80
del mark 8 pc -> tcp 80 on r1
expect tcp pc -> 10.0.3.2:80
del mark 7 -> web tcp 80-85 on r1
expect exec r1 nft list ruleset matches '^$'
`)
}

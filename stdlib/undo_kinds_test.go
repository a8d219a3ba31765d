package stdlib_test

import (
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// undoKindLabs are about kinds of interface that many kernels lack, by module.
func undoKindLabs() map[string]string {
	return map[string]string{
		"8021q": `auto off
ns red blue green
link red:eth0 <-> blue:eth0
vlan red:eth0.10 on red:eth0 id 10 10.0.10.1/24 fd00:10::1/64
vlan blue:v10 on blue:eth0 id 10 10.0.10.2/24 fd00:10::2/64
vlan red:in on red:eth0.10 id 20 10.0.20.1/24
vlan blue:in on blue:v10 id 20 10.0.20.2/24
route red 10.7.0.0/16 via 10.0.10.2
route red fd07::/64 via fd00:10::2
vlan red:s10 on red:eth0 id 10 protocol 802.1ad 10.0.30.1/24
vlan blue:s10 on blue:eth0 id 10 protocol 802.1ad 10.0.30.2/24
vlan red:c10 on red:s10 id 10 10.0.40.1/24
vlan blue:c10 on blue:s10 id 10 10.0.40.2/24
expect ping red -> <10.0.10.2 fd00:10::2 10.0.20.2 10.0.30.2 10.0.40.2>
mac red:eth0 02:00:00:00:00:77
expect ping red -> 10.0.20.2
mtu red:eth0 1300
expect link red:in mtu 1300
down red:eth0
expect link red:in down
expect not route red -> 10.7.0.1 via 10.0.10.2
up red:eth0
expect link red:in up
expect ping red -> 10.0.20.2
move red:eth0.10 -> green
expect not ping red -> 10.0.10.2
addr green 10.0.10.1/24
up green
expect ping green -> 10.0.10.2
move red:eth0 -> green
expect link green:eth0.10 down
up green:eth0
expect ping green -> 10.0.10.2
delete green:eth0
expect not link green:eth0.10
expect not link red:in
`,
		"netem": `ns red blue green
link red <-> blue delay 20ms jitter 1ms
expect not ping red -> blue rtt < 38ms
shape red:veth-red loss 100%
expect not ping red -> blue
shape red:veth-red delay 100ms rate 10mbit
expect ping red -> blue
expect not ping red -> blue rtt < 115ms
shape red:veth-red off
down red:veth-red
up red:veth-red
mtu red:veth-red 1400
move blue:veth-blue -> green
expect not ping red -> blue
addr green 192.168.15.2/24
up green
expect ping red -> green
delete green
`,
		"ipvlan": `auto off
ns lan c1 c2
link host:eth0 <-> lan:eth0
addr lan 192.168.15.1/24
ipvlan c1:eth0 on eth0 192.168.15.11/24 fd00:15::11/64
ipvlan c2:iv0 on eth0 192.168.15.12/24 mtu 1400
route c2 default via 192.168.15.1
expect ping <c1 c2> -> lan
expect ping c1 -> 192.168.15.12
down c1:eth0
up c1:eth0
addr c1 fd00:15::11/64
mac eth0 02:00:00:00:00:78
expect ping c1 -> lan
mtu eth0 9000
expect link c2:iv0 mtu 1400
mtu eth0 1300
expect link c2:iv0 mtu 1300
mtu c2:iv0 1290
mtu eth0 1350
expect link c2:iv0 mtu 1290
expect link c1:eth0 mtu 1300
ipvlan c2:iv1 on c1:eth0 192.168.15.13/24
move c2:iv1 -> c1
rename eth0 -> card
delete card
expect not link c1:iv1
`,
		"dummy": `auto off
ns red
bridge br0 <red>
dummy red:id 10.255.0.1/32 fd00:255::1/128 mtu 9000
down red:id
up red:id
mac red:id 02:00:00:00:00:79
mtu red:id 65535
rename red:id -> loop1
dummy d0
attach d0 -> br0
mtu d0 1400
expect link br0 mtu 1400
move d0 -> red
vxlan red:vx0 id 7 remote 10.255.0.1 dev loop1
macvlan red:m0 on red:loop1 10.6.0.1/24
delete red:loop1
expect not link red:m0
`,
		"ip_gre": `auto off
ns red blue green
link red:eth0 10.0.0.1/24 <-> blue:eth0 10.0.0.2/24
gre red:gre1 10.9.0.1/30 fd00:9::1/64 <-> blue:gre1 10.9.0.2/30 fd00:9::2/64 key 7
gre red:gre2 10.9.1.1/30 remote blue ttl 9
gre blue:gre2 10.9.1.2/30 remote red
route red 10.7.0.0/16 dev gre1
route red fd07::/64 via fd00:9::2
expect link red:gre1 mtu 1472
expect ping red -> <10.9.0.2 fd00:9::2 10.9.1.2>
mtu red:gre1 1300
expect ping red -> 10.9.0.2
down red:gre1
expect not ping red -> 10.9.0.2
up red:gre1
move red:gre2 -> green
addr green 10.9.1.1/30
up green
expect ping green -> 10.9.1.2
rename green:gre2 -> tun
mtu red:eth0 1400
delete blue:gre1
expect not ping red -> 10.9.0.2
delete red
expect not link green:tun within 5s
`,
		"ipip": `ns red blue
link red:eth0 <-> blue:eth0 10.0.0.0/24
ipip red:tun1 10.9.0.1/30 <-> blue:tun1 10.9.0.2/30
ipip red:tun2 remote 10.0.0.7 ttl 3 mtu 1000
expect ping red -> 10.9.0.2
delete red:tun1
expect not ping blue -> 10.9.0.1
move red:tun2 -> blue
delete blue:tun2
`,
		"sit": `ns red blue
link red:eth0 <-> blue:eth0 10.0.0.0/24
sit red:six fd00:9::1/64 <-> blue:six fd00:9::2/64
route red fd07::/64 via fd00:9::2
expect ping red -> fd00:9::2
mtu red:six 1280
down red:six
up red:six
addr red:six fd00:9::1/64
expect ping red -> fd00:9::2
delete red:six
`,
		"geneve": `auto dual
ns red blue green
link red:eth0 <-> blue:eth0
bridge green:sw
geneve red:gnv0 192.168.50.1/24 fd00:50::1/64 <-> blue:gnv0 192.168.50.2/24 fd00:50::2/64 id 42
geneve red:gnv1 id 43 remote fd00:15::2 mac 02:00:00:00:00:09
expect link red:gnv0 mtu 1450
expect link red:gnv1 mtu 1430
expect ping red -> <192.168.50.2 fd00:50::2>
mac red:gnv0 02:00:00:00:00:07
mtu red:gnv0 1400
move red:gnv1 -> green
attach green:gnv1 -> green:sw
delete green:gnv1
expect ping red -> 192.168.50.2
delete red:gnv0
`,
		"wireguard": `auto off
ns red blue green
link red:eth0 10.0.0.1/24 <-> blue:eth0 10.0.0.2/24
wireguard red:wg0 10.9.0.1/24 fd00:9::1/64 <-> blue:wg0 10.9.0.2/24 fd00:9::2/64
wireguard red:wg1 10.9.1.1/24 port 4500
wireguard blue:wg1 10.9.1.2/24 mtu 1300
wireguard blue:wg1 peer red:wg1 keepalive 1
wireguard red:wg1 peer blue:wg1 endpoint none
expect link red:wg0 mtu 1420
expect ping red -> <10.9.0.2 fd00:9::2 10.9.1.2> within 5s
route red 10.7.0.0/16 dev wg0
wireguard red:wg0 peer blue:wg0 remove
expect not ping red -> 10.9.0.2
wireguard red:wg0 <-> blue:wg0
expect ping red -> 10.9.0.2 within 5s
mtu red:wg0 1300
down red:wg0
expect not ping red -> 10.9.0.2
up red:wg0
expect ping red -> 10.9.0.2 within 5s
rename red:wg0 -> tun
wireguard green:wg0 10.9.0.3/24
wireguard red:tun peer green:wg0 endpoint 10.0.0.9 allowed-ips <10.9.0.3/32 10.6.0.0/16>
expect ping red -> 10.9.0.2 within 5s
move red:wg1 -> green
delete red:tun
delete red:eth0
delete red
`,
		"vrf": `auto off
ns r a1 a2 b1
link r:a1 10.1.0.254/24 <-> a1:eth0 10.1.0.1/24
link r:a2 10.2.0.254/24 <-> a2:eth0 10.2.0.1/24
link r:b1 <-> b1:eth0
addr b1 10.1.0.1/24
addr r:a1 fd01::254/64
addr a1 fd01::1/64
route <a1 b1> default via 10.1.0.254 dev eth0
route a2 default via 10.2.0.254
route r 10.7.0.0/16 via 10.1.0.1
route r fd07::/64 via fd01::1
forward r
expect ping a1 -> a2
vrf r:red <a1 a2> table 10 10.255.0.1/32
expect ping a1 -> a2
expect link r:a1 master red
expect not route r -> 10.7.0.1 via 10.1.0.1
vrf r:blue table 20
attach r:b1 -> r:blue
addr r:b1 10.1.0.254/24
route r default unreachable table 20
expect ping b1 -> 10.1.0.254
expect not ping b1 -> a2
detach r:a2
expect not ping a1 -> 10.2.0.1
attach r:a2 -> r:red
down r:a1
expect not ping a1 -> a2
up r:a1
expect ping a1 -> a2
rename r:red -> crimson
rename r:a2 -> port
mtu r:port 1400
move r:b1 -> a2
delete r:blue
delete r:a1
delete r:crimson
`,
		"bond": `auto off
ns h s c d
link h:eth1 <-> s:p1
link h:eth2 <-> s:p2
link h:eth3 <-> d:eth0
bridge s:br0 <c> noaddr
attach s:p1 -> s:br0
attach s:p2 -> s:br0
addr c 10.0.0.1/24
addr c fd00::1/64
addr h:eth1 10.3.0.1/24
addr h:eth1 fd03::1/64
route h 10.4.0.0/16 via 10.3.0.2
bond h:bond0 <eth1 eth2> mode active-backup 10.0.0.9/24 fd00::9/64
del addr h:eth1 10.3.0.1/24
route h default via 10.0.0.1
expect ping h -> <10.0.0.1 fd00::1>
expect link h:eth1 active master bond0
expect link h:eth2 backup
down h:eth1
expect ping h -> <10.0.0.1 fd00::1>
expect link h:eth2 active within 5s
detach h:eth1
expect link h:eth1 down
attach h:eth1 -> h:bond0
expect link h:eth1 up
mtu h:bond0 1400
expect link h:eth2 mtu 1400
mac h:bond0 02:00:00:00:00:77
expect ping h -> 10.0.0.1
vlan h:v7 on h:bond0 id 7 10.7.0.1/24
vlan c:v7 on c:veth-c id 7 10.7.0.2/24
expect ping h -> 10.7.0.2
bridge d:br0 noaddr
bond d:lag <eth0> mode balance-xor xmit-hash-policy layer3+4
attach d:lag -> d:br0
addr d:br0 10.9.0.1/24
addr h:eth3 10.9.0.2/24
expect ping h -> 10.9.0.1
down h:bond0
up h:bond0
expect ping h -> 10.0.0.1
rename h:bond0 -> lag
rename h:eth2 -> port
expect ping h -> 10.0.0.1
delete h:eth1
move h:port -> c
delete d
delete h:lag
`,
		"vlan-filtering": `ns a b c
bridge br0 <a b> 10.1.0.0/24 vlan-filtering on
expect ping a -> b
detach veth-a-br
attach veth-a-br -> br0
expect ping a -> b
bridge br1 <c vlan 10 c:eth1 trunk 20,30 native 40>
attach veth-a-br -> br0 vlan 10
expect not ping a -> b
attach veth-b-br -> br0 trunk 20 native 10
expect ping a -> b
expect vlan veth-b-br trunk 20 native 10
attach veth-b-br -> br1 vlan 20
detach veth-b-br
attach veth-b-br -> br0 trunk 30
move veth-a-br -> c
delete c:eth1
delete br0
delete br1
`,
	}
}

func TestKindsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	for module, script := range undoKindLabs() {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			r := labs.In(t, undoPart, labs.Job{Script: script})
			labtest.Needs(t, module, r.Out)
			if r.Err != "" || r.Failed > 0 {
				t.Errorf("%s\n%s", r.Err, r.Out)
			}
		})
	}
}

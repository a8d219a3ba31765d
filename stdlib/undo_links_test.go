package stdlib_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// undoLinkLabs are about interfaces: what moving and renaming them, and
// deleting what others stand on, takes away must all come back.
func undoLinkLabs() map[string]string {
	return map[string]string{
		"move": `auto dual
ns red blue green
veth host0 <-> red:veth-red
bridge v-net-0 <green> noaddr
attach host0 -> v-net-0
move host0 -> blue
move blue:host0 -> host
link red:eth0 <-> blue:eth0
addr red:eth0 10.0.0.1/24 10.0.0.2/24 fe80::5/64 fd00:9::1/64
link red:eth1 <-> blue:eth1
addr red:eth0 192.168.15.1/24
addr red:eth1 192.168.16.1/24
route red default via 192.168.15.2
route red 10.5.0.0/16 via 192.168.15.2 via 192.168.16.2
route red 10.6.0.0/16 via 192.168.16.2
route red ::/0 via fd00:9::2
exec red ip route add 10.7.0.0/16 dev eth1 src 10.0.0.2
exec red ip route add 10.8.0.1 dev eth0
exec red ip route add 10.9.0.0/16 via 10.8.0.1
expect route red -> 10.9.0.1 via 10.8.0.1
move red:eth0 -> green
expect not route red -> default
expect not link red:eth0
expect link green:eth0 down
move green:eth0 -> red
expect link red:eth0 down
expect not addr red:eth0 10.0.0.1/24
addr red:eth0 fd00:9::1/64
move red:eth0 -> green
expect not addr green:eth0 fd00:9::1/64
`,
		"options": `ns red blue green
bridge sw <red blue> 10.0.0.0/24 fd00::/64
option <veth-red-br veth-blue-br> isolated on cost 10 guard on
option sw stp on ageing 30s bridge-priority 4096
option sw forward-delay 2s stp off
option sw multicast-snooping off multicast-querier on
option red:veth-red alias "to the switch" promisc on txqueuelen 7
neigh red:veth-red 10.0.0.77 mac 02:00:00:00:00:77
neigh red:veth-red fd00::77 mac 02:00:00:00:00:77
option red:veth-red arp off multicast off
expect link red:veth-red alias "to the switch" promisc on txqueuelen 7 arp off
option red:veth-red arp on multicast on
expect not ping red -> blue
detach veth-red-br
attach veth-red-br -> sw
expect link veth-red-br isolated off cost 2
expect ping red -> blue
option veth-red-br learning off hairpin on
move veth-red-br -> green
move green:veth-red-br -> host
delete blue:veth-blue
delete sw
`,
		"rename": `auto dual
ns red blue
link red <-> blue 192.168.15.0/24 fd00:15::/64
addr red 192.168.15.1/24 fd00:15::1/64
route red default via 192.168.15.2
route red ::/0 via fd00:15::2
addr red fd00:9::1/64
rename red:veth-red -> eth0
expect link red:eth0 up
expect addr red:eth0 fd00:9::1/64
expect route red -> default via 192.168.15.2 dev eth0
expect route red -> 2001:db8::1 via fd00:15::2 dev eth0
expect ping blue -> <192.168.15.1 fd00:15::1 fd00:15::1>
addr red 192.168.15.9/24
down red
rename red:eth0 -> eth1
expect link red:eth1 down
veth a <-> b
rename a -> c
expect not link a
`,
		"upper devices": `auto dual
ns lan c1 c2
link host:eth0 <-> lan:eth0 mtu 1450
macvlan c1:eth0 on eth0 192.168.15.11/24 fd00:15::11/64
macvlan c2:mv0 on eth0 mode private mac 02:00:00:00:00:07 mtu 1400
macvlan top on eth0
addr c2 192.168.15.12/24
route c2 default via 192.168.15.2
expect ping <c1 c2> -> lan:eth0
rename c1:eth0 -> wan
rename eth0 -> card
expect ping lan -> c1
mtu card 1300
expect link c1:wan mtu 1300
move c2:mv0 -> c1
move card -> c2
expect link c1:mv0 down
up c2:card
move c2:card -> host
up card
addr c1:mv0 192.168.15.12/24
up c1:mv0
expect ping lan -> 192.168.15.12
delete card
expect not link top
expect not link c1:wan
bridge sw <c2> 10.5.0.0/24
macvlan c1:mv0 on sw 10.5.0.9/24
expect ping c2 -> 10.5.0.9
delete sw
`,
		"tunnels": `auto dual
ns red blue green
link red:eth0 <-> blue:eth0
link red:eth1 <-> blue:eth1
vxlan red:vx0 id 42 remote blue dev eth0 192.168.50.1/24 fd00:50::1/64
vxlan blue:vx0 id 42 remote red 192.168.50.2/24
vxlan red:vx1 id 43 group ff0e::1 dev eth1 dstport 8472 mtu 1280
vxlan red:vx2 id 43 remote fd00:16::2 local fd00:16::1
vxlan red:vx3 id 16777215
expect link red:vx0 mtu 1450
expect ping red -> 192.168.50.2
mtu red:eth0 1400
expect link red:vx0 mtu 1350
move red:vx0 -> green
addr green 192.168.50.1/24
up green
expect ping green -> 192.168.50.2
rename green:vx0 -> overlay
move red:eth0 -> green
expect not link green:overlay
move red:eth1 -> green
expect not link red:vx1
delete red:vx2
expect not link red:vx2
`,
		"forwarding databases": `ns a b c
bridge sw <a b c> 10.0.0.0/24
vxlan a:vx0 id 7 192.168.50.1/24
vxlan b:vx0 id 7 192.168.50.2/24
vxlan c:vx0 id 7 remote a 192.168.50.3/24 mac 02:00:00:00:00:03
fdb a:vx0 all dst <b c>
fdb b:vx0 all dst a
expect ping a -> <192.168.50.2 192.168.50.3>
fdb a:vx0 02:00:00:00:00:03 dst b
fdb a:vx0 02:00:00:00:00:03 dst 10.0.0.3
fdb a:vx0 02:00:00:00:00:03 dst 10.0.0.3
expect ping a -> 192.168.50.3
del fdb a:vx0 all dst b
down a:vx0
up a:vx0
expect ping a -> 192.168.50.3
rename a:vx0 -> over
move a:over -> b
delete b:over
expect not link b:over
delete a
`,
		"mtu of what is stacked": `ns red blue
link red:eth0 <-> blue:eth0 192.168.15.0/24
vxlan red:vx0 id 42 remote blue dev eth0 192.168.50.1/24
macvlan red:mv0 on red:vx0 192.168.51.1/24
mtu red:eth0 1400
expect link red:mv0 mtu 1350
mtu red:mv0 1300
mtu red:eth0 1380
expect link red:vx0 mtu 1330
expect link red:mv0 mtu 1300
`,
		"detach, mtu and mac": `ns red blue
bridge v-net-0 <red blue>
detach veth-red-br
expect not link veth-red-br master v-net-0
expect not ping blue -> red
attach veth-red-br -> v-net-0
mtu veth-red-br 1400
expect link v-net-0 mtu 1400
mtu red:veth-red 1300
mtu red:lo 1400
mac red:veth-red 02:00:00:00:00:01
expect ping blue -> red
expect neigh blue -> red mac 02:00:00:00:00:01
detach veth-red-br
expect link v-net-0 mtu 1500
`,
	}
}

func TestInterfacesCanBeTakenBack(t *testing.T) {
	t.Parallel()
	for name, script := range undoLinkLabs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := labs.In(t, undoPart, labs.Job{Script: script})
			if r.Err != "" || r.Failed > 0 || r.Held < strings.Count(script, "\n")/2 {
				t.Errorf("%s\n%d held\n%s\n%s\n%s", script, r.Held, r.Err, r.Out, r.State)
			}
		})
	}
}

package stdlib_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// TestLabsHold runs labs in which everything that is expected must hold.
func TestLabsHold(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{
		"what other programs did is seen": `ns red blue
link red <-> blue 10.0.0.0/24
exec red ip addr add 10.5.0.1/24 dev veth-red
exec red ip route add 10.6.0.0/16 via 10.5.0.9
exec red ip link set veth-red mtu 1300
exec red ip rule add from 10.0.0.0/8 table 7
expect addr red 10.5.0.1/24
expect route red -> 10.6.0.1 via 10.5.0.9
expect link red mtu 1300
del rule red table 7
del route red 10.6.0.0/16
del addr red 10.5.0.1
expect not addr red 10.5.0.1
exec host ip netns add green
expect ns green
`,
		"three routers, both families": `auto dual
ns pc1 r1 r2 pc2
link pc1 <-> r1
link r1 <-> r2
link r2 <-> pc2
forward r1
forward r2 on
route pc1 default via 192.168.15.2
route pc1 default via fd00:15::2
route r1 192.168.17.0/24 via 192.168.16.2
route r1 fd00:17::/64 via fd00:16::2
route r2 192.168.15.0/24 via 192.168.16.1
route r2 fd00:15::/64 via fd00:16::1
route pc2 default via 192.168.17.1
route pc2 default via fd00:17::1
expect ping pc1 -> <192.168.17.2 fd00:17::2>
expect neigh pc1 -> <192.168.15.2 fd00:15::2>
expect not neigh pc1 -> pc2
expect not neigh pc1 -> r1 mac 02:00:00:00:00:01
forward r2 off
expect not ping pc1 -> <192.168.17.2 fd00:17::2>
`,
		"policy routing decides": `ns red r1 r2
link red <-> r1 10.0.1.0/24
link red <-> r2 10.0.2.0/24
addr r1:lo 10.9.9.9/32
addr r2:lo 10.9.9.9/32
route red 10.9.9.9 via 10.0.1.2
route red 10.9.9.9 via 10.0.2.2 table 100
expect route red -> 10.9.9.9 via 10.0.1.2
rule red to 10.9.9.9 table 100
expect route red -> 10.9.9.9 via 10.0.2.2 dev veth-red-2
expect ping red -> 10.9.9.9
expect neigh red -> 10.0.2.2
del rule red to 10.9.9.9
expect route red -> 10.9.9.9 via 10.0.1.2
`,
		"several ways": `ns red r1 r2
link red <-> r1 10.0.1.0/24
link red <-> r2 10.0.2.0/24
route red 10.9.0.0/16 via 10.0.1.2 via 10.0.2.2
expect route red -> 10.9.0.1 via 10.0.1.2
expect route red -> 10.9.0.1 via 10.0.2.2
expect not route red -> 10.9.0.1 via 10.0.2.3
`,
		"routes that refuse": `ns red
bridge sw <red>
route red blackhole 10.1.0.0/16
route red 10.2.0.0/16 prohibit
route red unreachable fd00:9::/32
expect route red -> red
expect route red -> 10.1.0.1 unreachable
expect route red -> 10.2.0.1 unreachable
expect route red -> fd00:9::1 unreachable
expect not ping red -> <10.1.0.1 10.2.0.1 fd00:9::1>
`,
		"the state, at once and within a time": `ns red blue
link red <-> blue
expect not addr red 10.0.0.1
addr red 10.0.0.1/24
expect addr red 10.0.0.1 within 2s
expect not addr red 192.168.15.1 within 2s
down blue:veth-blue
expect link red up
expect link blue down
expect not link blue up
up blue
expect ping red -> red
`,
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, script)
		})
	}
}

// TestWhatIsSeenInstead holds the probes to what they say when they do not hold.
func TestWhatIsSeenInstead(t *testing.T) {
	t.Parallel()
	const before = "auto off\nns red blue\nlink red <-> blue mac 02:00:00:00:00:01 02:00:00:00:00:02\naddr red 10.0.0.1/24\naddr blue 10.0.0.2/24\nroute red default via 10.0.0.2\nroute red prohibit 10.3.0.0/16\n"
	for probe, want := range map[string]string{
		"addr red:veth-red 10.0.0.9":                     "red:veth-red has 10.0.0.1/24, not 10.0.0.9",
		"addr red 10.0.0.2":                              "red has 10.0.0.1/24, not 10.0.0.2",
		"addr red:lo 10.0.0.1/24":                        "10.0.0.1 is an address of red:veth-red",
		"link red down":                                  "red:veth-red is up",
		"link red mtu 1400":                              "the MTU of red:veth-red is 1500",
		"link red master veth-red":                       "red:veth-red is a port of no bridge",
		"route red -> 10.0.0.2 via 10.0.0.2":             "red reaches 10.0.0.2 directly, dev veth-red",
		"route red -> 8.8.8.8 via 10.0.0.3":              "red reaches 8.8.8.8 via 10.0.0.2 dev veth-red",
		"route red -> 8.8.8.8 unreachable":               "red reaches 8.8.8.8 via 10.0.0.2 dev veth-red",
		"route red -> 10.3.0.1":                          "red refuses packets to 10.3.0.1: prohibited",
		"route red -> 10.4.0.0/16":                       "red has no route to 10.4.0.0/16",
		"route blue -> 8.8.8.8":                          "blue has no route to 8.8.8.8",
		"route red -> red unreachable":                   "127.0.0.1 is an address of red itself",
		"neigh red -> blue":                              "red has no entry for blue",
		"sysctl red net.ipv4.ip_forward=1":               "net.ipv4.ip_forward is 0",
		"sysctl red net.ipv4.conf.eth9.forwarding=1":     "red has no setting net.ipv4.conf.eth9.forwarding",
		"sysctl red 'net.ipv6.conf.all.hop_limit=64 64'": "net.ipv6.conf.all.hop_limit is 64",
	} {
		t.Run(probe, func(t *testing.T) {
			t.Parallel()
			out, _, failed, err := labs.Run(t, before+"expect "+probe+"\n")
			if err != nil || failed != 1 || !strings.Contains(out, want) {
				t.Errorf("%v, %d failed, want %q:\n%s", err, failed, want, out)
			}
			out, held, _, err := labs.Run(t, before+"expect not "+probe+"\n")
			if err != nil || held != 1 {
				t.Errorf("with not: %v\n%s", err, out)
			}
		})
	}
}

// TestWrongStatementsChangeNothing runs statements that the kernel, not the
// plan, refuses: the lab stays as it was.
func TestWrongStatementsChangeNothing(t *testing.T) {
	t.Parallel()
	const before = "auto dual\nns red blue\nlink red <-> blue\nroute red default via 192.168.15.2\n"
	clean := labs.Do(t, labs.Job{Script: before})
	for statement, want := range map[string]string{
		"sysctl red net.ipv4.conf.all.rp_filter=1 net.ipv4.tcp_keepalive_probes=999": "net.ipv4.tcp_keepalive_probes in red",
		"route red 10.0.0.0/8 via 192.168.15.255":                                    "route to 10.0.0.0/8 in red",
		"route red 10.0.0.0/8 via 192.168.15.2 via 192.168.15.255":                   "route to 10.0.0.0/8 in red",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			r := labs.Do(t, labs.Job{Script: before + statement + "\n"})
			if !strings.Contains(r.Err, want) || r.State != clean.State {
				t.Errorf("%s, want %q\n%s\n%s", r.Err, want, r.Out, differences(clean.State, r.State))
			}
		})
	}
}

package model

import (
	"fmt"
	"math"
	"syscall"

	"nsl/runtime/plan"
)

// maxWG is the largest MTU of a wireguard: it pads packets to 16 bytes, and leaves room for
// its header and IPv6 (wg_setup, drivers/net/wireguard/device.c).
const maxWG = math.MaxInt32&^15 - 80

// setWG gives a wireguard another configuration. One that is up opens its port at once.
func (l *link) setWG(c plan.WG) error {
	if l.kind != plan.WireGuard {
		return fmt.Errorf("%s: %w", l.place(), syscall.EOPNOTSUPP)
	}
	was := l.wg
	if l.wg = c; l.up && c.Port != was.Port && l.inUse() {
		l.wg = was
		return fmt.Errorf("%s: %w", l.place(), syscall.EADDRINUSE)
	}
	return nil
}

// wgOnPort reports another wireguard that sends from the same node and is up on the same port.
func (l *link) wgOnPort() bool {
	for _, o := range l.home.links {
		if o != l && o.kind == plan.WireGuard && o.home == l.home && o.up && o.wg.Port == l.wg.Port {
			return true
		}
	}
	return false
}

// wgUp has the node send no redirects any more: what a wireguard forwards would often leave by
// the interface that it came in by (wg_open).
func (l *link) wgUp() {
	l.node.sys.all[v4] = put(l.node.sys.all[v4], "send_redirects", "0")
	l.write(v4, "send_redirects", "0")
	l.write(v6, "addr_gen_mode", "1")
}

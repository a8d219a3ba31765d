package fake

import (
	"errors"
	"net/netip"
	"syscall"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// defaultTTL is the hop limit of a node's own packets (ip_default_ttl).
const defaultTTL = 64

// packet is an echo request, a reply or an error on its way.
type packet struct {
	src, dst netip.Addr
	ttl      int
	// hops counts the links that it has crossed.
	hops int
}

// translation is a masqueraded flow, as the connection tracking of a node
// remembers it.
type translation struct {
	node         string
	public, orig netip.Addr
}

// fate is how a packet ended. Lost without a word is the zero value.
type fate struct {
	arrived bool
	node    string
	// errno is the refusal of the sender's own kernel.
	errno syscall.Errno
	// icmp is the error that a router sends back; its From is the router.
	icmp plan.PingError
	// at is the node that sends it.
	at string
}

// journey follows one request and what comes back.
type journey struct {
	world *World
	// proto is "tcp" or "udp", and "" for an echo; port is the destination's.
	proto string
	port  uint16
	// reached is the destination in the end, and translated tells that it is not
	// the one that was asked for.
	reached    netip.Addr
	translated bool
	// nat are the translations that were made on the way out.
	nat []translation
	// back tells that it is about what comes back, which is never masqueraded.
	back bool
}

// travel follows a packet from a node until it ends. Dev is the interface to
// leave by, or "".
func (j *journey) travel(node string, p *packet, dev string) fate {
	start, in := node, ""
	for {
		if in != "" {
			j.restore(node, p)
		}
		j.publish(node, in, p)
		r, err := j.world.RouteFlow(node, model.Flow{From: p.src, To: p.dst, IIf: in, OIf: dev})
		if err != nil {
			return j.refused(node, in, err, *p)
		}
		if !p.src.IsValid() {
			p.src = r.Src
		}
		if r.Kind == "local" {
			return j.deliver(node, in, *p)
		}
		if end, stop := j.pass(node, in, p, r.Hops[0].Dev); stop {
			return end
		}
		next, end := j.send(node, r.Hops[0], p)
		if end != nil {
			if node == start && in == "" && end.icmp.What != "" {
				end.icmp.From = p.src
			}
			return *end
		}
		node, in, dev = next.node, next.link, ""
	}
}

// pass is what a node does before it sends a packet out: its own, or one that
// came in.
func (j *journey) pass(node, in string, p *packet, out string) (fate, bool) {
	if in != "" {
		return j.forward(node, in, p, out)
	}
	end, stop := j.filtered(hook{node: node, name: "output", out: out}, *p)
	if stop {
		end = notPermitted(end)
	}
	return end, stop
}

// refused is the end of a packet that has no route.
func (j *journey) refused(node, in string, err error, p packet) fate {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return fate{}
	}
	if in == "" {
		return fate{errno: errno}
	}
	if !j.forwards(node, in, p.dst.Is6()) {
		return fate{}
	}
	return j.complain(node, p, unroutable(errno, p.dst.Is6()))
}

// deliver hands a packet to its node.
func (j *journey) deliver(node, in string, p packet) fate {
	lo, err := j.world.Link(node, plan.Loopback)
	if in == "" {
		in = plan.Loopback
		if err != nil || !lo.Up {
			return fate{}
		}
	}
	if end, stop := j.filtered(hook{node: node, name: "input", in: in}, p); stop {
		return end
	}
	return fate{arrived: true, node: node}
}

// notPermitted is the end of a packet that its own node's filter stops: the
// program is told (nf_hook_slow, EPERM), besides what reject says.
func notPermitted(end fate) fate {
	if end.icmp.What == "" {
		end.errno = syscall.EPERM
	}
	return end
}

// forward is what a router does before it sends a packet on.
func (j *journey) forward(node, in string, p *packet, out string) (fate, bool) {
	if !j.forwards(node, in, p.dst.Is6()) {
		return fate{}, true
	}
	if p.ttl--; p.ttl <= 0 {
		return j.complain(node, *p, expired(p.dst.Is6())), true
	}
	return j.filtered(hook{node, "forward", in, out}, *p)
}

// forwards tells whether a node routes what comes in on an interface.
func (j *journey) forwards(node, in string, six bool) bool {
	key := "net.ipv4.conf." + sysctlName(in) + ".forwarding"
	if six {
		key = "net.ipv6.conf.all.forwarding"
	}
	value, err := j.world.Sysctl(node, key)
	return err == nil && value != "0"
}

// sysctlName is an interface's name inside a key: a dot is written as a slash.
func sysctlName(link string) string {
	name := []byte(link)
	for i, b := range name {
		if b == '.' {
			name[i] = '/'
		}
	}
	return string(name)
}

// send puts a packet on the wire.
func (j *journey) send(node string, hop plan.NextHop, p *packet) (arrival, *fate) {
	j.masquerade(node, hop, p)
	out, err := j.world.Link(node, hop.Dev)
	if err != nil || !out.Up {
		return arrival{}, &fate{}
	}
	to := hop.Via
	if !to.IsValid() {
		to = p.dst
	}
	next, ok := j.world.neighbour(out, to)
	if !ok {
		end := j.complain(node, *p, silent(p.dst.Is6()))
		return arrival{}, &end
	}
	p.hops++
	return next, nil
}

// complain is an ICMP error of a node, which it sends from its address on the
// way to the source.
func (j *journey) complain(node string, p packet, e plan.PingError) fate {
	if e.What == "" {
		return fate{}
	}
	if r, err := j.world.RouteTo(node, p.src); err == nil {
		e.From = r.Src
	}
	return fate{icmp: e, at: node}
}

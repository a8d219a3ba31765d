package why

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// RefusedErrno is what a closed port answers with.
const RefusedErrno = syscall.ECONNREFUSED

// Question is what a probe asked a service.
type Question struct {
	plan.Connect
	// what is the place as the script has it.
	What string
	// page says that the place is a web page.
	Page bool
}

// Refused explains a connection that was refused: by a rule on the way, or
// because the port is closed.
func Refused(env *verb.Env, c Question) (why, fix string) {
	q := inquire(env, ConnectRequest(c.Connect), c.What)
	if q.misled(q.Request) {
		return q.why, q.fix
	}
	if e, ok := q.Request.End.(path.Filtered); ok {
		q.filtered(e, false)
		return q.why, q.fix
	}
	// What published ports make of the request is asked in the end.
	c.To = netip.AddrPortFrom(q.Request.Packet.Dst, q.Request.Packet.DstPort)
	if !q.Request.Arrived() {
		return whyClosed(env, lab.OwnerOf(env, c.Node, c.To.Addr()), false, c)
	}
	if _, ok := q.listener(c.Proto); ok {
		// A rule that was not evaluated may be what refuses.
		if q.doubted(); q.why != "" {
			return q.why, q.fix
		}
	}
	if q.unpublished() || q.doubled() {
		return q.why, q.fix
	}
	why, fix = whyClosed(env, q.Request.Node(), true, c)
	return q.redirected(why, fix)
}

// doubled finds that the node where nothing listens is not the only one that has the address,
// in one and the same subnet.
func (q *inquiry) doubled() bool {
	at, dst := q.Request.Node(), q.Request.Packet.Dst
	book, err := q.Book()
	if err != nil || !q.Request.Arrived() {
		return false
	}
	uses := slices.DeleteFunc(slices.Clone(book.All()), func(u plan.AddrUse) bool { return u.Addr.Addr() != dst || u.Addr.IsSingleIP() })
	for _, own := range uses {
		for _, u := range uses {
			if own.Ref.Node == at && u.Ref.Node != at && u.Addr == own.Addr {
				q.stop(fmt.Sprintf("%s answers for %s, but %s has that address, too", own.Ref, dst, u.Ref),
					"each interface of a segment needs an address of its own: show addrs")
				return true
			}
		}
	}
	return false
}

// whyClosed explains a port of a node that is closed.
// It is one that the connection is known to reach if arrived.
func whyClosed(view verb.Lab, owner string, arrived bool, q Question) (why, fix string) {
	if owner == "" {
		return "", ""
	}
	spot := fmt.Sprintf("%s:%d", owner, q.To.Port())
	sockets, err := view.Sockets(owner)
	if err != nil {
		return "", ""
	}
	for _, s := range sockets {
		if s.Proto != q.Proto || s.Local.Port() != q.To.Port() {
			continue
		}
		if s.Local.Addr() == netip.IPv6Unspecified() && q.To.Addr().Is4() {
			return fmt.Sprintf("%s, which listens on %s, does so for IPv6 only", cmp.Or(s.Program, owner), spot), "let it listen for IPv4, too"
		}
		if s.Local.Addr() == netip.IPv4Unspecified() && q.To.Addr().Is6() {
			return fmt.Sprintf("%s, which listens on %s, does so for IPv4 only", cmp.Or(s.Program, owner), spot), "let it listen for IPv6, too"
		}
		if s.Local.Addr().IsUnspecified() || s.Local.Addr() == q.To.Addr() {
			return elsewhere(s, spot, arrived)
		}
		return fmt.Sprintf("%s listens on %s only", cmp.Or(s.Program, owner), s.Local), "let it listen on every address"
	}
	why = "no process listens on " + spot
	if dead := DeadIn(view, owner); dead != "" {
		why += "; " + dead
	} else if others := Ports(sockets, q.Proto); others != "" {
		why += fmt.Sprintf("; what %s listens on: %s", owner, others)
	}
	return why, "start a server: " + ServerFor(q.Proto, int(q.To.Port()), q.Page, spot)
}

// deaf says why what listens at a port takes nothing that comes to an address, although it
// arrives: it listens at another one, or is stopped.
func deaf(env *verb.Env, c plan.Connect) (why, fix string) {
	q := inquire(env, ConnectRequest(c), "")
	node := q.Request.Node()
	sockets, err := q.Sockets(node)
	if err != nil || !q.Request.Arrived() {
		return "", ""
	}
	to := netip.AddrPortFrom(q.Request.Packet.Dst, q.Request.Packet.DstPort)
	takes := func(s plan.Socket) bool {
		local := s.Local.Addr()
		return s.Proto == c.Proto && s.Local.Port() == to.Port() && (local == to.Addr() || local.IsUnspecified() && (local.Is6() || to.Addr().Is4()))
	}
	if !slices.ContainsFunc(sockets, takes) {
		c.To = to
		return whyClosed(env, node, true, Question{Connect: c})
	}
	return q.stopped(c.Proto)
}

// elsewhere explains a refusal although a socket listens.
func elsewhere(s plan.Socket, spot string, arrived bool) (why, fix string) {
	switch {
	case arrived && s.Dev != "":
		return fmt.Sprintf("%s listens on %s, but takes nothing that comes by this way: its socket is bound to another interface, %s (SO_BINDTODEVICE)", s.Program, spot, s.Dev),
			"let it listen on every interface"
	case arrived:
		return fmt.Sprintf("%s listens on %s, but the kernel of that node refuses before it", s.Program, spot), "look at its rules and at what listens there: show listen"
	}
	return fmt.Sprintf("%s listens on %s, so a node on the way refuses in its place", s.Program, spot), "look at the rules: show nat"
}

// ServerFor is the statement that starts what the probe asks for.
func ServerFor(proto string, port int, page bool, spot string) string {
	kind := proto
	if page || proto == "tcp" && (port == lab.HTTPPort || port == 8080) {
		kind = "http"
	}
	return "serve " + kind + " " + spot
}

// Ports lists the ports of a protocol on which a process listens.
func Ports(sockets []plan.Socket, proto string) string {
	var list []string
	for _, s := range sockets {
		text := fmt.Sprintf("%s %d", proto, s.Local.Port())
		if s.Proto == proto && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}

// DeadIn names a service of the node that ended of its own accord.
func DeadIn(view verb.Lab, node string) string {
	running, _ := view.Services(node)
	for _, r := range slices.Backward(running) {
		if r.Ended != "" {
			return fmt.Sprintf("%s, started there, is gone: %s", r.ID, r.Ended)
		}
	}
	return ""
}

// Hung explains a connection that a server takes and does not answer: it is stopped, or
// packets of the size that come then do not arrive.
func Hung(env *verb.Env, c plan.Connect) (why, fix string) {
	q := inquire(env, ConnectRequest(c), "")
	if why, fix := q.stopped(c.Proto); why != "" {
		return why, fix
	}
	q.Exchange = path.Stream(q.snap, c.Node, q.asked.packet, q.asked.dev)
	q.explain()
	if q.why == "" {
		q.doubted()
	}
	if s, ok := q.listener(c.Proto); ok && q.why == "" && q.Answered() && s.Program != "" {
		return fmt.Sprintf("%s, which listens on %s:%d, does not answer: it hangs, or does not speak this protocol", s.Program, q.Request.Node(), s.Local.Port()), ""
	}
	return q.why, q.fix
}

// Speaks names what listens where an answer of another protocol came from, or "".
func Speaks(env *verb.Env, c plan.Connect) string {
	q := inquire(env, ConnectRequest(c), "")
	s, ok := q.listener(c.Proto)
	if !ok || s.Program == "" {
		return ""
	}
	return fmt.Sprintf("%s, which listens on %s:%d, speaks another protocol", s.Program, q.Request.Node(), s.Local.Port())
}

// listener is the socket that waits where the request arrived.
func (q *inquiry) listener(proto string) (plan.Socket, bool) {
	sockets, err := q.Sockets(q.Request.Node())
	if err != nil {
		return plan.Socket{}, false
	}
	i := slices.IndexFunc(sockets, func(s plan.Socket) bool {
		return s.Is(plan.Listen{Proto: proto, Port: int(q.Request.Packet.DstPort)})
	})
	if i < 0 {
		return plan.Socket{}, false
	}
	return sockets[i], true
}

// full finds a listening socket whose queue of connections is full, so that the kernel
// drops new ones (listen(2)).
func (q *inquiry) full() {
	p := q.asked.packet
	if s, ok := q.listener(p.Proto); ok && p.Proto == "tcp" && s.Waiting > 0 {
		program := cmp.Or(s.Program, q.Request.Node())
		q.stop(fmt.Sprintf("%s, which listens on %s:%d, does not take connections: %d wait in its queue (backlog), which is full",
			program, q.Request.Node(), s.Local.Port(), s.Waiting), "")
	}
}

// stopped finds a process that listens where the request arrived and is stopped.
func (q *inquiry) stopped(proto string) (why, fix string) {
	node, port := q.Request.Node(), q.Request.Packet.DstPort
	if p, ok := q.stoppedAt(node, plan.Listen{Proto: proto, Port: int(port)}); ok {
		return stoppedWords(p, fmt.Sprintf("%s:%d", node, port))
	}
	return "", ""
}

func stoppedWords(p plan.Process, spot string) (why, fix string) {
	return fmt.Sprintf("%s, which listens on %s, is stopped (SIGSTOP)", p.Name, spot), fmt.Sprintf("let it go on: exec %s kill -CONT %d", p.Node, p.PID)
}

// stoppedAt is a process of a node that listens on a port and is stopped.
func (q *inquiry) stoppedAt(node string, l plan.Listen) (plan.Process, bool) {
	sockets, err := q.Sockets(node)
	processes, err2 := q.Processes(node)
	if err != nil || err2 != nil {
		return plan.Process{}, false
	}
	for _, s := range sockets {
		i := slices.IndexFunc(processes, func(p plan.Process) bool { return s.Is(l) && p.PID == s.PID && p.Stopped })
		if i >= 0 {
			return processes[i], true
		}
	}
	return plan.Process{}, false
}

// Silent explains that nothing came back although the way is open.
func Silent(env *verb.Env, c Question) (why, fix string) {
	q := inquire(env, ConnectRequest(c.Connect), c.What)
	if c.Proto != "udp" || !q.Request.Arrived() {
		return "", ""
	}
	if _, ok := q.listener("udp"); !ok {
		c.To = netip.AddrPortFrom(q.Request.Packet.Dst, q.Request.Packet.DstPort)
		return whyClosed(env, q.Request.Node(), true, c)
	}
	return fmt.Sprintf("the way is open; a UDP server need not answer what it does not understand, and %s said nothing", q.Request.Node()), ""
}

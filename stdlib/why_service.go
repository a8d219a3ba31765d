package stdlib

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// refusedErrno is what a closed port answers with.
const refusedErrno = syscall.ECONNREFUSED

// whyRefused explains a port that is closed.
func whyRefused(lab verb.Lab, a ask) (why, mend string) {
	owner := ownerOf(lab, a.from, a.To.Addr())
	if owner == "" {
		return "", ""
	}
	spot := fmt.Sprintf("%s:%d", owner, a.to.port)
	sockets, err := lab.Sockets(owner)
	if err != nil {
		return "", ""
	}
	for _, s := range sockets {
		if s.Proto != a.Proto || int(s.Local.Port()) != a.to.port {
			continue
		}
		if s.Local.Addr().IsUnspecified() || s.Local.Addr() == a.To.Addr() {
			return fmt.Sprintf("%s listens on %s, so somebody on the way refuses for it", s.Program, spot), "look at the rules: show nat"
		}
		return fmt.Sprintf("%s listens on %s only", cmpOr(s.Program, owner), s.Local), "let it listen on every address"
	}
	why = "nobody listens on " + spot
	if dead := deadIn(lab, owner); dead != "" {
		why += "; " + dead
	} else if others := ports(sockets, a.Proto); others != "" {
		why += fmt.Sprintf("; what %s listens on: %s", owner, others)
	}
	return why, "start a server: " + serverFor(a, spot)
}

// serverFor is the statement that starts what the probe asks for.
func serverFor(a ask, spot string) string {
	kind := a.Proto
	if a.to.url != nil || a.Proto == "tcp" && (a.to.port == httpPort || a.to.port == 8080) {
		kind = "http"
	}
	return "serve " + kind + " " + spot
}

// ports lists the ports of a protocol that somebody waits on.
func ports(sockets []plan.Socket, proto string) string {
	var list []string
	for _, s := range sockets {
		text := fmt.Sprintf("%s %d", proto, s.Local.Port())
		if s.Proto == proto && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}

// deadIn tells of a service of the node that ended of its own accord.
func deadIn(lab verb.Lab, node string) string {
	running, _ := lab.Services(node)
	for _, r := range slices.Backward(running) {
		if r.Ended != "" {
			return fmt.Sprintf("%s, started there, is gone: %s", r.ID, r.Ended)
		}
	}
	return ""
}

// whySilent explains that nothing came back although the way is open.
func whySilent(lab verb.Lab, a ask) string {
	owner := ownerOf(lab, a.from, a.To.Addr())
	if a.Proto == "udp" && owner != "" {
		return fmt.Sprintf("the way is open; a UDP server need not answer what it does not understand, and %s said nothing", owner)
	}
	return ""
}

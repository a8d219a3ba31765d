package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// Response codes of name servers, as dig(1) writes them.
const (
	RefusedCode = "REFUSED"
	failedCode  = "SERVFAIL"
)

// lookup finds out why a name has no address in a node.
type lookup struct {
	env *verb.Env
	q   plan.Lookup
	r   plan.LookupReply
	// asked are the servers that were found to wait for others, the last one at the end.
	asked []netip.Addr
}

// NotFound says why a lookup gave no address, and what to do about it.
func NotFound(env *verb.Env, q plan.Lookup, r plan.LookupReply) (why, fix string) {
	return lookup{env: env, q: q, r: r}.explain()
}

// explain says what is in the way, and what to do about it.
func (w lookup) explain() (why, fix string) {
	servers := w.servers()
	switch {
	case len(servers) == 0:
		return fmt.Sprintf("%s has no name server, and its /etc/hosts does not have %s", w.q.Node, w.q.Name),
			w.orSimilar(fmt.Sprintf("start one beside it: dns NODE, or name one: resolver %s -> SERVER", w.q.Node))
	case w.longer() != "":
		return w.unsearched(w.longer())
	case w.r.NoSuch:
		return fmt.Sprintf("%s says that there is none", w.r.From), w.orSimilar(w.mendRecord())
	}
	server := servers[len(servers)-1]
	if from, err := netip.ParseAddr(w.r.From); err == nil {
		server = from
	}
	if w.r.TCP {
		return w.untransported(server)
	}
	switch w.r.Code {
	case RefusedCode:
		if why := w.dangling(server); why != "" {
			return why, w.mendRecord()
		}
		return fmt.Sprintf("%s answers for its own names only, and has no %s", server, w.q.Name), w.mendRefused(server)
	case failedCode:
		return w.unresolved(server)
	}
	if why, fix = w.unreachable(server); why == "" {
		return w.unresolved(server)
	}
	return why, fix
}

// unresolved explains a server that could not find out, or took too long for it.
func (w lookup) unresolved(server netip.Addr) (why, fix string) {
	if loop := w.aliasLoop(server); loop != "" {
		return "loop of aliases (cname): " + loop, w.mendRecord()
	}
	return w.askedInVain(server)
}

// longer is a name that a server has which begins with the one that is asked for, as a
// search domain would make it; "" for none.
func (w lookup) longer() string {
	if strings.Contains(w.q.Name, ".") || w.r.Code == failedCode || !w.r.NoSuch && w.r.Code != RefusedCode {
		return ""
	}
	for _, server := range w.servers() {
		node, _ := w.owner(server)
		for _, name := range w.records(node) {
			if strings.HasPrefix(name, w.q.Name+".") {
				return name
			}
		}
	}
	return ""
}

// unsearched says that a node asks for a name as it is, without its domain.
func (w lookup) unsearched(full string) (why, fix string) {
	domain := strings.TrimPrefix(full, w.q.Name+".")
	return fmt.Sprintf("the name server has %s, but %s asks for %s as it is: it does not search the domain %s", full, w.q.Node, w.q.Name, domain),
		fmt.Sprintf("let it search there: resolver %s -> %s search %s", w.q.Node, w.servers()[0], domain)
}

// mendRefused says how a server gets to know a name: by a record or, where another name
// server can be reached, by asking that.
func (w lookup) mendRefused(server netip.Addr) string {
	node, _ := w.owner(server)
	if node == "" {
		return ""
	}
	fix := w.mendRecordOf(node)
	if near := diag.Nearest(w.q.Name, w.records(node)); near != "" {
		return fmt.Sprintf("did you mean %s? %s", near, fix)
	}
	if outside := netip.AddrFrom4([4]byte{8, 8, 8, 8}); lab.OwnerOf(w.env, node, outside) != "" {
		return fmt.Sprintf("let it ask others: dns %s forward %s", node, outside)
	}
	return fix
}

// records are the names of the records that a node's server has.
func (w lookup) records(node string) []string {
	running, err := w.env.Services(node)
	if err != nil {
		return nil
	}
	var names []string
	for _, r := range running {
		s, _ := r.Service.(plan.DNS)
		for _, record := range s.Records {
			name, _, _ := strings.Cut(record, " ")
			names = append(names, strings.TrimSuffix(name, "."))
		}
	}
	return names
}

// askedInVain explains a server that could not find out: those that it asks
// itself do not answer.
func (w lookup) askedInVain(server netip.Addr) (why, fix string) {
	node, _ := w.owner(server)
	running, err := w.env.Services(node)
	if node == "" || err != nil {
		return "", ""
	}
	for _, r := range running {
		if s, ok := r.Service.(plan.DNS); ok && len(s.Forward) > 0 {
			return w.forwarded(node, server, s.Forward)
		}
	}
	return "", ""
}

// forwarded explains what a name server gets from those that it asks.
func (w lookup) forwarded(node string, server netip.Addr, to []netip.Addr) (why, fix string) {
	last := to[len(to)-1]
	next := lookup{env: w.env, q: plan.Lookup{Node: node, Name: w.q.Name}, asked: append(slices.Clone(w.asked), server)}
	if slices.Contains(next.asked, last) {
		return fmt.Sprintf("%s asks %s, which asks it in turn: the name servers ask each other", node, lab.AddrList(to)),
			fmt.Sprintf("let %s ask a server that knows the name: dns %s forward ADDRESS", node, node)
	}
	if why, fix = next.unreachable(last); why != "" {
		return fmt.Sprintf("%s asks %s and gets no answer: %s", node, lab.AddrList(to), why), fix
	}
	return fmt.Sprintf("%s asks %s, which does not know the name: it answers for its own names only", node, lab.AddrList(to)), next.mendRefused(last)
}

// servers are those that were asked.
func (w lookup) servers() []netip.Addr {
	if w.q.Server.IsValid() {
		return []netip.Addr{w.q.Server.Addr()}
	}
	asks, err := w.env.Resolver(w.q.Node)
	if err != nil {
		return nil
	}
	return asks.Servers
}

// unreachable explains a server that does not answer: the way there, or that
// no process listens.
func (w lookup) unreachable(server netip.Addr) (why, fix string) {
	node, listens := w.owner(server)
	if node != "" && !listens {
		return "no process in " + node + " listens on port 53" + w.elsewhere(node),
			fmt.Sprintf("start a name server there: dns %s; or name another: resolver %s -> SERVER", node, w.q.Node)
	}
	c := plan.Connect{Node: w.q.Node, Proto: "udp", To: netip.AddrPortFrom(server, plan.DNSPort)}
	why, fix = Unconnected(w.env, server.String(), c, plan.PingError{})
	if why == "" {
		why, fix = deaf(w.env, c)
	}
	if why == "" && !slices.Contains(w.asked, server) {
		return w.askedInVain(server)
	}
	return why, fix
}

// elsewhere are the other UDP ports that programs of a node listen on.
func (w lookup) elsewhere(node string) string {
	sockets, err := w.env.Sockets(node)
	if dead := DeadIn(w.env, node); dead != "" || err != nil {
		return strings.TrimSuffix("; "+dead, "; ")
	}
	var list []string
	for _, s := range sockets {
		if s.Program != "" && (s.Proto == "udp" || s.Local.Port() == plan.DNSPort) {
			list = append(list, fmt.Sprintf("%s on %s port %d", s.Program, s.Proto, s.Local.Port()))
		}
	}
	slices.Sort(list)
	if list = slices.Compact(list); len(list) == 0 {
		return ""
	}
	return " (udp); what listens there: " + strings.Join(list, ", ")
}

// owner is the node that has an address, and whether something listens on its
// port 53.
func (w lookup) owner(a netip.Addr) (node string, listens bool) {
	if node = lab.OwnerOf(w.env, w.q.Node, a); node == "" {
		return "", false
	}
	sockets, err := w.env.Sockets(node)
	return node, err != nil || slices.ContainsFunc(sockets, func(s plan.Socket) bool {
		return s.Proto == "udp" && s.Local.Port() == plan.DNSPort
	})
}

// mendRecordOf says how a node's server gets a record of the name.
func (w lookup) mendRecordOf(node string) string {
	return fmt.Sprintf("give %s a record of it: dns %s { %s ADDRESS }", node, node, w.q.Name)
}

// mendRecord says where a name gets into the DNS.
func (w lookup) mendRecord() string {
	for _, server := range w.servers() {
		if node, _ := w.owner(server); node != "" {
			return w.mendRecordOf(node)
		}
	}
	return ""
}

// orSimilar puts a name of the lab in front that looks like the one asked for.
func (w lookup) orSimilar(fix string) string {
	nodes, _ := plan.AllNodes(w.env)
	names := slices.Clone(nodes)
	for _, node := range nodes {
		more, _ := w.env.Names(node)
		names = append(names, more...)
	}
	short, domain, _ := strings.Cut(w.q.Name, ".")
	if near := diag.Nearest(short, names); near != "" && near != short {
		if domain != "" {
			near += "." + domain
		}
		return fmt.Sprintf("did you mean %s? %s", near, fix)
	}
	return fix
}

package write

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// service is the statement that starts a service.
func (w *writer) service(o plan.Start) {
	switch s := o.Service.(type) {
	case plan.HTTP:
		w.add(web(o.Node, s))
	case plan.Echo:
		text := "serve " + s.Proto + " " + port(o.Node, s.Port, 7)
		if s.Addr.IsValid() {
			text += " addr " + s.Addr.String()
		}
		w.add(text)
	case plan.DNS:
		if s.Bare || s.Domain == "" {
			w.none(o) // that of the stand-in for the outside
			return
		}
		w.add(nameServer(o.Node, s))
	case plan.DHCP:
		w.add(dhcp(o.Node, s))
	case plan.DHCPRelay:
		w.add("dhcp relay " + Word(o.Node+":"+s.Link) + " -> " + words(texts(s.Servers)))
	case plan.RA:
		w.add(advertisements(o.Node, s))
	case plan.Program:
		w.add(program(o.Node, s))
	case plan.Capture:
		w.add("capture " + words(texts(s.Ports)) + " " + strings.TrimSpace(Word(s.File)+" "+s.Filter.String()))
	}
}

// port is a node with a port, which is left out where it is the usual one.
func port(node string, n, usual int) string {
	if n == usual {
		return Word(node)
	}
	return Word(node) + ":" + strconv.Itoa(n)
}

func web(node string, s plan.HTTP) string {
	text := "serve http " + port(node, s.Port, 80)
	if s.Body != "" {
		text += " body " + syntax.Quote(s.Body)
	}
	if s.Status != 0 {
		text += " status " + strconv.Itoa(s.Status)
	}
	if s.Dir != "" {
		text += " dir " + Word(s.Dir)
	}
	if s.Addr.IsValid() {
		text += " addr " + s.Addr.String()
	}
	return text
}

// nameServer is a dns statement with its records, one to a line.
func nameServer(node string, s plan.DNS) string {
	text := "dns " + Word(node)
	if s.Domain != "" && s.Domain != "lab" {
		text += " domain " + s.Domain
	}
	for _, o := range s.Origins {
		text += " zone " + o
	}
	if len(s.Forward) > 0 {
		text += " forward " + words(texts(s.Forward))
	}
	if len(s.Records) == 0 {
		return text
	}
	return text + " " + Records(s.Records)
}

// Records are the records of a name server as the block of a statement, one to a line.
func Records(list []string) string {
	text := "{\n"
	for _, r := range list {
		text += "  " + record(r) + "\n"
	}
	return text + "}"
}

// record is a line of a master file, without its time to live and class, as a dns
// statement has it.
func record(line string) string {
	f := strings.SplitN(line, " ", 5)
	if len(f) < 5 {
		return "# " + line
	}
	name, kind, data := strings.TrimSuffix(f[0], "."), strings.ToLower(f[3]), f[4]
	switch kind {
	case "a", "aaaa":
		return name + " " + data
	case "txt":
		return name + " txt " + data
	}
	return name + " " + kind + " " + strings.TrimSuffix(data, ".")
}

func dhcp(node string, s plan.DHCP) string {
	text := "dhcp serve " + Word(node+":"+s.Link)
	if s.First.IsValid() {
		text += " " + s.First.String() + ".." + s.Last.String()
	}
	switch {
	case !s.Router.IsValid():
		text += " router none"
	case s.Router != s.Server.Addr():
		text += " router " + s.Router.String()
	}
	if len(s.Resolvers) == 0 {
		text += " dns none"
	} else {
		text += " dns " + words(texts(s.Resolvers))
	}
	if s.Domain != "" {
		text += " domain " + s.Domain
	}
	for _, h := range s.Hosts {
		text += " host " + h.MAC + " " + h.Addr.String()
	}
	for _, n := range s.Relayed {
		text += " subnet " + n.Net.String() + " " + n.First.String() + ".." + n.Last.String()
	}
	return text
}

func advertisements(node string, s plan.RA) string {
	text := "ra " + Word(node+":"+s.Link) + " " + words(texts(s.Prefixes))
	for _, o := range []struct {
		name      string
		is, usual time.Duration
	}{{"lifetime", s.Lifetime, plan.RALifetime}, {"valid", s.Valid, plan.RAValid}, {"preferred", s.Preferred, min(plan.RAPreferred, s.Valid)}} {
		if o.is != o.usual {
			text += " " + o.name + " " + strconv.FormatInt(int64(o.is/time.Second), 10)
		}
	}
	if len(s.RDNSS) > 0 {
		text += " rdnss " + words(texts(s.RDNSS))
	}
	return text
}

func program(node string, s plan.Program) string {
	text := "spawn " + Word(node)
	if s.PIDNamespace {
		text += " --pid-namespace"
	}
	if s.Log != "" {
		text += " --log " + Word(s.Log)
	}
	for _, word := range s.Argv {
		text += " " + argument(word)
	}
	if s.Ready.Port != 0 {
		text += " until listen " + s.Ready.Proto + " :" + strconv.Itoa(s.Ready.Port)
	}
	if s.Wait != 0 {
		text += " within " + s.Wait.String()
	}
	return text
}

// argument is a word of a program, which is split at blanks only.
func argument(word string) string {
	if word == "" || slices.Contains([]string{"until"}, word) || strings.ContainsAny(word, " \t\n;{}\"'$\\#") {
		return syntax.Quote(word)
	}
	return word
}

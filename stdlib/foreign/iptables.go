package foreign

import (
	"slices"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/xtables"
)

// filters are the programs of netfilter: the rules are made by them, in their own tables.
func filters() map[string]program {
	return map[string]program{"iptables": iptables, "ip6tables": iptables, "nft": nft,
		"iptables-save": iptablesSave, "ip6tables-save": iptablesSave, "iptables-restore": restore, "ip6tables-restore": restore}
}

// lacksDash reports a command of iptables without the dash of its first option; in a
// statement of nsl an option follows the node.
func lacksDash(first, second, more string) bool {
	return strings.HasSuffix(first, "tables") && len(second) == 1 && !isDashed(strings.TrimLeft(more, " "))
}

// iptables looks for mistakes. What rules nsl does not know are the program's, and so is
// their list.
func iptables(k *call) bool {
	r, lists := &filterRule{}, k.listsRules()
	if first := k.peek(); len(first) == 1 && strings.Trim(first, "AIDPFNLX") == "" {
		k.fix(k.args[0], "-"+first)
		k.args[0].text = "-" + first
	}
	for len(k.args) > 0 {
		w, _ := k.next()
		k.iptablesWord(r, w)
	}
	if r.ports.end > 0 && !r.protocol {
		k.insert(r.ports, "-p tcp")
	}
	k.afterTarget(r)
	k.natTable(r)
	k.hint(r)
	if lists {
		return k.read(map[bool]string{true: "nat", false: "rules"}[r.table == "nat"])
	}
	return k.filterStatement()
}

// filterStatement is the statement that does the command, if nsl knows all its options.
func (k *call) filterStatement() bool {
	words := texts(k.own())[1:]
	c, err := xtables.Parse(strings.HasPrefix(k.name, "ip6"), words)
	if err != nil {
		return false
	}
	for i, w := range words {
		words[i] = argument(w)
	}
	k.out.Asks = c.Checks()
	return k.say("%s %s %s", k.name, k.node, strings.Join(words, " "))
}

// restore makes the commands of what iptables-restore reads.
func restore(k *call) bool {
	tables, err := k.lab.Tables(k.node)
	if !k.hasInput || err != nil {
		return false
	}
	commands, ok := xtables.Restore(strings.HasPrefix(k.name, "ip6"), texts(k.args), k.input, tables)
	for _, words := range commands {
		for i, w := range words {
			words[i] = argument(w)
		}
		k.say("%s %s %s", strings.TrimSuffix(k.name, "-restore"), k.node, strings.Join(words, " "))
	}
	return ok && len(commands) > 0
}

// filterRule is what is remembered of a rule.
type filterRule struct {
	table, chain, target, source, port, to string
	ports, jump, command                   word
	// protocol: there is one. strange: there is a match or target whose options are not
	// known here.
	protocol, strange bool
	// early are options of the target that came before it.
	early []word
}

// afterTarget moves options of the target to after it: before it they are unknown.
func (k *call) afterTarget(r *filterRule) {
	if r.jump.end == 0 || len(r.early) == 0 {
		return
	}
	text := ""
	for i := 0; i+1 < len(r.early); i += 2 {
		text += " " + r.early[i].text + " " + r.early[i+1].text
		k.edits = append(k.edits, edit{r.early[i].start, r.early[i+1].end, ""})
	}
	k.edits = append(k.edits, edit{r.jump.end, r.jump.end, text})
}

// natTable adds the table of a rule that only it can have.
func (k *call) natTable(r *filterRule) {
	if r.table == "" && r.command.end > 0 && slices.Contains([]string{"PREROUTING", "POSTROUTING"}, r.chain) &&
		slices.Contains([]string{"MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP"}, r.target) {
		k.insert(r.command, "-t nat")
	}
}

// letterOf corrects the letter of an option that exists in the other case only.
func (k *call) letterOf(w word) string {
	right := map[string]string{"-J": "-j", "-a": "-A", "-T": "-t"}[w.text]
	if right == "" {
		return w.text
	}
	k.fix(w, right)
	return right
}

func (k *call) iptablesWord(r *filterRule, w word) {
	w.text = k.letterOf(w)
	switch w.text {
	case "-t", "--table":
		r.table = k.oneOf([]string{"filter", "nat", "mangle", "raw", "security"})
	case "-A", "-I", "-D", "-P", "-R", "-C", "-F", "-L", "-S", "-Z", "--append", "--insert", "--delete", "--policy", "--list", "--flush":
		if p := k.peek(); p != "" && !isDashed(p) {
			r.command, r.chain = w, k.chain()
		}
		if w.text == "-P" || w.text == "--policy" {
			k.oneOfUpper([]string{"ACCEPT", "DROP"})
		}
	case "-j", "--jump":
		if len(k.args) > 0 {
			r.jump = k.args[0]
		}
		r.strange = r.strange || xtables.LeftToProgram(k.peek())
		r.target = k.oneOfUpper([]string{"ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "MASQUERADE", "SNAT", "DNAT", "REDIRECT", "MARK", "TCPMSS",
			"CONNMARK", "NFLOG", "TPROXY", "CT", "NOTRACK", "TRACE"})
	case "-p", "--protocol":
		r.protocol = true
		k.oneOf([]string{"tcp", "udp", "icmp", "icmpv6", "all", "sctp", "esp", "ah", "gre"})
	case "-m", "--match":
		r.strange = r.strange || slices.Contains(programMatches(), k.peek())
		k.oneOf(append(xtables.Matches(), programMatches()...))
	case "--dport", "--sport", "--destination-port", "--source-port":
		r.ports = w
		r.port = k.peek()
	case "-i", "-o", "--in-interface", "--out-interface":
		if link := k.peek(); link != "" && !k.lab.MayExist(plan.Ref{Node: k.node, Link: link}) {
			k.out.Note = verb.OfferUplink(k.lab, plan.Ref{Node: k.node, Link: link})
		}
	case "-s", "--source":
		r.source = k.peek()
	case "--to-destination", "--to-source", "--to-ports", "--reject-with", "--log-prefix", "--set-mark":
		if w.text == "--to-destination" || w.text == "--to-ports" {
			r.to = k.peek()
		}
		if r.jump.end == 0 && len(k.args) > 0 {
			r.early = append(r.early, w, k.args[0])
		}
	default:
		k.iptablesOption(r, w)
	}
}

// programMatches are those of iptables-extensions(8) of which only the program knows the options.
func programMatches() []string {
	return []string{"set", "hl", "tos", "esp", "ah", "sctp", "policy", "realm", "socket", "u32", "connbytes", "bpf", "cgroup", "cluster", "cpu",
		"devgroup", "ecn", "frag", "ipv6header", "mh", "nfacct", "osf", "rateest", "rt", "tcpmss", "ipvs", "dst", "eui64", "hbh"}
}

// iptablesOption corrects a mistyped option.
func (k *call) iptablesOption(r *filterRule, w word) {
	long := append(xtables.Options(), "--append", "--table", "--jump", "--protocol", "--match", "--source", "--destination", "--state",
		"--to-destination", "--to-source", "--to-ports", "--in-interface", "--out-interface", "--reject-with", "--log-prefix", "--set-mark",
		"--line-numbers", "--numeric", "--verbose", "--policy", "--flush")
	if slices.Contains(long, "-"+w.text) {
		k.fix(w, "-"+w.text)
		return
	}
	if !strings.HasPrefix(w.text, "--") || slices.Contains(long, w.text) || r.strange {
		return
	}
	if near := nearWord(w.text, long); near != "" && !strings.HasPrefix(near, w.text) {
		k.fix(w, near)
	}
}

// oneOf takes the next word, and corrects it where it is near to one of a list.
func (k *call) oneOf(list []string) string {
	w, ok := k.next()
	if !ok || slices.Contains(list, w.text) {
		return w.text
	}
	if near := nearWord(w.text, list); near != "" {
		k.fix(w, near)
		return near
	}
	return w.text
}

// oneOfUpper corrects words in capitals only where they were mistyped by a letter or
// written small: others are names of chains.
func (k *call) oneOfUpper(list []string) string {
	if len(k.args) == 0 {
		return ""
	}
	w := k.args[0]
	if up := strings.ToUpper(w.text); up != w.text && slices.Contains(list, up) {
		k.next()
		k.fix(w, up)
		return up
	}
	return k.oneOf(list)
}

func (k *call) chain() string {
	return k.oneOfUpper([]string{"INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"})
}

// hint names the statement of nsl that does what people use the rule for.
func (k *call) hint(r *filterRule) {
	switch {
	case r.target == "MASQUERADE" && r.source != "":
		k.out.Hint = "nat " + r.source
	case r.target == "REDIRECT" && r.port != "" && r.to != "":
		k.out.Hint = "redirect " + r.port + " -> " + r.to
	case r.target == "DNAT" && r.port != "" && strings.Contains(r.to, ":"):
		k.out.Hint = "publish " + r.port + " -> " + r.to
	}
}

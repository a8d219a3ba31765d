package nfread

import (
	"encoding/binary"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// legacyTables are the tables of iptables-legacy and ip6tables-legacy that are there:
// to ask for others would make them.
func legacyTables() (all []plan.FilterTable) {
	for _, f := range []legacy{
		{"ip", "iptables", unix.AF_INET, unix.SOL_IP, "/proc/thread-self/net/ip_tables_names", layout4()},
		{"ip6", "ip6tables", unix.AF_INET6, unix.SOL_IPV6, "/proc/thread-self/net/ip6_tables_names", layout6()},
	} {
		names, err := os.ReadFile(f.names)
		if err != nil {
			continue
		}
		for _, name := range strings.Fields(string(names)) {
			if t, err := f.read(name); err == nil {
				all = append(all, t)
			}
		}
	}
	return all
}

// legacy is one of the two programs.
type legacy struct {
	family, program string
	domain, level   int
	// names is the file with the names of the tables.
	names string
	layout
}

// Options of the sockets (<linux/netfilter_ipv4/ip_tables.h>).
const (
	soGetInfo    = 64
	soGetEntries = 65
	tableName    = 32
	hookCount    = 5
)

// read asks for one table.
func (f legacy) read(name string) (plan.FilterTable, error) {
	fd, err := unix.Socket(f.domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return plan.FilterTable{}, err
	}
	defer unix.Close(fd)
	// struct ipt_getinfo: name, valid hooks, entries and underflows of the hooks, count, size.
	info := make([]byte, tableName+4+2*4*hookCount+8)
	copy(info, name)
	if err := getsockopt(fd, f.level, soGetInfo, info); err != nil {
		return plan.FilterTable{}, err
	}
	size := int(binary.NativeEndian.Uint32(info[len(info)-4:]))
	// struct ipt_get_entries: name, size, and after padding the entries.
	const before = tableName + 8
	entries := make([]byte, before+size)
	copy(entries, name)
	binary.NativeEndian.PutUint32(entries[tableName:], uint32(size))
	if err := getsockopt(fd, f.level, soGetEntries, entries); err != nil {
		return plan.FilterTable{}, err
	}
	b := blob{legacy: f, data: entries[before:], table: name}
	b.hooks(info[tableName:])
	return plan.FilterTable{Family: f.family, Name: name, Program: f.program, Chains: b.chains()}, nil
}

func getsockopt(fd, level, name int, buf []byte) error {
	size := uint32(len(buf))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(name),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// blob is a table as the kernel gives it: entries one after the other, jumps by offset.
type blob struct {
	legacy
	table string
	data  []byte
	// starts are the offsets at which the hooks' chains begin.
	starts map[int]string
}

// hooks reads where the chains of the hooks begin: a bit for each hook that the table
// has, then the offsets.
func (b *blob) hooks(info []byte) {
	b.starts = map[int]string{}
	valid := binary.NativeEndian.Uint32(info)
	for i, hook := range []string{"prerouting", "input", "forward", "output", "postrouting"} {
		if valid&(1<<i) != 0 {
			b.starts[int(binary.NativeEndian.Uint32(info[4+4*i:]))] = hook
		}
	}
}

// xtEntry is one entry: a rule, or the mark at which a user's chain begins.
type xtEntry struct {
	offset int
	match  []plan.FilterExpr
	// target is "" for a verdict: negative ones are the kernel's, others an offset, to
	// which the rule jumps or, with goes, does not return from.
	target     string
	targetData []byte
	revision   int
	verdict    int
	goes       bool
}

// chains parts the entries into chains. A user's chain begins with an ERROR target that
// has its name, and the last entry is such a target named ERROR.
func (b *blob) chains() []plan.FilterChain {
	var list []plan.FilterChain
	names := map[int]string{} // by the offset of a chain's first rule
	entries := b.entries()
	for i, e := range entries {
		if e.target == "ERROR" && i+1 < len(entries) {
			names[entries[i+1].offset] = unix.ByteSliceToString(e.targetData)
		}
	}
	for _, e := range entries {
		switch hook, starts := b.starts[e.offset]; {
		case e.target == "ERROR":
			list = append(list, plan.FilterChain{Name: unix.ByteSliceToString(e.targetData)})
			continue
		case starts:
			list = append(list, b.base(hook))
		}
		c := &list[len(list)-1]
		c.Rules = append(c.Rules, b.rule(e, names))
	}
	for i := range list {
		list[i] = withPolicy(list[i])
	}
	return list
}

// withPolicy takes off the last rule, which is the chain's policy, or a return.
func withPolicy(c plan.FilterChain) plan.FilterChain {
	n := len(c.Rules)
	if n == 0 {
		return c
	}
	final := c.Rules[n-1].Exprs
	if v, ok := final[len(final)-1].(plan.Verdict); ok && c.Hook != "" {
		c.Drops = v.Kind == "drop"
	}
	c.Rules = c.Rules[:n-1]
	return c
}

// base is the chain of a hook, at the priority of its table (enum nf_ip_hook_priorities).
func (b *blob) base(hook string) plan.FilterChain {
	c := plan.FilterChain{Name: strings.ToUpper(hook), Type: "filter", Hook: hook}
	switch b.table {
	case "raw":
		c.Priority = -300
	case "mangle":
		c.Priority = -150
		if hook == "output" {
			c.Type = "route"
		}
	case "security":
		c.Priority = 50
	case "nat":
		c.Type, c.Priority = "nat", -100
		if hook == "postrouting" || hook == "input" {
			c.Priority = 100
		}
	}
	return c
}

// rule is an entry as expressions.
func (b *blob) rule(e xtEntry, names map[int]string) plan.FilterRule {
	r := plan.FilterRule{Exprs: e.match}
	switch {
	case e.target != "":
		r.Exprs = append(r.Exprs, plan.XtTarget{Name: e.target, Revision: e.revision, Data: e.targetData})
	case e.verdict >= 0 && e.goes:
		r.Exprs = append(r.Exprs, plan.Verdict{Kind: "goto", Chain: names[e.verdict]})
	case e.verdict >= 0:
		v := plan.Verdict{Kind: "continue"} // to the next rule
		if name := names[e.verdict]; name != "" {
			v = plan.Verdict{Kind: "jump", Chain: name}
		}
		r.Exprs = append(r.Exprs, v)
	default:
		kinds := map[int]string{-1: "drop", -2: "accept", -4: "queue", -5: "return"}
		r.Exprs = append(r.Exprs, plan.Verdict{Kind: kinds[e.verdict]})
	}
	return r
}

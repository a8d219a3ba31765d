// Package nfread reads the packet filter of a network namespace: nftables, and the
// tables of iptables-legacy(8).
package nfread

import (
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Read is the packet filter of the calling thread's namespace. What this kernel does
// not have is left out.
func Read(d rtnl.Dialer) (plan.Ruleset, error) {
	var all plan.Ruleset
	c, err := d.DialProtocol(unix.NETLINK_NETFILTER)
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return all, nil // a kernel without netfilter
	}
	if err != nil {
		return all, err
	}
	defer c.Close()
	r := reader{conn: c}
	if all.Tables, err = r.tables(); err != nil {
		return all, err
	}
	all.Tables = append(all.Tables, legacyTables()...)
	return all, nil
}

// reader asks one namespace.
type reader struct{ conn *rtnl.Conn }

// attributes are the attributes of a message or of a nested one, by their type.
type attributes map[int][]byte

func attributesOf(b []byte, fixed int) attributes {
	as := attributes{}
	for typ, value := range rtnl.Attributes(b, fixed) {
		as[typ] = value
	}
	return as
}

func (as attributes) text(typ int) string { return unix.ByteSliceToString(as[typ]) }

// number is a number of four bytes in network order, 0 where it is missing.
func (as attributes) number(typ int) int { return number(as[typ]) }

func number(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	return int(int32(binary.BigEndian.Uint32(b)))
}

// nfgenmsg is struct nfgenmsg (<linux/netfilter/nfnetlink.h>).
const nfgenmsg = 4

// dump asks for all things of a kind, of every family; with is the body after the
// header.
func (r reader) dump(kind, answer int, family uint8, with []byte) ([][]byte, error) {
	const subsystem = unix.NFNL_SUBSYS_NFTABLES << 8
	msgs, err := r.conn.Request(subsystem|kind, unix.NLM_F_DUMP, subsystem|answer, append([]byte{family, 0, 0, 0}, with...))
	if slices.ContainsFunc(msgs, func(m []byte) bool { return len(m) < nfgenmsg }) {
		return nil, unix.EBADMSG
	}
	return msgs, err
}

// tableKey names a table.
type tableKey struct {
	family uint8
	name   string
}

// tables are all tables of nftables with what is in them. A kernel without nftables has
// none.
func (r reader) tables() ([]plan.FilterTable, error) {
	msgs, err := r.dump(unix.NFT_MSG_GETTABLE, unix.NFT_MSG_NEWTABLE, unix.AF_UNSPEC, nil)
	if len(msgs) == 0 {
		return nil, missing(err)
	}
	var keys []tableKey
	for _, m := range msgs {
		keys = append(keys, tableKey{m[0], attributesOf(m, nfgenmsg).text(unix.NFTA_TABLE_NAME)})
	}
	rules, err := r.rules()
	if err != nil {
		return nil, err
	}
	chains, err := r.chains(rules)
	if err != nil {
		return nil, err
	}
	sets, err := r.sets()
	var list []plan.FilterTable
	for _, k := range keys {
		list = append(list, plan.FilterTable{Family: familyName(k.family), Name: k.name, Program: plan.NftProgram, Chains: chains[k], Sets: sets[k]})
	}
	return list, err
}

// missing is nil for the error of a kernel that lacks nftables.
func missing(err error) error {
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

func familyName(f uint8) string {
	names := map[uint8]string{unix.NFPROTO_INET: "inet", unix.NFPROTO_IPV4: "ip", unix.NFPROTO_IPV6: "ip6",
		unix.NFPROTO_ARP: "arp", unix.NFPROTO_BRIDGE: "bridge", unix.NFPROTO_NETDEV: "netdev"}
	return names[f]
}

// chainKey names a chain.
type chainKey struct {
	tableKey
	chain string
}

func (r reader) rules() (map[chainKey][]plan.FilterRule, error) {
	msgs, err := r.dump(unix.NFT_MSG_GETRULE, unix.NFT_MSG_NEWRULE, unix.AF_UNSPEC, nil)
	if err != nil {
		return nil, err
	}
	rules := map[chainKey][]plan.FilterRule{}
	for _, m := range msgs {
		as := attributesOf(m, nfgenmsg)
		key := chainKey{tableKey{m[0], as.text(unix.NFTA_RULE_TABLE)}, as.text(unix.NFTA_RULE_CHAIN)}
		rules[key] = append(rules[key], plan.FilterRule{Comment: comment(as[unix.NFTA_RULE_USERDATA]), Exprs: exprs(as[unix.NFTA_RULE_EXPRESSIONS])})
	}
	return rules, nil
}

// comment is what nft(8) puts into the user data of a rule: entries of a type, a
// length and a value (libnftnl, udata.c); 0 is the comment's type.
func comment(data []byte) string {
	for len(data) >= 2 && len(data) >= 2+int(data[1]) {
		if data[0] == 0 {
			return unix.ByteSliceToString(data[2 : 2+int(data[1])])
		}
		data = data[2+int(data[1]):]
	}
	return ""
}

func (r reader) chains(rules map[chainKey][]plan.FilterRule) (map[tableKey][]plan.FilterChain, error) {
	msgs, err := r.dump(unix.NFT_MSG_GETCHAIN, unix.NFT_MSG_NEWCHAIN, unix.AF_UNSPEC, nil)
	if err != nil {
		return nil, err
	}
	chains := map[tableKey][]plan.FilterChain{}
	for _, m := range msgs {
		as := attributesOf(m, nfgenmsg)
		key := tableKey{m[0], as.text(unix.NFTA_CHAIN_TABLE)}
		c := plan.FilterChain{Name: as.text(unix.NFTA_CHAIN_NAME), Type: as.text(unix.NFTA_CHAIN_TYPE)}
		if hook := as[unix.NFTA_CHAIN_HOOK]; hook != nil {
			hookOf(&c, key.family, hook)
		}
		c.Drops = as[unix.NFTA_CHAIN_POLICY] != nil && as.number(unix.NFTA_CHAIN_POLICY) == 0
		c.Rules = rules[chainKey{key, c.Name}]
		chains[key] = append(chains[key], c)
	}
	return chains, nil
}

// Package xtables reads the command lines of iptables(8) and ip6tables(8), and makes the
// tables of nftables that these programs would make (iptables-nft 1.8): the rules are those
// that `iptables -S` shows. What it does not know is [ErrUnsupported]: the program itself
// has to do it.
package xtables

package main

import (
	"fmt"
	"net/netip"
	"strings"
)

// A topology is what is built, and the ways to write it.
type topology struct {
	// name is the floor's word for it, and title the words of a table.
	name, title string
	// sizes are measured if no others are wanted, and most is the largest one possible.
	sizes []int
	most  int
	// nodes is how many a size has.
	nodes func(n int) int
	forms []form
	// others are programs of scripts/bench, by name.
	others map[string]string
}

// A form is one way to write a lab in nsl; the first of a topology has no name.
type form struct {
	name string
	text func(n int) string
}

// spines is how many switches each leaf is connected to, as in floor.c.
const spines = 8

func topologies() []topology {
	same := func(n int) int { return n }
	return []topology{
		{name: "star", title: "star, %d nodes on one bridge", sizes: []int{10, 100, 500, 1000}, most: 1023, nodes: same,
			forms:  []form{{"", starScript}, {"loop", starLoop}, {"member by member", starMembers}},
			others: map[string]string{"ip -batch": "scripts/bench/ip-batch.sh", "bash + ip": "scripts/bench/bash-ip.sh"}},
		{name: "pairs", title: "%d pairs of nodes", sizes: []int{100, 500}, most: 4000, nodes: func(n int) int { return 2 * n },
			forms: []form{{"", pairsScript}, {"loop", pairsLoop}}},
		{name: "chain", title: "chain of %d routers with routes", sizes: []int{200}, most: 1000, nodes: same,
			forms: []form{{"", chainScript}}},
		{name: "leaf-spine", title: "%d leaves, each connected to 8 spines", sizes: []int{32}, most: 255,
			nodes: func(n int) int { return n + spines }, forms: []form{{"", leafSpineScript}}},
	}
}

// numbered are the words PREFIX1 to PREFIXn.
func numbered(prefix string, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprint(prefix, i+1)
	}
	return strings.Join(words, " ")
}

const starSubnet = "10.0.0.0/16"

// starScript is the star in two statements.
func starScript(n int) string {
	members := numbered("h", n)
	return "ns " + members + "\nbridge sw <" + members + "> " + starSubnet + "\n"
}

func starLoop(n int) string {
	return fmt.Sprintf("for i in 1..%d { ns h$i }\nbridge sw <%s> %s\n", n, numbered("h", n), starSubnet)
}

func starMembers(n int) string {
	var b strings.Builder
	b.WriteString("bridge sw " + starSubnet + "\n")
	for i := range n {
		fmt.Fprintf(&b, "ns h%[1]d\nlink h%[1]d <-> host:p%[1]d noaddr\nattach p%[1]d -> sw\naddr h%[1]d 10.0.%[2]d.%[3]d/16\n", i+1, (i+1)>>8, (i+1)&255)
	}
	return b.String()
}

func pairsScript(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "ns a%[1]d b%[1]d\nlink a%[1]d <-> b%[1]d %[2]s\n", i+1, cableSubnet(i))
	}
	return b.String()
}

// pairsLoop leaves the addresses to nsl.
func pairsLoop(n int) string {
	return fmt.Sprintf("for i in 1..%d {\n  ns a$i b$i\n  link a$i <-> b$i\n}\n", n)
}

// chainScript has routers in a line, each with routes to the first and the last subnet.
func chainScript(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ns %[1]s\nforward <%[1]s>\n", numbered("r", n))
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "link r%d:right <-> r%d:left %s\n", i, i+1, cableSubnet(i))
	}
	for i := 1; i <= n; i++ {
		if i > 2 {
			fmt.Fprintf(&b, "route r%d %s via %s\n", i, cableSubnet(1), host(i-1, 1))
		}
		if i < n-1 {
			fmt.Fprintf(&b, "route r%d %s via %s\n", i, cableSubnet(n-1), host(i, 2))
		}
	}
	return b.String()
}

func leafSpineScript(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ns %[1]s %[2]s\nforward <%[1]s %[2]s>\n", numbered("s", spines), numbered("l", n))
	for i := range n * spines {
		fmt.Fprintf(&b, "link l%[1]d:u%[2]d <-> s%[2]d:d%[1]d %[3]s\n", i/spines+1, i%spines+1, cableSubnet(i))
	}
	return b.String()
}

// host is an address of the i-th cable, which has a subnet with two of them.
func host(i, end int) netip.Addr {
	i = 4*i + end
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func cableSubnet(i int) netip.Prefix { return netip.PrefixFrom(host(i, 0), 30) }

// Package filter holds the verbs that let packets through, stop them or
// translate them; all of them write the lab's nftables table.
package filter

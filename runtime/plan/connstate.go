package plan

import "strings"

// ConnState is a set of states in which the kernel's connection tracking has a
// packet (nft(8), CONNTRACK EXPRESSIONS).
type ConnState uint8

// The states, with the kernel's bits (NF_CT_STATE_BIT, <linux/netfilter/
// nf_conntrack_common.h>).
const (
	StateInvalid     ConnState = 1
	StateEstablished ConnState = 2
	StateRelated     ConnState = 4
	StateNew         ConnState = 8
	StateUntracked   ConnState = 64
)

// ConnStates are all states with their names, in the order they are written in.
func ConnStates() []struct {
	State ConnState
	Name  string
} {
	return []struct {
		State ConnState
		Name  string
	}{{StateNew, "new"}, {StateEstablished, "established"}, {StateRelated, "related"},
		{StateInvalid, "invalid"}, {StateUntracked, "untracked"}}
}

// String are the names, parted by commas.
func (s ConnState) String() string {
	var names []string
	for _, c := range ConnStates() {
		if s&c.State != 0 {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ",")
}

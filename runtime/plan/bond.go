package plan

import (
	"slices"
	"strconv"
	"time"
)

// BondOptions are those of a bond beside its mode; each mode uses some.
type BondOptions struct {
	// Monitor is how often it looks for the carrier of its members (miimon), in steps of a
	// millisecond; 0 is never, so that a member whose other end is down stays in use.
	Monitor time.Duration
	// Hash is the policy by which packets are spread over members, "" for the kernel's,
	// layer2.
	Hash string
	// FastLACP: the other end is asked for a LACPDU each second, and not each 30 seconds
	// (IEEE 802.1AX).
	FastLACP bool
}

// UsualMonitor is the interval that nsl gives a bond, and that the kernel gives those modes
// that cannot do without (BOND_DEFAULT_MIIMON, <net/bonding.h>).
const UsualMonitor = 100 * time.Millisecond

// The modes of a bond that code asks for.
const (
	ActiveBackup = "active-backup"
	LACP         = "802.3ad"
)

// BondModes are the modes of a bond in the kernel's order (BOND_MODE_*,
// <linux/if_bonding.h>).
func BondModes() []string {
	return []string{"balance-rr", ActiveBackup, "balance-xor", "broadcast", LACP, "balance-tlb", "balance-alb"}
}

// HashPolicies are the policies by which a bond spreads packets, likewise
// (BOND_XMIT_POLICY_*).
func HashPolicies() []string {
	return []string{"layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"}
}

// OneMAC reports whether all members of a bond have its hardware address.
func OneMAC(mode string) bool { return mode != "balance-tlb" && mode != "balance-alb" }

// Monitored reports whether a mode cannot do without Monitor (bond_check_params,
// drivers/net/bonding/bond_main.c).
func Monitored(mode string) bool { return mode == LACP || !OneMAC(mode) }

// Hashes reports whether a mode spreads packets by a policy.
func Hashes(mode string) bool {
	return slices.Contains([]string{"balance-xor", LACP, "balance-tlb"}, mode)
}

// words are the options in ip-link(8).
func (o BondOptions) words(kind string) (w []string) {
	if kind != Bond {
		return nil
	}
	if o.Monitor != 0 {
		w = append(w, "miimon", strconv.FormatInt(o.Monitor.Milliseconds(), 10))
	}
	if o.Hash != "" {
		w = append(w, "xmit_hash_policy", o.Hash)
	}
	if o.FastLACP {
		w = append(w, "lacp_rate", "fast")
	}
	return w
}

// BondWords are those that differ from what the statement bond takes, in its words.
func (o BondOptions) BondWords(kind string) (w []string) {
	if kind != Bond {
		return nil
	}
	if o.Monitor != UsualMonitor {
		w = append(w, "miimon", o.Monitor.String())
	}
	if o.Hash != "" {
		w = append(w, "xmit-hash-policy", o.Hash)
	}
	if o.FastLACP {
		w = append(w, "lacp-rate", "fast")
	}
	return w
}

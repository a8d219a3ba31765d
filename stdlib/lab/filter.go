package lab

import (
	"nsl/runtime/plan"
)

// Verdicts are the verbs of the packet filter with the verdicts of their rules.
func Verdicts() map[string]string {
	return map[string]string{"block": "drop", "allow": "accept", "reject": "reject"}
}

// Forbids reports whether a rule lets no packet through.
func Forbids(r plan.NftRule) bool { return r.Verdict == "drop" || r.Verdict == "reject" }

// MaxComment is the longest comment of a rule, in bytes (NFTNL_UDATA_COMMENT_MAXLEN,
// nft(8)), less the closing NUL.
const MaxComment = 127

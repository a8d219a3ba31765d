package syntax

// HostName and MaxIfName are plan.Host and plan.MaxIfName: this package knows
// nothing of plans, so package verb, which knows both, holds them equal.
const (
	HostName  = "host"
	MaxIfName = 15
)

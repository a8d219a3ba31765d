package sandbox

import (
	"strings"
)

// masked is for containers, whose runtimes cover parts of /proc: the kernel lets no one mount
// another one there, which would reveal them.
func masked(a attempt) *Refused {
	if !a.proc || !a.denied() || len(a.Covered) == 0 {
		return nil
	}
	return &Refused{
		Why: "parts of /proc are covered here (" + strings.Join(a.Covered[:min(3, len(a.Covered))], ", ") + "), as container runtimes do, so a lab can have no /proc of its own",
		Fix: containerFix + "\nor in Kubernetes with:  hostUsers: false, and procMount: Unmasked in the container's securityContext",
	}
}

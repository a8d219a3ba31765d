package repl

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// TestReadsAreNoStep holds that a command that only reads is answered by the program, with
// the statement of nsl that is near to it, and that undo has nothing to undo for it.
func TestReadsAreNoStep(t *testing.T) {
	world := labtest.NewWorld()
	world.Run = func(_ context.Context, node string, argv []string, s plan.Streams) (int, error) {
		_, err := fmt.Fprintf(s.Out, "%s: %s\n", node, strings.Join(argv, " "))
		return 0, err
	}
	screen, _ := talkAbout(t, world, false, "ns red", "ip -n red -br addr", "iptables -nvL -t nat", "undo", "exit")
	for _, want := range []string{
		"red: ip -br addr\n    in nsl: show addrs red\n",
		"host: iptables -nvL -t nat\n    in nsl: show nat host\n",
		"undone: ns red  (and 2 questions after it)\n",
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not on the screen:\n%s", want, screen)
		}
	}
	if log := world.Log(); strings.Contains(strings.Join(log, "\n"), "iptables") {
		t.Errorf("a read was an op: %q", log)
	}
}

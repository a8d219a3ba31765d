package repl

import (
	"os"
	"testing"
)

// TestSavedInNSL holds that what was typed in the words of other programs is saved as the
// statements that it was in this lab.
func TestSavedInNSL(t *testing.T) {
	t.Chdir(t.TempDir())
	talk(t, false, "# the rooms", "ip netns add red", "ip link add type veth", "undo", "ip link add type veth",
		"ip netns", "# a program", "ip netns exec red nginx", "test \"x\" { ip link del veth0 }", "save lab.nsl")
	b, err := os.ReadFile("lab.nsl")
	const want = `# the rooms
ns red
down red:lo
veth veth0 <-> veth1
# ip netns
# a program
exec red nginx
test "x" { ip link del veth0 }
`
	if string(b) != want {
		t.Errorf("%v\n%s", err, b)
	}
}

package stdlib_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"nsl/lang/syntax"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// commands are what a program may change, with places for values as in shapes.
func commands() []string {
	return []string{
		"exec {node} ip addr add {addr} dev {dev}", "exec {node} ip addr flush dev {dev}", "exec {node} ip link set {dev} down",
		"exec {node} ip link set {dev} up", "exec {node} ip link set {dev} mtu {mtu}", "exec {node} ip link set {dev} name x7",
		"exec {node} ip link set e0 address {mac}", "exec {node} ip link del {dev}", "exec {node} ip link add x8 type veth peer name x9",
		"exec {node} ip link add {dev} type bridge", "exec {node} ip route add {net} via {ip}", "exec {node} ip route del {net}",
		"exec {node} ip route flush {net}", "exec {node} ip neigh add {ip} lladdr {mac} dev {dev}", "exec {node} ip rule add from {net} lookup 100",
		"exec {node} sysctl -qw net.ipv4.{key}={value}", "exec {node} sysctl -qw net.ipv6.conf.e0.{key6}={value}",
		"exec {node} nft add table ip t{port}", "exec {node} iptables -A INPUT -s {net} -j DROP",
	}
}

// sequencePart is the part in which random sequences are undone.
const sequencePart = "sequence"

// sequence does the statements of a random lab, of which the kernel or a check may refuse
// some, and undoes all but the first ones.
func sequence(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	s.EnableUndo()
	given := len(theSame())
	if err := s.Run(context.Background(), tree.Statements[:given]); err != nil {
		return err
	}
	before, err := remembered(s)
	if err != nil {
		return err
	}
	mark := s.Mark()
	for _, st := range tree.Statements[given:] {
		if err := s.Do(context.Background(), st); err != nil {
			fmt.Fprintf(out, "refused: %v\n", err)
		}
	}
	s.Failed, s.Held = 0, 0
	return compareUndone(s, mark, "the sequence", before, out)
}

// TestUndoOfRandomSequences undoes random statements, between which programs change the lab.
func TestUndoOfRandomSequences(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "ip", "sysctl", "nft", "iptables")
	// The link-local address of another hardware address, ::1 without a route of its own,
	// and three times a cable of which a program deleted one end.
	seeds := []uint64{4, 8, 25, 27, 33}
	if labtest.IsNightly() {
		for range 1000 {
			seeds = append(seeds, rand.Uint64()>>1)
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			var lines []string
			for range 5 {
				lines = append(lines, randomOf(r, shapes()), randomOf(r, commands()))
			}
			undoesSequence(t, lines)
		})
	}
}

// What a program has changed of an interface is undone after the interface was deleted and made
// again: it names it by its number.
func TestUndoOfProgramsBeforeADeletion(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "ip")
	undoesSequence(t, []string{
		"exec red ip addr add 10.9.9.9/24 dev e0", "exec red ip route add 10.8.0.0/16 via 10.9.9.8",
		"exec red ip link set e0 mtu 1400", "delete red:e0", "ns third", "link third <-> red",
	})
}

func undoesSequence(t *testing.T, lines []string) {
	t.Helper()
	script := strings.Join(append(theSame(), lines...), "\n") + "\n"
	if got := labs.In(t, sequencePart, labs.Job{Script: script}); got.Err != "" || got.Failed > 0 || got.Held == 0 {
		t.Errorf("%s\n%s\n%s", script, got.Err, got.Out)
	}
}

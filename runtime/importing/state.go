package importing

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"nsl/runtime/lab"
	"nsl/runtime/plan"
)

// State is what the kernel has, by node: a line for each interface, address, route, rule,
// qdisc and setting, sorted, and the rules of packet filters in their order.
type State map[string][]string

// look reads the state of a lab, with these settings of its nodes.
func look(ctx context.Context, w *lab.World, settings map[string][]string) (State, error) {
	nodes, err := plan.AllNodes(w)
	if err != nil {
		return nil, err
	}
	s := State{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, lookers)
	var failed error
	for _, n := range nodes {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			lines, err := lookAt(ctx, w, n, settings[n])
			mu.Lock()
			defer mu.Unlock()
			if s[n] = lines; err != nil {
				failed = fmt.Errorf("%s: %w", n, err)
			}
		})
	}
	wg.Wait()
	return s, failed
}

const lookers = 4

// lookAt reads the state of a node, with the programs that are installed.
func lookAt(ctx context.Context, w *lab.World, node string, settings []string) ([]string, error) {
	if !w.Installed("ip") {
		return lookByView(w, node, settings)
	}
	var out bytes.Buffer
	if _, err := w.Exec(ctx, node, []string{"sh", "-c", lookScript}, plan.Streams{Out: &out}); err != nil {
		return nil, err
	}
	var lines []string
	for section := range strings.SplitSeq(out.String(), "== ") {
		name, text, _ := strings.Cut(section, "\n")
		more, err := read(name, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		lines = append(lines, more...)
	}
	more, err := lookAtRest(w, node, settings)
	lines = append(lines, more...)
	sortUnordered(lines)
	return lines, err
}

// lookAtRest reads what nsl itself has to find out: both ends of cables, and settings.
func lookAtRest(w plan.View, node string, settings []string) (lines []string, err error) {
	links, err := w.Links(node)
	for _, l := range links {
		if peer, err := w.Peer(node, l.Name); l.Kind == "veth" && err == nil {
			lines = append(lines, fmt.Sprintf("cable %s <-> %s", l.Name, peer))
		}
	}
	for _, key := range settings {
		value, err := w.Sysctl(node, key)
		if err != nil {
			value = "(none)"
		}
		lines = append(lines, fmt.Sprintf("setting %s = %s", key, value))
	}
	return lines, err
}

// sortUnordered sorts what has no order; the rules of packet filters keep theirs.
func sortUnordered(lines []string) {
	slices.SortStableFunc(lines, func(a, b string) int {
		if strings.HasPrefix(a, "nft ") && strings.HasPrefix(b, "nft ") {
			return 0
		}
		return strings.Compare(a, b)
	})
}

// lookScript prints the state of a node: as few programs as can be, for a lab has many
// nodes.
const lookScript = `PATH=$PATH:/usr/sbin:/sbin
echo "== ip4"; printf 'addr show\nroute show table all\nrule show\nneigh show nud permanent\n' | ip -j -d -batch -
echo "== ip6"; printf 'route show table all\nrule show\n' | ip -6 -j -d -batch -
command -v tc >/dev/null && { echo "== qdisc"; tc -j qdisc show; }
command -v nft >/dev/null && { echo "== nft"; nft -j list ruleset; }
`

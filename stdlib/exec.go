package stdlib

import (
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Exec is the statement exec.
type Exec struct {
	Node    syntax.NodeRef `parser:"'exec' @@"`
	Command syntax.Rest    `parser:"@@"`
}

func execVerb() *verb.Verb {
	return verb.Define[Exec](verb.Spec{
		Name:    "exec",
		Group:   verb.Building,
		Summary: "run a program inside a node and wait for its end",
		Usage:   []string{"exec NODE COMMAND…"},
		Doc: `The program sees the node's interfaces, addresses and routes, and nothing else of
the network; files are the machine's own. Its output goes where the script's
goes. A program that ends with an error stops the script (exit code 1); where an
error is expected, say so: ` + "`expect exec red false exits 1`" + `.

No shell is between: words are passed as they are. For pipes and the like start
one: ` + "`exec red sh -c 'ip addr | grep inet'`" + `.

What a program changes in the lab is seen by the next statement: nsl asks the
kernel each time.`,
		Examples: []verb.Example{
			{Note: "Any installed program.", Code: "ns red\nexec red ip addr\n"},
			{Note: "A node made by another program is a node.", Code: "ns red\nexec host ip netns add green\nlink green <-> red\nexpect ping red -> green\n"},
		},
	})
}

// Plan runs the program.
func (e *Exec) Plan(p *verb.Plan) {
	if node, ok := p.Node(e.Node); ok {
		p.Do(p.At, plan.Exec{Node: node, Argv: e.Command.Argv()})
	}
}

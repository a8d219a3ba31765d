package links

import (
	"slices"
	"time"

	"github.com/alecthomas/participle/v2/lexer"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// shape is the statement shape.
type shape struct {
	Ifaces []syntax.Endpoint `parser:"'shape' ( '<' @@* '>' | @@ )"`
	Off    *syntax.Keyword   `parser:"((?= 'off') @@)?"`
	Like   *syntax.Preset    `parser:"('like' @@)?"`
	Opts   []shapeOption     `parser:"@@*"`
	// EndPos is the place of the last word, at the end of the statement.
	EndPos lexer.Position
}

// shapeOption is one thing that an interface does to packets.
type shapeOption struct {
	Delay     *syntax.Duration `parser:"  'delay' @@"`
	Jitter    *syntax.Duration `parser:"| 'jitter' @@"`
	Loss      *syntax.Percent  `parser:"| 'loss' @@"`
	Duplicate *syntax.Percent  `parser:"| 'duplicate' @@"`
	Reorder   *syntax.Percent  `parser:"| 'reorder' @@"`
	Corrupt   *syntax.Percent  `parser:"| 'corrupt' @@"`
	Rate      *syntax.Rate     `parser:"| 'rate' @@"`
	Limit     *syntax.Int      `parser:"| 'limit' @@"`
}

// Shape is the verb shape.
func Shape() *verb.Verb {
	return verb.Define[shape](verb.Spec{
		Name:    "shape",
		Summary: "delay, lose or slow down the packets that an interface sends",
		Usage: []string{
			"shape NODE:IFACE [delay D [jitter D]] [loss P] [duplicate P] [reorder P] [corrupt P] [rate R] [limit PACKETS]",
			"shape NODE:IFACE like lte|wifi|dsl|satellite|wan [OPTION…]",
			"shape NODE:IFACE off",
			"shape <NODE:IFACE…> …",
		},
		Doc: `What ` + "`tc qdisc replace dev IFACE root netem …`" + ` does, in one direction: what the
interface sends, not what it receives. For both directions of a cable shape both ends, or
write the same words after ` + "`link`" + `. A new ` + "`shape`" + ` replaces the former one as a whole;
` + "`off`" + ` removes it.

- delay: added to each packet; jitter: by how much it varies, more or less. Packets whose
  delays differ overtake each other
- loss, duplicate, corrupt: the share of packets that are lost, sent twice, or
  changed by one bit
- reorder: the share that is sent at once, ahead of the others, which needs a delay
- rate: a limit in bits per second, headers included
- limit: how many packets wait at most, those that are delayed included (1000)

` + "`like`" + ` takes the figures of a kind of access, in one direction; options after it replace
single ones:

` + presetTable() + `
A rate alone is a token bucket (tc-tbf(8)); all else needs the kernel's module
` + "`sch_netem`" + `, and ` + "`nsl doctor`" + ` says whether it is there. An interface that is moved
to another node loses its shape.`,
		Examples: []verb.Example{
			{Note: "A line of 10 Mbit/s.", Code: "ns red blue\nlink red <-> blue\nshape <red:veth-red blue:veth-blue> rate 10mbit\nexpect rate red -> blue < 20mbit time 300ms\nshape red:veth-red off\nexpect rate red -> blue > 20mbit time 300ms\n"},
			{Note: "A line that delays in both directions.", Needs: "netem", Code: "ns red blue\nlink red <-> blue delay 20ms rate 10mbit\nexpect ping red -> blue rtt < 200ms\nexpect not ping red -> blue rtt < 40ms\n"},
			{Note: "A mobile phone that loses more than usual.", Needs: "netem", Code: "ns phone tower\nlink phone <-> tower\nshape phone:veth-phone like lte loss 2%\nshape tower:veth-tower like lte\nexpect ping phone -> tower count 20 loss < 60%\n"},
		},
	})
}

// Check finds options that exclude or need each other.
func (s *shape) Check() diag.List {
	list := lab.Repeated("shape", s.Opts)
	if n := len(s.Ifaces); n > 0 && s.Off == nil && s.Like == nil && len(s.Opts) == 0 {
		list.Add(diag.Missing(source.Span{Start: s.EndPos.Offset, End: s.EndPos.Line}, "shape", "what it does to packets").
			WithHelp("for example: shape %s delay 10ms loss 1%%; or off", s.Ifaces[0].Value))
	}
	if s.Off != nil && (s.Like != nil || len(s.Opts) > 0) {
		list.Add(diag.Errorf(diag.OptionClash, s.Off.Span, "off removes what the interface does to packets, so no options may follow it").
			WithHelp("a new shape replaces the former one: off is not needed before it"))
	}
	return append(list, shapeProblems(s.start(), s.Opts)...)
}

// shapeProblems are options that have no effect without another one.
func shapeProblems(start plan.Shape, opts []shapeOption) diag.List {
	var list diag.List
	shape := applied(start, opts)
	for _, o := range opts {
		switch {
		case shape.Delay > 0:
		case o.Jitter != nil && !o.Jitter.Dynamic && !slices.ContainsFunc(opts, dynamicDelay):
			list.Add(diag.Errorf(diag.OptionClash, o.Jitter.Span, "a jitter varies a delay, and there is none").
				WithHelp("add one: delay %s jitter %s", o.Jitter.Value, o.Jitter.Value))
		case o.Reorder != nil && !slices.ContainsFunc(opts, dynamicDelay):
			list.Add(diag.Errorf(diag.OptionClash, o.Reorder.Span, "packets are reordered by delaying the others, and there is no delay").
				WithHelp("add one: delay 10ms reorder %s", o.Reorder.Value))
		}
	}
	return list
}

func dynamicDelay(o shapeOption) bool { return o.Delay != nil && o.Delay.Dynamic }

// start is the shape that options change; of a preset that is not known yet none.
func (s *shape) start() plan.Shape {
	if s.Like == nil || s.Like.Dynamic {
		return plan.Shape{}
	}
	return presetShape(s.Like.Value)
}

// applied is a shape with options.
func applied(s plan.Shape, opts []shapeOption) plan.Shape {
	for _, o := range opts {
		switch {
		case o.Delay != nil:
			s.Delay = o.Delay.Duration().Round(time.Microsecond)
		case o.Jitter != nil:
			s.Jitter = o.Jitter.Duration().Round(time.Microsecond)
		case o.Loss != nil:
			s.Loss = o.Loss.Float()
		case o.Duplicate != nil:
			s.Duplicate = o.Duplicate.Float()
		case o.Reorder != nil:
			s.Reorder = o.Reorder.Float()
		case o.Corrupt != nil:
			s.Corrupt = o.Corrupt.Float()
		case o.Rate != nil:
			s.Rate = max(8, uint64(o.Rate.Bits())/8*8)
		case o.Limit != nil:
			s.Limit = o.Limit.Int()
		}
	}
	return s
}

// Plan sets it.
func (s *shape) Plan(p *verb.Plan) {
	for _, l := range lab.Ifaces(p, s.Ifaces) {
		s.set(p, l)
	}
}

func (s *shape) set(p *verb.Plan, l plan.Link) {
	if !slices.Contains(ownQueues(), l.Queue) {
		p.Fail(diag.Errorf(diag.NameTaken, p.At, "%s has the queueing discipline %s, which a program made", l.Ref(), l.Queue).
			WithHelp("delete it first: exec %s tc qdisc del dev %s root", l.Node, l.Name))
		return
	}
	if now := applied(s.start(), s.Opts); now != l.Shape {
		p.Do(p.At, plan.SetShape{Node: l.Node, Name: l.Name, Shape: now, Was: l.Shape})
	}
}

// ownQueues are those that the kernel puts on an interface by itself, and those of shapes.
func ownQueues() []string {
	return []string{"", "noqueue", "noop", "pfifo_fast", "fq_codel", "fq", "mq", "netem", "tbf"}
}

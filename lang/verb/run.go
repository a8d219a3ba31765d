package verb

import (
	"context"
	"time"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// Streams are a program's standard streams.
type Streams = plan.Streams

// Env is what a statement that acts or asks, rather than changes the lab, has
// at hand.
type Env struct {
	Lab
	// Prober is nil where a probe is only explained.
	plan.Prober
	// Streams are the script's own.
	Streams Streams
	// Table is for help texts.
	Table *Table
	// Exec runs a program inside a node and tells its exit code.
	Exec func(ctx context.Context, node string, argv []string, s Streams) (exit int, err error)
	// Report tells the result of an expectation.
	Report func(Expectation)
	// Tried reports a try that is not the last; it may be nil.
	Tried func(Expectation)
	// SetAuto sets the mode of automatic addresses.
	SetAuto func(Auto)
	// Slowest is what the session's probes have measured.
	Slowest *Slowest
}

// Slowest is the longest round trip that the probes of a session have seen: how long
// silence must last to prove something depends on it. A nil one remembers nothing.
type Slowest struct{ rtt time.Duration }

// Note takes a round trip into account.
func (s *Slowest) Note(rtt time.Duration) {
	if s != nil {
		s.rtt = max(s.rtt, rtt)
	}
}

// RTT is the longest that was noted.
func (s *Slowest) RTT() time.Duration {
	if s == nil {
		return 0
	}
	return s.rtt
}

// Runner is a node that acts without ops: print, show, expect.
type Runner interface {
	Run(ctx context.Context, env *Env) error
}

// Prober is the node of a probe: a question to the lab.
type Prober interface {
	// Probe asks once and waits no longer than wait. There is one answer for
	// each pair that the probe names. An error means that the question itself
	// is wrong or could not be asked.
	Probe(ctx context.Context, env *Env, wait time.Duration) ([]Answer, error)
	// Patience is how long expect (or, with not, expect not) goes on asking
	// when the script does not say: 0 is to look once.
	Patience(not bool) time.Duration
}

// Answer is what one pair of a probe gave.
type Answer struct {
	// Subject names the pair: "red -> blue".
	Subject string
	// From and To are the ends of a pair, and Family is "IPv4" or "IPv6" where it
	// is asked about each; all "" where the probe is not about pairs.
	From, To, Family string
	// Denied: it holds when nothing gets through.
	Denied bool
	Holds  bool
	// Definite: asking again at once would give the same.
	Definite bool
	// Silent: nothing at all came back while it waited.
	Silent bool
	// RTT is the round trip that was measured, 0 where none was.
	RTT time.Duration
	// Pacing is that of the request.
	plan.Pacing
	// Seen is what was seen, in a few words: "192.168.15.2 answers in 0.05 ms".
	Seen string
	// Why explains an answer that does not hold, as lines; Fix says what to do.
	Why, Fix string
	// Statements are those that Fix proposes, in their order; none where it is only advice.
	Statements []string
	// Explain finds both, where that takes long, in the lab as the answer left it: it is
	// called for the answer of the last try only. Nil where they are there.
	Explain func(after *Env) (why, fix string) `json:"-"`
}

// Explained is the answer with its reason; after is the lab as the answer left it.
func (a Answer) Explained(after *Env) Answer {
	if a.Explain != nil {
		a.Why, a.Fix = a.Explain(after)
		a.Explain = nil
	}
	return a
}

// Adviser is a node that asks, and can say without a run which statements before it would
// let it hold; there are none where it would hold, or nothing is known.
type Adviser interface{ Advise(env *Env) []string }

// Expectation is the result of an expect statement.
type Expectation struct {
	// Text is the statement as it was written.
	Text    string
	Held    bool
	Not     bool
	Answers []Answer
	// Tries is how often it was asked, in Took.
	Tries int
	Took  time.Duration
	// Calls are the calls of functions that lead to it, and With the loop
	// variables and parameters there.
	Calls []diag.Related
	With  string
}

// Requirer is a Prober whose requirement skips where it does not hold: Skips is
// the reason, made from an answer that is not as expected.
type Requirer interface{ Skips(wrong Answer) string }

// Namer is a node that names things which must be there, or have been there,
// although it plans nothing: the probes. Names reports those that never were.
type Namer interface{ Names(lab Lab) diag.List }

// Setter is a Runner that only sets a mode of the lab, which a checker follows.
type Setter interface{ Set(m *LabState) }

// Explainer is a Runner that other programs can do as well: Explain returns the
// commands, for nsl explain.
type Explainer interface{ Explain(lab Lab) []plan.Command }

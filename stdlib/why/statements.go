package why

import (
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// then is between two statements of an advice.
const then = ", then: "

// Statements are those that an advice proposes: what it ends with, after ": ". There are none
// where it is about what to look at, leaves something to fill in, or would be refused.
func Statements(env *verb.Env, advice string) []string {
	if env.Table == nil || strings.Contains(advice, "\n") {
		return nil
	}
	for {
		_, after, found := strings.Cut(advice, ": ")
		if !found {
			return nil
		}
		if list := strings.Split(after, then); possible(env, list) {
			return list
		}
		advice = after
	}
}

// Advice are the statements that would let a request arrive and be answered by the state of
// the lab, or get further; none where it is answered.
func Advice(env *verb.Env, r Request, to string) []string {
	q := inquire(env, r, to)
	if q.works() {
		return nil
	}
	q.explain()
	return Statements(env, q.fix)
}

// possible reports whether statements would each change the lab, one after the other.
func possible(env *verb.Env, statements []string) bool {
	in := env.Lab
	var done []plan.Op
	for i, s := range statements {
		ops, ok := env.Table.Ops(in, s)
		if !ok || len(ops) == 0 {
			return false
		}
		done = append(done, ops...)
		snap, ok := path.Suppose(env.Lab, done...)
		if !ok {
			return i == len(statements)-1
		}
		in = trial{snap, env.Lab}
	}
	return true
}

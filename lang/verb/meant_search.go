package verb

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// mostParses is how many beginnings of statements are tried for one that is wrong.
const mostParses = 800

// The costs of what may be different in the statement that was meant.
const (
	costOrder   = 2 // for each word that another comes before
	costFiller  = 1 // a word left out that only English needs
	costNoun    = 3 // "interface" and its like left out
	costWord    = 2 // another word for one of nsl
	costSlip    = 3 // a slip in a word
	costArrow   = 3 // an arrow added
	costKeyword = 4 // a word of the grammar added
	costJoin    = 2 // two words made one
	costGuess   = 5 // a statement that no word names
)

// sense looks for the statement that was meant by words that are none.
type sense struct {
	table  *Table
	lab    Lab
	parses int
	// steps are those of the statement that was judged last.
	steps []plan.Step
	queue []attempt
	seen  map[string]int
	// warned: that statement is right, with a warning. asWritten: the words were meant as they
	// are, in another order.
	// programs: only a program in a node can be meant. unfit: that statement is none by its
	// grammar.
	// foreign: the words are those of another program.
	warned, asWritten, programs, unfit, foreign bool
}

func newSense(t *Table, lab Lab, parses int) *sense {
	return &sense{table: t, lab: lab, parses: parses, seen: map[string]int{}}
}

// attempt is a beginning of a statement, and the words that are left for it.
type attempt struct {
	cost int
	// verb reads the words from skip on.
	verb   *Verb
	skip   int
	placed []string
	left   []string
	tail   []string
	added  bool
	// noun: the word of a thing was left out. whole: it is a statement by its grammar.
	noun, whole bool
}

// search is the likeliest statement that is right in the lab; "" where there is none.
func (s *sense) search(tokens []syntax.Token) string {
	if len(tokens) < 2 || len(tokens) > mostRepaired || slices.ContainsFunc(tokens, func(t syntax.Token) bool { return t.Kind == syntax.Bad }) {
		return ""
	}
	words := s.normal(marked(tokens))
	s.starts(words)
	switch {
	case s.asWritten:
		return s.best()
	case s.programs:
		return s.program(words)
	}
	certain := slices.ContainsFunc(s.queue, func(a attempt) bool { return a.cost < costGuess })
	if meant := s.program(words); meant != "" && !s.foreign && (!certain || s.runs(words)) {
		return meant
	}
	if meant := s.gateway(words); meant != "" {
		return meant
	}
	if meant := s.best(); meant != "" {
		return meant
	}
	s.guesses(words)
	if meant := s.best(); meant != "" {
		return meant
	}
	return s.withNode(words)
}

// best is the cheapest statement of the queue that is right.
func (s *sense) best() string {
	for len(s.queue) > 0 && s.parses > 0 {
		least := 0
		for i, a := range s.queue {
			if a.cost < s.queue[least].cost {
				least = i
			}
		}
		a := s.queue[least]
		s.queue = slices.Delete(s.queue, least, least+1)
		if text := spaced(slices.Concat(a.placed, a.tail)); a.whole && len(a.left) == 0 && s.right(a, text) {
			return text
		}
		s.further(a)
	}
	return ""
}

// push queues an attempt that is the beginning of a statement by its grammar; it reports
// whether it is.
func (s *sense) push(a attempt) bool {
	key := strings.Join(a.placed, " ") + "|" + strings.Join(a.left, " ")
	if cost, seen := s.seen[key]; s.parses <= 0 || seen && cost <= a.cost {
		return seen
	}
	s.parses--
	tokens := lexed(spaced(a.placed[a.skip:]))
	node, err := a.verb.parse(tokens)
	at, misfit := wrongAt(err)
	if misfit && at < len(tokens) || err != nil && !misfit {
		return false
	}
	if s.nonsense(node) {
		return false
	}
	a.whole = err == nil && len(Problems(node)) == 0
	s.seen[key], s.queue = a.cost, append(s.queue, a)
	return true
}

// nonsense reports a statement, or the beginning of one, with a word in the place of a node that
// is none, or a node in the place of some text.
func (s *sense) nonsense(node Node) (is bool) {
	Leaves(node, func(l syntax.Leaf, text syntax.Text) {
		switch l.(type) {
		case syntax.NodeRef:
			is = is || !s.isNode(text.Value)
		case syntax.Free:
			is = is || s.isNode(text.Value)
		}
	})
	return is
}

// right reports whether a statement is right in the lab. One that deletes nodes is not where
// a word said that something else is meant.
func (s *sense) right(a attempt, text string) bool {
	s.steps = nil
	if s.judge(text) != nil {
		return false
	}
	return !a.noun || !slices.ContainsFunc(s.steps, func(step plan.Step) bool {
		return slices.ContainsFunc(step.Op.Effect().Gone, func(r plan.Ref) bool { return r.Link == "" })
	})
}

// further queues what may come next: each of the words that are left, as it is or by
// another name, and what people leave out.
func (s *sense) further(a attempt) {
	fits := false
	for i := range a.left {
		fits = s.place(a, i) && i == 0 || fits
	}
	if a.added || fits || len(a.left) == 0 || s.asWritten {
		return
	}
	a.added = true
	s.push(added(a, "->", costArrow))
	s.push(added(a, "<->", costArrow))
	if l := s.listed(a); len(l.placed) > len(a.placed)+3 && len(l.left) == 0 {
		s.push(l)
	}
	if strings.ContainsAny(a.left[0], "0123456789") || s.isPlace(a.left[0]) {
		for _, k := range a.verb.Keywords() {
			s.push(added(a, k, costKeyword))
		}
	}
}

// place queues an attempt with one of the words that are left as the next, or left out; it
// reports whether the word fits as it is.
func (s *sense) place(a attempt, i int) (fits bool) {
	next, w, order := a, a.left[i], costOrder*i
	next.left = slices.Delete(slices.Clone(a.left), i, i+1)
	put := func(cost int, placed ...string) bool {
		next.cost, next.placed = a.cost+cost, placed
		return s.push(next)
	}
	then := func(w string) []string { return append(slices.Clone(a.placed), w) }
	fits = put(order, then(w)...)
	if !s.asWritten {
		for _, said := range s.otherWords(a.verb, w) {
			put(order+costWord, then(said)...)
		}
	}
	if last := a.placed[len(a.placed)-1]; len(a.placed) > a.skip+1 && s.joins(last, w) {
		put(order+costJoin, append(slices.Clone(a.placed[:len(a.placed)-1]), last+":"+w)...)
	}
	if i > 0 && isPreposition(a.left[i-1]) && s.isPlace(w) {
		next.left = slices.Delete(slices.Clone(a.left), i-1, i+1)
		put(order-costOrder+costFiller, then(w)...)
		return fits
	}
	if cost := costOfLeaving(w); cost > 0 && i == 0 && !isPreposition(w) {
		next.noun = a.noun || cost == costNoun
		put(cost, a.placed...)
	}
	return fits
}

// otherWords are nsl's words for one of other programs, or one with a slip in it.
func (s *sense) otherWords(v *Verb, word string) (list []string) {
	for _, said := range []string{synonym(word), diag.Nearest(word, v.Keywords())} {
		if said != "" && said != word && !s.isPlace(word) {
			list = append(list, said)
		}
	}
	return list
}

// joins reports a node and its interface, or a port, as two words.
func (s *sense) joins(last, word string) bool {
	return s.isPlace(last) && !strings.Contains(last, ":") && (digits(word) || s.hasLink(last, word))
}

// listed is an attempt with the places that are left as a list.
func (s *sense) listed(a attempt) attempt {
	places := slices.DeleteFunc(slices.Clone(a.left), func(w string) bool { return !s.isPlace(w) })
	a.left = slices.DeleteFunc(slices.Clone(a.left), func(w string) bool { return s.isPlace(w) || costOfLeaving(w) > 0 })
	a.cost += costArrow
	a.placed = slices.Concat(a.placed, []string{"<" + touch}, places, []string{touch + ">"})
	return a
}

// added is an attempt with a word that was left out.
func added(a attempt, word string, cost int) attempt {
	a.cost += cost
	a.placed = append(slices.Clone(a.placed), word)
	return a
}

// withNode is the statement with the name of a node that was left out, where only one makes
// it right.
func (s *sense) withNode(words []string) string {
	nodes, err := s.lab.Nodes()
	if err != nil || len(nodes) > 4 || slices.ContainsFunc(words, s.isNode) {
		return ""
	}
	var found, warned []string
	for _, node := range nodes {
		one := newSense(s.table, s.lab, mostParses/4)
		one.starts(slices.Insert(slices.Clone(words), 1, node))
		switch text := one.best(); {
		case text == "":
		case one.warned:
			warned = append(warned, text)
		default:
			found = append(found, text)
		}
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) == 0 && len(warned) == 1:
		return warned[0]
	}
	return ""
}

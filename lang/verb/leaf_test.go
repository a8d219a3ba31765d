package verb_test

import (
	"reflect"
	"testing"

	"nsl/lang/syntax"
	"nsl/stdlib"
)

// A leaf that does not say what completes it is one that Tab never helps with, and
// one that is no [syntax.Leaf] takes every word: neither would be noticed.
func TestEveryLeafSaysWhatItIs(t *testing.T) {
	table := stdlib.Table()
	seen := map[reflect.Type]bool{}
	for _, v := range append(table.Verbs(), table.Probes()...) {
		for name, kind := range v.LeafTypes() {
			if seen[kind] {
				continue
			}
			seen[kind] = true
			leaf := reflect.New(kind).Interface()
			if c, ok := leaf.(syntax.Completer); !ok || len(c.Completes()) == 0 {
				t.Errorf("the leaf %s of %s does not say what completes it", name, v.Name)
			}
			switch leaf.(type) {
			case syntax.Leaf, *syntax.Keyword, *syntax.Rest, *syntax.Star: // what these take is in the grammar
			default:
				t.Errorf("the leaf %s of %s does not say what is no word of its kind", name, v.Name)
			}
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d types of leaves", len(seen))
	}
}

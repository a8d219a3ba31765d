package lab

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Option is one option of a statement.
type Option interface {
	// Word is what a message calls it, and its place.
	Word() (string, syntax.Text)
}

// GivenTwice finds the options that a statement has twice.
func GivenTwice[O Option](statement string, opts []O) diag.List {
	var list diag.List
	seen := map[string]bool{}
	for _, o := range opts {
		word, at := o.Word()
		if seen[word] {
			list.Add(diag.GivenTwice(at.Span, statement, word))
		}
		seen[word] = true
	}
	return list
}

// Repeated finds the options that a statement has twice, by the grammar of opts, a
// slice of structs with a field for each option. Options in may can be repeated, and those
// that begin alike and go on with another sign, as rtt < and rtt >, are different ones.
func Repeated[O any](statement string, opts []O, may ...string) diag.List {
	var list diag.List
	seen := map[string]bool{}
	for _, o := range opts {
		v := reflect.ValueOf(o)
		for i := range v.NumField() {
			leaf, field := v.Field(i), v.Type().Field(i)
			word, all := keyword().FindString(field.Tag.Get("parser")), strings.Join(literal().FindAllString(field.Tag.Get("parser"), -1), " ")
			if leaf.Kind() != reflect.Pointer || leaf.IsNil() || word == "" || slices.Contains(may, word) {
				continue
			}
			if seen[all] {
				at, _ := leaf.Elem().FieldByName("Span").Interface().(source.Span)
				list.Add(diag.GivenTwice(at, statement, word))
			}
			seen[all] = true
		}
	}
	return list
}

// literal is one word or sign of a grammar.
var literal = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'[^']*'`) })

// keyword is the word that begins an option in its grammar, without its quotes.
var keyword = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[a-z][a-z-]*`) })

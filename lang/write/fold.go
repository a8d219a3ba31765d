package write

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fold writes lines whose numbers count up as loops, `for i in 1..50 { … }`, and names that do
// as ranges, `h${range(50)}`. The statements are the same, in the same order.
func Fold(lines []string) []string {
	lines = ranges(lines)
	for _, variable := range []string{"i", "j", "k"} {
		folded := loops(lines, variable)
		if len(folded) == len(lines) {
			break
		}
		lines = folded
	}
	return lines
}

const (
	leastRepeated = 3  // of lines that are a loop
	longestBody   = 12 // of a loop, in lines
	leastNames    = 4  // of a range
)

// counted is a line cut at its numbers: texts[0] numbers[0] texts[1] … .
type counted struct {
	texts   []string
	numbers []int
}

var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+`) })

// fixed are interpolations and the ranges of loops, which are left as they are.
var fixed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[^}]*\}|\$\w+|for \w+ in \S+ `) })

// count cuts a line at the numbers that may count.
func count(line string) (c counted) {
	left := fixed().FindAllStringIndex(line, -1)
	at := 0
	for _, m := range number().FindAllStringIndex(line, -1) {
		digits := line[m[0]:m[1]]
		n, err := strconv.Atoi(digits)
		inside := slices.ContainsFunc(left, func(f []int) bool { return m[0] < f[1] && m[1] > f[0] })
		if err != nil || inside || strconv.Itoa(n) != digits {
			continue
		}
		c.texts, c.numbers = append(c.texts, line[at:m[0]]), append(c.numbers, n)
		at = m[1]
	}
	c.texts = append(c.texts, line[at:])
	return c
}

// steps are what is between the numbers of two lines that are alike otherwise, 0 or 1 each.
func (c counted) steps(next counted) (list []int, ok bool) {
	if !slices.Equal(c.texts, next.texts) {
		return nil, false
	}
	for i, n := range c.numbers {
		step := next.numbers[i] - n
		if step != 0 && step != 1 {
			return nil, false
		}
		list = append(list, step)
	}
	return list, true
}

// loops writes the runs of lines that repeat.
func loops(lines []string, variable string) []string {
	all := make([]counted, len(lines))
	for i, line := range lines {
		all[i] = count(line)
	}
	var folded []string
	for at := 0; at < len(lines); {
		length, times := shortest(lines, all, at)
		if times == 0 {
			folded = append(folded, lines[at])
			at++
			continue
		}
		folded = append(folded, loop(all[at:], length, times, variable))
		at += length * times
	}
	return folded
}

// shortest is the body at a place that is repeated, and how often it is.
func shortest(lines []string, all []counted, at int) (length, times int) {
	for n := 1; n <= longestBody && at+n*leastRepeated <= len(all); n++ {
		if unfit(lines[at+n-1]) {
			break
		}
		if t := repeated(all, at, n); t >= leastRepeated {
			return n, t
		}
	}
	return 0, 0
}

// unfit are comments, statements of several lines, and what would not be a word any more.
func unfit(line string) bool { return strings.ContainsAny(line, "#\n\\\"") }

// repeated is how often n lines are there, each time with the numbers that count one higher.
func repeated(all []counted, at, n int) (times int) {
	var steps [][]int
	counts := false
	for i := range n {
		s, ok := all[at+i].steps(all[at+n+i])
		if !ok {
			return 0
		}
		counts = counts || slices.Contains(s, 1)
		steps = append(steps, s)
	}
	if !counts {
		return 0
	}
	for times = 2; at+(times+1)*n <= len(all); times++ {
		for i := range n {
			if s, ok := all[at+(times-1)*n+i].steps(all[at+times*n+i]); !ok || !slices.Equal(s, steps[i]) {
				return times
			}
		}
	}
	return times
}

// loop writes lines as the body of a loop.
func loop(all []counted, length, times int, variable string) string {
	from := -1
	var body []string
	for i := range length {
		steps, _ := all[i].steps(all[length+i])
		text := all[i].texts[0]
		for j, n := range all[i].numbers {
			word := strconv.Itoa(n)
			if steps[j] == 1 {
				if from < 0 {
					from = n
				}
				word = reference(variable, n-from, all[i].texts[j+1])
			}
			text += word + all[i].texts[j+1]
		}
		body = append(body, text)
	}
	head := fmt.Sprintf("for %s in %d..%d {", variable, from, from+times-1)
	if length == 1 {
		return head + " " + body[0] + " }"
	}
	return head + "\n  " + strings.Join(body, "\n  ") + "\n}"
}

// reference is the variable and a number, before a text.
func reference(variable string, more int, next string) string {
	switch {
	case more != 0:
		return fmt.Sprintf("${%s%+d}", variable, more)
	case next != "" && (next[0] == '_' || next[0] >= 'a' && next[0] <= 'z' || next[0] >= 'A' && next[0] <= 'Z' || next[0] >= '0' && next[0] <= '9'):
		return "${" + variable + "}"
	}
	return "$" + variable
}

// ranges writes names of nodes that count up as one word.
func ranges(lines []string) []string {
	var folded []string
	for i := 0; i < len(lines); i++ {
		words := []string{}
		first := i
		for ; i < len(lines) && strings.HasPrefix(lines[i], "ns ") && !unfit(lines[i]); i++ {
			words = append(words, strings.Fields(lines[i])[1:]...)
		}
		short := rangesOf(words)
		if i > first && len(short) < len(words) {
			folded = append(folded, "ns "+strings.Join(short, " "))
		} else {
			folded = append(folded, lines[first:i]...)
		}
		if i < len(lines) {
			folded = append(folded, listed(lines[i]))
		}
	}
	return folded
}

// list is one of a statement that names its members.
var list = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<[^<>]*>`) })

// listed shortens the lists of a statement.
func listed(line string) string {
	if unfit(line) {
		return line
	}
	return list().ReplaceAllStringFunc(line, func(text string) string {
		return "<" + strings.Join(rangesOf(strings.Fields(text[1:len(text)-1])), " ") + ">"
	})
}

// rangesOf shortens words of which each has the number after that of the one before.
func rangesOf(words []string) []string {
	var short []string
	for at := 0; at < len(words); {
		c := count(words[at])
		n := 1
		for at+n < len(words) && len(c.numbers) == 1 {
			if next := count(words[at+n]); !slices.Equal(c.texts, next.texts) || next.numbers[0] != c.numbers[0]+n {
				break
			}
			n++
		}
		if n < leastNames {
			short = append(short, words[at])
			at++
			continue
		}
		of := strconv.Itoa(c.numbers[0] + n - 1)
		if c.numbers[0] != 1 {
			of = strconv.Itoa(c.numbers[0]) + ", " + of
		}
		short = append(short, c.texts[0]+"${range("+of+")}"+c.texts[1])
		at += n
	}
	return short
}

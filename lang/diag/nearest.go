package diag

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the candidate that a person most likely meant by word, or
// "" when none is near: at most one slip for every three letters, one in a
// word of two, a swap of two neighbouring letters counting as one slip (optimal
// string alignment). Capitals are no slip.
func Nearest(word string, candidates []string) string {
	lower, length := strings.ToLower(word), utf8.RuneCountInString(word)
	best, limit := "", slips(length)
	for _, c := range candidates {
		if n := utf8.RuneCountInString(c); max(n-length, length-n) > limit {
			continue // each of the letters that one has more is a slip
		}
		cost := distance(lower, strings.ToLower(c))
		if c == word || cost > limit {
			continue
		}
		if best == "" || cost < limit || c < best {
			best, limit = c, cost
		}
	}
	return best
}

// slips is how many slips a word of n letters may hold.
func slips(n int) int {
	if n == 2 {
		return 1
	}
	return n / 3
}

// DidYouMean is the help line for a near miss: `did you mean "blue"?`, or ""
// when no candidate is near.
func DidYouMean(word string, candidates []string) string {
	if best := Nearest(word, candidates); best != "" {
		return didYouMean(best)
	}
	return ""
}

func didYouMean(word string) string { return `did you mean "` + word + `"?` }

// distance is the optimal string alignment distance in code points.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	prev2, prev, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(t)]
}

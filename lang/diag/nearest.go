package diag

// Nearest returns the candidate that a person most likely meant by word, or
// "" when none is near: at most one slip for every three letters, a swap of
// two neighbouring letters counting as one slip (optimal string alignment).
func Nearest(word string, candidates []string) string {
	best, bestCost := "", len(word)/3+1
	if len(word) <= 2 {
		bestCost = 1
	}
	for _, c := range candidates {
		if c == word {
			continue
		}
		cost := distance(word, c)
		if cost < bestCost || cost == bestCost && (best == "" || c < best) {
			best, bestCost = c, cost
		}
	}
	return best
}

// DidYouMean is the help line for a near miss: `did you mean "blue"?`, or ""
// when no candidate is near.
func DidYouMean(word string, candidates []string) string {
	if best := Nearest(word, candidates); best != "" {
		return `did you mean "` + best + `"?`
	}
	return ""
}

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

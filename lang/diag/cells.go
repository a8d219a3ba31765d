package diag

import "unicode"

// wide are the characters that a terminal shows two columns wide (Unicode
// Standard Annex #11, classes W and F, rounded to whole blocks).
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115F || // Hangul initials
		r >= 0x2E80 && r <= 0xA4CF && r != 0x303F || // CJK, kana, Yi
		r >= 0xA960 && r <= 0xA97F || r >= 0xAC00 && r <= 0xD7A3 || // Hangul
		r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE6F || // CJK compatibility
		r >= 0xFF00 && r <= 0xFF60 || r >= 0xFFE0 && r <= 0xFFE6 || // full-width forms
		r >= 0x1F300 && r <= 0x1FAFF || r >= 0x20000 && r <= 0x3FFFD // pictographs, more CJK
}

// cells is how many columns of a terminal the text takes.
func cells(text []rune) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

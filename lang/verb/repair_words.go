package verb

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// joined is what the word before words[at] and n words from there on are together: a
// number and its unit, an address and the length of its prefix or its netmask, a setting
// and its value. n is 0 where they are nothing together.
func joined(words []string, at int) (text string, n int) {
	before, word := words[at-1], words[at]
	next := slices.Concat(words[at+1:], []string{""})[0]
	_, notNumber := strconv.ParseFloat(before, 64)
	switch {
	case notNumber == nil && unit(word) != "":
		return before + unit(word), 1
	case strings.HasPrefix(before, "net.") && word != "=":
		return before + "=" + strings.TrimPrefix(word, "="), 1
	case (word == "/" || word == "=") && next != "":
		return before + word + next, 2
	case strings.HasPrefix(word, "/"):
		return before + word, 1
	case slices.Contains([]string{"netmask", "mask"}, word):
		if mask, err := netip.ParseAddr(next); err == nil && mask.Is4() {
			ones, bits := net.IPMask(mask.AsSlice()).Size()
			if bits != 0 {
				return before + "/" + strconv.Itoa(ones), 2
			}
		}
	}
	return "", 0
}

// unit is nsl's word for a unit of a time, a rate, a size or a share; "" for other words.
func unit(word string) string {
	word = strings.ToLower(word)
	if slices.Contains([]string{"us", "ms", "s", "m", "h", "%", "bit", "kbit", "mbit", "gbit", "b", "kb", "mb", "gb"}, word) {
		return word
	}
	if bits := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(word, "ec"), "/s"), "ps"); bits != word {
		for _, prefix := range []string{"k", "m", "g"} {
			if bits == prefix+"bit" || bits == prefix+"b" {
				return prefix + "bit"
			}
		}
	}
	return map[string]string{"msec": "ms", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "minutes": "m",
		"percent": "%", "byte": "b", "bytes": "b"}[word]
}

// digits reports a whole number.
func digits(word string) bool { return word != "" && strings.Trim(word, "0123456789") == "" }

// later is the statement with one of the verb's words, where it comes too early, at a
// later place.
func (v *Verb) later(words []string, at int) (list [][]string) {
	if at >= len(words) || !slices.Contains(v.Keywords(), words[at]) {
		return nil
	}
	for n := 2; n > 0; n-- {
		if n == 2 && (at+1 >= len(words) || !digits(words[at+1])) {
			continue
		}
		rest := slices.Delete(slices.Clone(words), at, at+n)
		for i := at + 1; i <= len(rest); i++ {
			list = append(list, slices.Insert(slices.Clone(rest), i, words[at:at+n]...))
		}
	}
	return list
}

// assigned is the statement with blanks around = left out, or = written between a wrong
// word and the next, where that makes it right; "" elsewhere.
func (v *Verb) assigned(tokens []syntax.Token, wrong *diag.Diagnostic) string {
	at := slices.IndexFunc(tokens, func(t syntax.Token) bool { return t.Span == wrong.Subject })
	if at < 1 || at+1 >= len(tokens) || len(tokens) > mostRepaired {
		return ""
	}
	words := marked(tokens)
	tries := []string{strings.NewReplacer(" = ", "=", " =", "=", "= ", "=").Replace(spaced(words))}
	if at > 1 && words[at] == "-w" {
		tries = append(tries, spaced(slices.Delete(slices.Clone(words), at, at+1)))
	}
	if words[at] == "ip_forward" {
		words[at] = "net.ipv4.ip_forward"
	}
	if strings.Contains(words[at], ".") {
		tries = append(tries, spaced(slices.Replace(words, at, at+2, words[at]+"="+words[at+1])))
	}
	for _, text := range tries {
		if text == spaced(marked(tokens)) {
			continue
		}
		if _, ok := v.fits(lexed(text)); ok {
			return text
		}
	}
	return ""
}

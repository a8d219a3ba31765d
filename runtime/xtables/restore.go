package xtables

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// Restore reads what iptables-restore(8) reads, and returns the words of the commands of
// iptables that do the same on these tables. The options are those of the command. It
// reports false for what only the program itself can do.
func Restore(six bool, options []string, text string, tables []plan.Item) (commands [][]string, ok bool) {
	r := restorer{six: six, tables: tables}
	for _, o := range options {
		switch o {
		case "-n", "--noflush":
			r.keeps = true
		case "-w", "--wait", "-v", "--verbose":
		default:
			return nil, false
		}
	}
	for line := range strings.Lines(text) {
		if !r.line(strings.TrimSpace(line)) {
			return nil, false
		}
	}
	return r.commands, r.table == ""
}

// restorer reads the lines; table is "" after COMMIT.
type restorer struct {
	six, keeps bool
	tables     []plan.Item
	table      string
	commands   [][]string
}

func (r *restorer) line(line string) bool {
	switch {
	case line == "" || line[0] == '#':
		return true
	case line == "COMMIT" && r.table != "":
		r.table = ""
		return true
	case line[0] == '*' && r.table == "":
		return r.begin(strings.TrimSpace(line[1:]))
	case r.table == "":
		return false
	case line[0] == ':':
		return r.chain(strings.Fields(line[1:]))
	}
	words, ok := splitWords(line)
	if !ok || len(words) == 0 || words[0] == "-t" {
		return false
	}
	if strings.HasPrefix(words[0], "[") {
		words = words[1:]
	}
	return r.add(words...)
}

// add adds a command about the table.
func (r *restorer) add(words ...string) bool {
	if r.table != "filter" {
		words = append([]string{"-t", r.table}, words...)
	}
	_, err := Parse(r.six, words)
	r.commands = append(r.commands, words)
	return err == nil
}

// begin empties a table that is there.
func (r *restorer) begin(table string) bool {
	if _, known := tables()[table]; !known {
		return false
	}
	r.table = table
	key := string([]byte{Command{Six: r.six}.family()}) + table
	if r.keeps || !slices.ContainsFunc(r.tables, func(i plan.Item) bool { return i.Key == key }) {
		return true
	}
	return r.add("-F") && r.add("-X")
}

// chain is a line with the policy of a chain.
func (r *restorer) chain(fields []string) bool {
	if len(fields) < 2 {
		return false
	}
	if _, builtin := builtinChain(r.table, fields[0]); builtin {
		return r.add("-P", fields[0], fields[1])
	}
	return fields[1] == "-" && r.add("-N", fields[0])
}

// splitWords splits a line at blanks that are in no quotes.
func splitWords(line string) (words []string, ok bool) {
	var word strings.Builder
	quote, in, escaped := rune(0), false, false
	for _, c := range line {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, in = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(c)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words, quote == 0 && !escaped
}

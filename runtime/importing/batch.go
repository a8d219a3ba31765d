package importing

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// batch is a file of commands of ip, bridge or tc (ip(8), -batch): each is noted by itself.
type batch struct {
	program string
	options []string
	file    string
	force   bool
}

// batchOf reads a command with a batch.
func batchOf(argv []string) (b batch, ok bool) {
	if argv[0] != "ip" && argv[0] != "bridge" && argv[0] != "tc" {
		return b, false
	}
	b.program = argv[0]
	for i := 1; i < len(argv) && strings.HasPrefix(argv[i], "-"); i++ {
		name := strings.TrimLeft(argv[i], "-")
		switch {
		case abbreviates(name, "batch", 1) && name != "br" && name != "brief":
			ok = true
			if i++; i < len(argv) {
				b.file = argv[i]
			}
		case abbreviates(name, "force", 2):
			b.force = true
		case abbreviates(name, "netns", 1) || abbreviates(name, "family", 1):
			b.options = append(b.options, argv[i])
			if i++; i < len(argv) {
				b.options = append(b.options, argv[i])
			}
		default:
			b.options = append(b.options, argv[i])
		}
	}
	return b, ok
}

// run does the commands up to the first error.
func (b batch) run() (int, error) {
	text, err := b.read()
	if err != nil {
		return 1, fmt.Errorf("cannot open file %q for reading: %w", b.file, err)
	}
	code := 0
	for i, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		words := fields(line)
		if len(words) == 0 {
			continue
		}
		argv := append(append([]string{b.program}, b.options...), words...)
		each, err := noted(argv, "")
		if err != nil {
			return exitNotExecutable, err
		}
		if each != 0 {
			fmt.Fprintf(os.Stderr, "Command failed %s:%d\n", b.file, i+1)
			if code = 1; !b.force {
				break
			}
		}
	}
	return code, nil
}

func (b batch) read() (string, error) {
	var text []byte
	var err error
	if b.file == "-" || b.file == "" {
		text, err = io.ReadAll(io.LimitReader(os.Stdin, maxInput))
	} else {
		text, err = os.ReadFile(b.file)
	}
	return string(text), err
}

// fields are the words of a line of a batch: quotes hold blanks together, # begins a
// comment (makeargs, lib/utils.c of iproute2).
func fields(line string) []string {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r")
		if line == "" || line[0] == '#' {
			return words
		}
		if q := line[0]; q == '"' || q == '\'' {
			word, rest, _ := strings.Cut(line[1:], string(q))
			words, line = append(words, word), rest
			continue
		}
		n := strings.IndexAny(line, " \t\r")
		if n < 0 {
			n = len(line)
		}
		words, line = append(words, line[:n]), line[n:]
	}
}

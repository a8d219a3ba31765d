package foreign

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// testWords are the words of test(1) after its name, without the bracket at the end.
func testWords(words []string) ([]string, bool) {
	switch n := len(words); {
	case words[0] == "[" && n > 1 && words[n-1] == "]":
		return words[1 : n-1], true
	case slices.Contains([]string{"test"}, words[0]):
		return words[1:], true
	}
	return nil, false
}

// tested is what test(1) asks; nil for files that are not of the lab, and for what is
// seldom asked.
func tested(words []string) question {
	switch {
	case len(words) > 1 && words[0] == "!":
		if q := tested(words[1:]); q != nil {
			return func(lab verb.Lab) bool { return !q(lab) }
		}
	case len(words) == 1:
		return always(words[0] != "")
	case len(words) == 2 && (words[0] == "-n" || words[0] == "-z"):
		return always(words[0] == "-z" == (words[1] == ""))
	case len(words) == 2 && strings.Contains("-d -e -f -h -L", words[0]): //nolint:gocritic // one of these
		return fileOfLab(path.Clean(words[1]))
	case len(words) == 3:
		return compared(words[0], words[1], words[2])
	}
	return nil
}

func always(held bool) question { return func(verb.Lab) bool { return held } }

// fileOfLab asks for the file by which the kernel shows an interface of the host, or ip
// a node.
func fileOfLab(file string) question {
	dir, name := path.Split(file)
	switch dir {
	case "/sys/class/net/":
		return func(lab verb.Lab) bool {
			_, err := lab.Link(plan.Host, name)
			return err == nil
		}
	case "/var/run/netns/", "/run/netns/":
		return func(lab verb.Lab) bool {
			has, err := lab.HasNode(name)
			return err == nil && has
		}
	}
	return nil
}

func compared(a, op, b string) question {
	switch op {
	case "=", "==":
		return always(a == b)
	case "!=":
		return always(a != b)
	}
	x, err := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	held, known := map[string]bool{"-eq": x == y, "-ne": x != y, "-lt": x < y, "-le": x <= y, "-gt": x > y, "-ge": x >= y}[op]
	if err != nil || errY != nil || !known {
		return nil
	}
	return always(held)
}

package doc_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/eval"
)

// The functions are read from the interpreter, and the limits from the program,
// so that a new one cannot be forgotten.
func TestLanguagePageHasEveryFunctionAndLimit(t *testing.T) {
	b, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	usages := eval.Usages()
	if len(usages) < 15 {
		t.Errorf("only %d functions", len(usages))
	}
	for _, usage := range usages {
		name, _, _ := strings.Cut(usage, "(")
		if !regexp.MustCompile("(?m)^\\| .*`" + name + `\(`).Match(b) {
			t.Errorf("docs/language.md has no row for the function %s", name)
		}
	}
	help, _ := nsl(t, "", "run", "--help")
	flags := regexp.MustCompile(`--(max-[a-z]+) int .*\(default ([0-9]+)\)`).FindAllStringSubmatch(help, -1)
	if len(flags) < 5 {
		t.Errorf("limits of %s", help)
	}
	for _, f := range flags {
		if !strings.Contains(string(b), "| `--"+f[1]+"` | "+f[2]+" |") {
			t.Errorf("docs/language.md does not tell the limit --%s, %s", f[1], f[2])
		}
	}
}

package eval_test

import (
	"strings"
	"testing"

	"nsl/lang/eval"
)

func TestFunctions(t *testing.T) {
	expect(t, map[string]string{
		"len(<a b c>)": "number 3", "len(<>)": "number 0", "len(héllo)": "number 5", `len("")`: "number 0",
		"range(3)": "list <1 2 3>", "range(0)": "list <>", "range(-1)": "list <>", "range(2, 4)": "list <2 3 4>", "range(4, 2)": "list <4 3 2>",
		"range(2, 2)": "list <2>", "range(0, -2)": "list <0 -1 -2>", "1..3": "list <1 2 3>", "3..1": "list <3 2 1>", "-1..1": "list <-1 0 1>",
		"1..": "text 1..", "..3": "text ..3", "1..b": "text 1..b", "1..2..3": "text 1..2..3", "<1..3 x>": "list <1 2 3 x>",
		`join(<a b c>, "-")`: "text a-b-c", `join(<>, "-")`: "text ", `join(<1 10ms>, "")`: "text 110ms", "join(<a b>, 5)": "text a5b",
		`split("a b", " ")`: "list <a b>", `split("1,2", ",")`: "list <1 2>", `split(abc, "")`: "list <a b c>", `split("", ",")`: "list <>", `split(10.0.0.1, ".")`: "list <10 0 0 1>",
		"upper(red)": "text RED", "lower(RED)": "text red", "upper(5)": "text 5",
		"replace(red, e, oo)": "text rood", "replace(aaa, a, b)": "text bbb", `replace(ab, "", "-")`: "text -a-b-", "replace(10.0.0.1, 0, 1)": "text 11.1.1.1",
		"item(<a b>, 1)": "text a",
		// The arguments and the environment are unknown here.
		"env(HOME)": "unknown value ?", "env(HOME, x)": "unknown value ?", "arg(1)": "unknown value ?", "arg(1, 5)": "number 5",
		"arg(1) + 5": "unknown value ?", "len(env(HOME))": "unknown value ?", `"x ${env('HOME')}"`: "text ?", "<a env(HOME)>": "list <a ?>",
		"env(HOME) and true": "truth value ?", `number("5")`: "number 5", `number(" 1.5\n") * 2`: "number 3.0", "number(10ms)": "duration 10ms", "not env(HOME)": "unknown value ?", "- arg(1)": "unknown value ?",
	})
}

func TestFunctionsRefuse(t *testing.T) {
	expect(t, map[string]string{
		"len(5)": "len: a list or text is wanted, not the number 5", "range(a)": `range: a whole number is wanted, not the text "a"`,
		"range(1, 2, 3)": "range does not take 3 arguments", "join(a, b)": `join: a list is wanted, not the text "a"`, "join(<a>, <b>)": "join: text is wanted, not the list <b>",
		"split(<a>, b)": "split: text is wanted, not the list <a>", "upper(<a>)": "upper: text is wanted, not the list <a>", "upper()": "upper does not take 0 arguments",
		"replace(a, <b>, c)": "replace: text is wanted, not the list <b>", "env(<a>)": "env: text is wanted, not the list <a>",
		"arg(0)": "arg: arguments are counted from 1", "arg(-1)": "arg: arguments are counted from 1", "arg(a)": `arg: a whole number is wanted, not the text "a"`,
		"uper(a)": `there is no function "uper"`, "f(1)": `there is no function "f"`,
	})
}

// TestWhatARunKnows gives the script arguments and an environment.
func TestWhatARunKnows(t *testing.T) {
	c := scopeOfWords()
	c.Args = []string{"5", "red"}
	c.Env = func(name string) (string, bool) { return "10.0.0.0/8", name == "NET" }
	for text, want := range map[string]string{
		"arg(1)": "number 5", "arg(2)": "text red", "arg(2, x)": "text red", "arg(3, x)": "text x", "arg(1) + 1": "number 6",
		"env(NET)": "prefix 10.0.0.0/8", "env(NOT, 1..2)": "list <1 2>", "host(env(NET), 1)": "address 10.0.0.1",
		"arg(3)":   "arg: the script got 2 arguments; run it as: nsl run FILE -- ARGUMENT…, or give a default: arg(3, …)",
		"env(NOT)": `env: the lab has no variable NOT; give a default: env("NOT", …), or ask for yours at the top of the script: grant env NOT`,
	} {
		if got, _ := valueOf(t, c, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestInterpolation(t *testing.T) {
	expect(t, map[string]string{
		// In words: the whole gets the type of its shape.
		"h$n": "text h3", "${n}": "number 3", "$n": "number 3", "$n.5": "number 3.5", "${n}ms": "duration 3ms", "${n}0%": "percentage 30%",
		"10.0.$n.1/24": "prefix 10.0.3.1/24", "10.0.$n.${n + 1}": "address 10.0.3.4", "fd00:$n::1": "address fd00:3::1", "h${n+1}:eth0": "text h4:eth0",
		"h$n:eth$n": "text h3:eth3", "${n}..5": "list <3 4 5>", "1..$n": "list <1 2 3>", "$n-$n": "text 3-3", "a$n.b": "text a3.b", "${n * 2}": "number 6",
		"${n*2}": "number 6", "${10%3}": "number 1", "${10% + 1%}": "percentage 11%", "${host(10.0.0.0/24, n)}/24": "prefix 10.0.0.3/24", "${$n}": "number 3",
		"${10.0.0.0/24}": "prefix 10.0.0.0/24", "${n in 1..5}": "truth value true", "${\"a b\"}": "text a b", "${'$n'}": "text $n", "${true}": "truth value true",
		"${replace(\"}\", \"}\", \"x\")}": "text x", "${fd00::1 + n}": "address fd00::4", "${fd00::/64}": "prefix fd00::/64", "${fe80::1%eth0}": "address fe80::1%eth0", "${100%(n)}": "number 1",
		"${10%}": "percentage 10%", "${10%n}": "number 1", "${(10%)}": "percentage 10%",
		// In lists.
		"<h$n ${n + 1}>": "list <h3 4>", "<$ab c>": "list <a b c>", "<<a> b>": "list <a b>",
		// In strings: always text, with the escapes.
		`"$n"`: "text 3", `"h$n: ${n + 1}%"`: "text h3: 4%", `"\$n"`: "text $n", `"a\tb$n\n"`: "text a\tb3\n", `'$n ${n}'`: "text $n ${n}", `"${join($ab, ", ")}"`: "text a, b",
		`"$ab"`: "text <a b>", `"${"x$n"}"`: "text x3", `"\\$n"`: `text \3`, `"${n}$n"`: "text 33",
		// Over several lines.
		"\"\"\"\n  a $n\n    b\n  \"\"\"": "text a 3\n  b\n", "\"\"\"a$n\"\"\"": "text a3", "\"\"\"\r\n  $n\r\n  b\r\n  \"\"\"": "text 3\nb\n",
		"\"\"\"\n  a\n  \"\"\"": "text a\n", `"""a "b" $n"""`: `text a "b" 3`,
		// What is wrong in them.
		"h$": "after $ comes the name of a variable, or {…}", "$5": "after $ comes the name of a variable, or {…}", `"$ "`: "after $ comes the name of a variable, or {…}",
		"x$m": `there is no variable "m"`, "${m + 1}": `there is no variable "m"`, "${}": "a value is missing here", "${n n}": "an operator is missing before n",
		"${n +}": "a value is missing here", "${n ? 1}": "unexpected '?' in an expression", `"${n / 0}"`: "3 / 0: nothing can be divided by zero",
	})
}

func TestNearMisses(t *testing.T) {
	c := scopeOfWords()
	c.Scope.Set("size", eval.OfWord("5"))
	for text, want := range map[string]string{"$sise": `did you mean "size"?`, "uper(a)": `did you mean "upper"?`, "$zzzzzz": "set it first: let zzzzzz = …"} {
		if d := problemOf(t, c, text); d == nil || !strings.Contains(d.Help, want) {
			t.Errorf("%s: %v, want %s", text, d, want)
		}
	}
}

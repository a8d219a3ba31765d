package eval_test

import "testing"

// expect evaluates expressions and compares kind and value, or the message.
func expect(t *testing.T, cases map[string]string) {
	t.Helper()
	c := scopeOfWords()
	c.Limits.List, c.Limits.Text = 1000, 1000
	for text, want := range cases {
		if got, _ := valueOf(t, c, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestOperators(t *testing.T) {
	expect(t, map[string]string{
		// Whole numbers.
		"1 + 2": "number 3", "1 - 2": "number -1", "3 * 4": "number 12", "7 / 2": "number 3", "-7 / 2": "number -3",
		"7 % 3": "number 1", "-7 % 3": "number -1", "- 5": "number -5", "-$n": "number -3", "1 - - 1": "number 2",
		// Numbers with a fraction.
		"1.5 + 1": "number 2.5", "1 / 2.0": "number 0.5", "7.5 % 2": "number 1.5", "2 * 1.5": "number 3.0", "0.5 + 0.5": "number 1.0",
		// Quantities.
		"10ms + 5ms": "duration 15ms", "1s - 1ms": "duration 999ms", "10ms * 3": "duration 30ms", "3 * 10ms": "duration 30ms",
		"10ms / 4": "duration 2.5ms", "1s / 10ms": "number 100", "1s / 3s": "number 0.3333333333333333", "::ffff:10.0.0.1 == 10.0.0.1": "truth value true", "::ffff:10.0.0.1 in 10.0.0.0/8": "truth value true", "25ms % 10ms": "duration 5ms", "10ms * 1.5": "duration 15ms",
		"900mbit + 100mbit": "rate 1gbit", "1gbit / 4": "rate 250mbit", "64kb + 1024b": "size 65kb", "1mb - 1kb": "size 1023kb",
		"1% + 0.5%": "percentage 1.5%", "10% * 2": "percentage 20%", "- 10ms": "duration -10ms",
		// Addresses.
		"10.0.0.1 + 5": "address 10.0.0.6", "10.0.1.0 - 1": "address 10.0.0.255", "fd00::ffff + 1": "address fd00::1:0", "fe80::1%eth0 + 1": "address fe80::2%eth0",
		// Text and lists.
		"a + b": "text ab", `"a b" + c`: "text a bc", "<a b> + <c>": "list <a b c>", "$ab + $ab": "list <a b a b>",
		// Comparing.
		"1 < 2": "truth value true", "2 <= 2": "truth value true", "2 > 2": "truth value false", "2 >= 3": "truth value false",
		"1 == 1.0": "truth value true", "1.5 > 1": "truth value true", "1gbit > 900mbit": "truth value true", "1s == 1000ms": "truth value true",
		"1kb == 1024b": "truth value true", "5 == 5ms": "truth value false", "a < b": "truth value true", "a == a": "truth value true",
		`a != "a"`: "truth value false", "10.0.0.2 < 10.0.0.10": "truth value true", "<a b> == $ab": "truth value true",
		"<a> == $ab": "truth value false", "<1> == <1.0>": "truth value true", "true == true": "truth value true",
		"10.0.0.1/24 == 10.0.0.0/24": "truth value false", "fd00:0::1 == fd00::1": "truth value true",
		// Beyond what a float holds.
		"9007199254740993 == 9007199254740992": "truth value false", "9007199254740993 > 9007199254740992": "truth value true",
		"9223372036854775806 < 9223372036854775807": "truth value true",
		// Text, as programs write it, and what is written the same.
		`"5" == 5`: "truth value true", `10.0.0.1 != "10.0.0.1"`: "truth value false", `"5" == 5ms`: "truth value false", `"05" == 5`: "truth value false",
		`"5" in <4 5>`: "truth value true", `"true" == true`: "truth value true",
		// Logic.
		"true and false": "truth value false", "true or false": "truth value true", "not true": "truth value false",
		"not not true": "truth value true", "false and 1 / 0 == 1": "truth value false", "true or 1 / 0 == 1": "truth value true",
		// In.
		"a in $ab": "truth value true", "c in $ab": "truth value false", "2 in 1..3": "truth value true", "1.0 in <1>": "truth value true",
		"10.0.0.5 in 10.0.0.0/24": "truth value true", "10.0.1.5 in 10.0.0.7/24": "truth value false", "ell in hello": "truth value true",
		"10.0.0.0/25 in 10.0.0.0/24": "truth value true", "10.0.0.0/23 in 10.0.0.0/24": "truth value false", "fd00::1 in 10.0.0.0/8": "truth value false",
		"not a in $ab": "truth value false",
	})
}

func TestOperatorsRefuse(t *testing.T) {
	expect(t, map[string]string{
		"1 + a": `+ does not go between the number 1 and the text "a"`, "a + 1": `+ does not go between the text "a" and the number 1`,
		"10ms + 5": "+ does not go between the duration 10ms and the number 5", "10ms + 1kb": "+ does not go between the duration 10ms and the size 1kb",
		"10ms * 10ms": "* does not go between the duration 10ms and the duration 10ms", "5 / 10ms": "/ does not go between the number 5 and the duration 10ms",
		"5 % 10ms": "% does not go between the number 5 and the duration 10ms",
		"a - b":    `- does not go between the text "a" and the text "b"`, "<a> * 2": "* does not go between the list <a> and the number 2",
		"10.0.0.1 + 10.0.0.1": "+ does not go between the address 10.0.0.1 and the address 10.0.0.1",
		"10.0.0.1 + 1.5":      "+ does not go between the address 10.0.0.1 and the number 1.5",
		"10.0.0.0/24 + 1":     "+ does not go between the prefix 10.0.0.0/24 and the number 1",
		"true + true":         "+ does not go between the truth value true and the truth value true",
		"5 < 10ms":            "< does not go between the number 5 and the duration 10ms", "a < 1": `< does not go between the text "a" and the number 1`,
		"true < false": "< does not go between the truth value true and the truth value false",
		"a in 5":       `in does not go between the text "a" and the number 5`, "5 in 10.0.0.0/8": "in does not go between the number 5 and the prefix 10.0.0.0/8",
		"not 1": "a condition is true or false, not the number 1", "1 and true": "a condition is true or false, not the number 1",
		"true and a": `a condition is true or false, not the text "a"`, "false or <a>": "a condition is true or false, not the list <a>",
		"-(1..2)":                         "a number or a quantity is wanted, not the list <1 2>",
		"10.0.0.1 - -9223372036854775808": "there is no address +9223372036854775808 from 10.0.0.1",
		"- a":                             `a number or a quantity is wanted, not the text "a"`,
		"1 / 0":                           "1 / 0: nothing can be divided by zero", "1 % 0": "1 % 0: nothing can be divided by zero",
		"1 / 0.0": "1 / 0.0: nothing can be divided by zero", "10ms / 0": "10ms / 0: nothing can be divided by zero",
		"10ms % 0s": "10ms % 0s: nothing can be divided by zero", "1.5 % 0": "1.5 % 0: nothing can be divided by zero",
		"9223372036854775807 + 1":   "9223372036854775807 + 1 is too large for a whole number",
		"-9223372036854775808 - 1":  "-9223372036854775808 - 1 is too large for a whole number",
		"0 - -9223372036854775808":  "0 - -9223372036854775808 is too large for a whole number",
		"9223372036854775807 * 2":   "9223372036854775807 * 2 is too large for a whole number",
		"-9223372036854775808 * -1": "-9223372036854775808 * -1 is too large for a whole number",
		"-1 * -9223372036854775808": "-1 * -9223372036854775808 is too large for a whole number",
		"-9223372036854775808 / -1": "-9223372036854775808 / -1 is too large for a whole number",
		"- -9223372036854775808":    "0 - -9223372036854775808 is too large for a whole number",
		"2000000h * 2":              "the result is too large",
		"255.255.255.255 + 1":       "there is no address +1 from 255.255.255.255",
		"0.0.0.0 - 1":               "there is no address -1 from 0.0.0.0",
		":: - 1":                    "there is no address -1 from ::",
		"1 +":                       "a value is missing here", "+ 1": "a value is missing before +", "1 2": "an operator is missing before 2",
		"$n+1": "$n+1 is one word, not a calculation", "$": "after $ comes the name of a variable, or {…}",
		"$m": `there is no variable "m"`, "1 == 2 == true": "truth value false",
	})
}

package eval_test

import (
	"testing"

	"nsl/lang/eval"
)

// TestShapes holds each word to the kind of its shape, and to its spelling.
func TestShapes(t *testing.T) {
	for word, want := range map[string]string{
		"5": "number 5", "0": "number 0", "-0": "number 0", "-5": "number -5", "1.5": "number 1.5", "-1.5": "number -1.5",
		"9223372036854775807": "number 9223372036854775807", "-9223372036854775808": "number -9223372036854775808",
		"007": "text 007", "+5": "text +5", "1e3": "text 1e3", "1.0": "number 1.0", "10.10": "text 10.10", ".5": "text .5", "10.0": "number 10.0", "-007": "text -007",
		"99999999999999999999": "text 99999999999999999999", "9999999999gb": "text 9999999999gb", "0x10": "text 0x10", "1_000": "text 1_000",
		"1.2.3": "text 1.2.3", "5-": "text 5-", "-": "text -", ".": "text .", "": "text ",
		"10ms": "duration 10ms", "2s": "duration 2s", "1m": "duration 1m", "1.5s": "duration 1.5s", "90s": "duration 1m30s",
		"1h": "duration 1h", "3600s": "duration 1h", "0s": "duration 0s", "10 ms": "text 10 ms", "2µs": "duration 2µs",
		"10mbit": "rate 10mbit", "1gbit": "rate 1gbit", "1000mbit": "rate 1gbit", "1.5kbit": "rate 1.5kbit", "8bit": "rate 8bit",
		"64kb": "size 64kb", "1024b": "size 1kb", "1.5mb": "size 1.5mb", "1gb": "size 1gb", "0.3b": "text 0.3b",
		"1%": "percentage 1%", "0.5%": "percentage 0.5%", "100%": "percentage 100%", "%": "text %",
		"192.168.15.1": "address 192.168.15.1", "fd00::1": "address fd00::1", "::": "address ::", "FD00::1": "address fd00::1",
		"256.0.0.1": "text 256.0.0.1", "fe80::1%eth0": "address fe80::1%eth0", "::ffff:10.0.0.1": "address ::ffff:10.0.0.1",
		"192.168.15.0/24": "prefix 192.168.15.0/24", "192.168.15.1/24": "prefix 192.168.15.1/24", "fd00::/64": "prefix fd00::/64",
		"10.0.0.0/33": "text 10.0.0.0/33", "10.0.0.0/": "text 10.0.0.0/", "::/0": "prefix ::/0", "default": "text default",
		"true": "truth value true", "false": "truth value false", "True": "text True", "red": "text red", "red:eth0": "text red:eth0",
		"02:00:00:00:00:01": "text 02:00:00:00:00:01", "v-net-0": "text v-net-0", "*": "text *", "beef": "text beef", "1..3": "text 1..3",
	} {
		v := eval.OfWord(word)
		if got := v.Kind() + " " + v.String(); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

// TestSpellings holds that a value that is written and read again is the same.
func TestSpellings(t *testing.T) {
	for _, word := range []string{"5", "-1.5", "10ms", "1m", "1h30m", "1gbit", "1.5kbit", "64kb", "0.25%", "fd00::1", "10.0.0.1/24", "true", "red"} {
		v := eval.OfWord(word)
		if again := eval.OfWord(v.String()); again != v {
			t.Errorf("%s: %v, and then %v", word, v, again)
		}
	}
}

func TestTruth(t *testing.T) {
	for _, c := range []struct {
		v    eval.Value
		want string
	}{
		{eval.Int(1), "a condition is true or false, not the number 1"},
		{eval.Str("true"), `a condition is true or false, not the text "true"`},
		{eval.List{}, "a condition is true or false, not the list <>"},
	} {
		if _, err := eval.Truth(c.v); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.v, err, c.want)
		}
	}
	if yes, err := eval.Truth(eval.Bool(true)); !yes || err != nil {
		t.Errorf("true is %v, %v", yes, err)
	}
}

package kernel

import (
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"pgregory.net/rapid"

	"nsl/runtime/plan"
)

// Any program may add a rule to the lab's table, with user data of any form.
func TestUserDataOfOtherPrograms(t *testing.T) {
	for data, want := range map[string]string{
		"":                         "",
		"\x00":                     "",
		"\x00\x03hi\x00":           "hi",
		"\x00\x02hi":               "hi",
		"\x01\x02xx\x00\x03hi\x00": "hi",
		"\x00\xffA":                "",
		"\x01\xffA":                "",
		"\x01\x01x\x00":            "",
		"\x00\x00":                 "",
	} {
		r := &nftables.Rule{UserData: []byte(data), Exprs: []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}}}
		if got, _ := decodeRule(r, plan.Input); got.Comment != want || got.Verdict != "drop" {
			t.Errorf("%q: %+v, want the comment %q", data, got, want)
		}
	}
	if got := commentOf([]byte("\x00\xff" + strings.Repeat("x", 255))); len(got) != 255 {
		t.Errorf("%q", got)
	}
}

// What is read of any user data is a part of it. This is no fuzz target: these tests run in
// namespaces of their own, where the workers of one cannot.
func TestAnyUserData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		if c := commentOf(data); !strings.Contains(string(data), c) {
			t.Fatalf("%q of %q", c, data)
		}
	})
}

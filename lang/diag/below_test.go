package diag

import (
	"testing"

	"nsl/lang/source"
)

func TestFormatBelow(t *testing.T) {
	set := &source.Set{}
	first := set.Add("input 1", "def 한글() { }")
	f := set.Add("input 2", "ns red; 한글 bleu")
	end := f.Span().End
	tests := []struct {
		d    *Diagnostic
		want string
	}{
		{Errorf(UnknownNode, find(f, "bleu"), "no node bleu").WithHelp("one\ntwo").WithRelated(find(first, "한글"), "defined here"),
			"                    ^^^^\nerror: no node bleu [NSL040]\n    input 1:1:5: defined here\n    def 한글() { }\n        ^^^^\n    one\n    two\n"},
		{Errorf("", source.Span{Start: end, End: end}, "at the end"), "                        ^\nerror: at the end\n"},
		{New(SubnetsApart, Warning, find(f, "한글"), "wide"), "               ^^^^\nwarning: wide [NSL060]\n"},
	}
	for _, test := range tests {
		if got := (Text{Set: set}).FormatBelow(test.d, 7); got != test.want {
			t.Errorf("%s:\n%q, want\n%q", test.d.Summary, got, test.want)
		}
	}
}

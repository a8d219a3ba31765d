package write_test

import (
	"strings"
	"testing"

	"nsl/lang/write"
)

func TestFold(t *testing.T) {
	for before, want := range map[string]string{
		"ns a b c": "ns a b c",
		"ns h1 h2 h3\nns h4 h5 gw\nns r7 r8 r9 r10":                                                "ns h${range(5)} gw r${range(7, 10)}",
		"bridge sw <h1 h2 h3 h4 x>":                                                                "bridge sw <h${range(4)} x>",
		"link a:p1 <-> h1 10.0.0.0/24\nlink a:p2 <-> h2 10.0.1.0/24":                               "link a:p1 <-> h1 10.0.0.0/24\nlink a:p2 <-> h2 10.0.1.0/24",
		"link a:p1 <-> h1 10.0.0.0/24\nlink a:p2 <-> h2 10.0.1.0/24\nlink a:p3 <-> h3 10.0.2.0/24": "for i in 1..3 { link a:p$i <-> h$i 10.0.${i-1}.0/24 }",
		"up a1x\nup a2x\nup a3x\nup a5x":                                                           "for i in 1..3 { up a${i}x }\nup a5x",
		"up a1\nmtu a1 1400\nup a2\nmtu a2 1400\nup a3\nmtu a3 1400":                               "for i in 1..3 {\n  up a$i\n  mtu a$i 1400\n}",
		"up a1:e1\nup a1:e2\nup a1:e3\nup a2:e1\nup a2:e2\nup a2:e3\nup a3:e1\nup a3:e2\nup a3:e3": "for j in 1..3 { for i in 1..3 { up a$j:e$i } }",
		"mac a 02:00:00:00:00:01\nmac a 02:00:00:00:00:02\nmac a 02:00:00:00:00:03":                "mac a 02:00:00:00:00:01\nmac a 02:00:00:00:00:02\nmac a 02:00:00:00:00:03",
		"# 1\n# 2\n# 3":       "# 1\n# 2\n# 3",
		"up a1\nup a1\nup a1": "up a1\nup a1\nup a1",
	} {
		if got := strings.Join(write.Fold(strings.Split(before, "\n")), "\n"); got != want {
			t.Errorf("%s\n--- got\n%s\n--- want\n%s", before, got, want)
		}
	}
}

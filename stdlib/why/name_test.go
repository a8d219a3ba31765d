package why_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// Each way for a name not to be found has its own message, with what fixes it.
func TestWhyNoName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"no server", "ns red blue\nlink red <-> blue\nexpect dns red -> bleu\n",
			"red has no name server, and its /etc/hosts does not have bleu|did you mean blue? start one beside it: dns NODE, or name one: resolver red -> SERVER"},
		{"there is none", "ns red blue\nlink red <-> blue\ndns blue\nexpect dns red -> green.lab\n",
			"192.168.15.2 says that there is none|give blue a record of it: dns blue { green.lab ADDRESS }"},
		{"no process listens", "ns red blue\nlink red <-> blue\nresolver red -> blue\nexpect dns red -> green.lab within 300ms\n",
			"no process in blue listens on port 53|start a name server there: dns blue; or name another: resolver red -> SERVER"},
		{"no way there", "ns red blue\nlink red <-> blue\nresolver red -> 10.9.9.9\nexpect dns red -> green.lab within 300ms\n",
			"red has no route to 10.9.9.9|no interface of the lab has that address: show addrs"},
		{"a cable is down", "ns red blue\nlink red <-> blue\ndns blue\ndown blue\nexpect dns red -> green.lab within 300ms\n",
			"blue:veth-blue is down, at the other end of the cable of red:veth-red|set it up: up blue:veth-blue"},
		{"it does not answer such questions", "ns red blue\nlink red <-> blue\ndns blue\nexpect dns red -> www.example.com\n",
			"192.168.15.2 answers for its own names only, and has no www.example.com|give blue a record of it: dns blue { www.example.com ADDRESS }"},
		{"it has a similar name", "ns red blue\nlink red <-> blue\ndns blue { ww.example.com 10.0.0.9 }\nexpect dns red -> www.example.com\n",
			"192.168.15.2 answers for its own names only, and has no www.example.com|did you mean ww.example.com? give blue a record of it: dns blue { www.example.com ADDRESS }"},
		{"others know it", "ns red blue\nlink red <-> blue\nlink blue <-> host\ninternet\nnat 192.168.15.0/24 on blue\ndns blue\nexpect dns red -> www.example.com\n",
			"192.168.15.2 answers for its own names only, and has no www.example.com|let it ask others: dns blue forward 8.8.8.8"},
		{"the one that it asks does not answer", "ns red blue\nlink red <-> blue\ndns blue forward 10.9.9.9\nexpect dns red -> www.example.com\n",
			"blue asks 10.9.9.9 and gets no answer: blue has no route to 10.9.9.9|no interface of the lab has that address: show addrs"},
		{"another address", "ns red blue\nlink red <-> blue\nexpect dns red -> blue is 10.0.0.9\n",
			"it is 192.168.15.2, says /etc/hosts|/etc/hosts comes before every name server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := labs.Output(t, test.script)
			for _, want := range strings.Split(test.want, "|") {
				if !strings.Contains(out, want) {
					t.Errorf("%s\n%s\nwant %s", test.script, out, want)
				}
			}
		})
	}
}

// Without nat the way back is missing, and that is what is said.
func TestWhyTheOutsideDoesNotAnswer(t *testing.T) {
	t.Parallel()
	const lab = `ns red
bridge v-net-0 <red> 192.168.15.0/24
internet
`
	for script, want := range map[string]string{
		"expect ping red -> 8.8.8.8": "red has no route to 8.8.8.8|add one: route red default via 192.168.15.254",
		"forward host\nroute red default via 192.168.15.254\nexpect ping red -> 8.8.8.8": "internet has no route back to 192.168.15.1|private addresses are unknown outside; host can put its own in their place: nat 192.168.15.0/24",
	} {
		out := labs.Output(t, lab+script+"\n")
		for _, text := range strings.Split(want, "|") {
			if !strings.Contains(out, text) {
				t.Errorf("%s\n%s\nwant %s", script, out, text)
			}
		}
	}
}

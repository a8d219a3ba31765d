package services_test

import (
	"regexp"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// TestServices are labs of servers, programs and names.
func TestServices(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"names follow the addresses": `ns red blue green
link red <-> blue 10.0.1.0/24
link blue <-> green 10.0.2.0/24
expect exec red getent hosts blue prints "10.0.1.2"
expect exec green getent hosts blue prints "10.0.2.1"
expect exec host getent hosts blue prints "10.0.1.2"
name blue www.lab
addr blue:veth-blue 10.0.1.7/24
expect not addr blue:veth-blue 10.0.1.2
expect exec red getent hosts www.lab prints "10.0.1.7"
exec blue ip addr del 10.0.1.7/24 dev veth-blue
exec blue ip addr add 10.0.1.9/24 dev veth-blue
expect exec red getent hosts www.lab prints "10.0.1.9"
serve http blue
expect http red -> http://WWW.lab/ body contains "You are 10.0.1.1"
test "gone when undone" { name red other.lab; expect exec blue getent hosts other.lab prints "10.0.1.1" }
expect not exec blue getent hosts other.lab
delete blue
expect not exec red getent hosts www.lab
`,
		"a program that runs sees addresses change": `ns red blue
link red <-> blue 10.0.1.0/24
spawn red sh -c "while sleep 0.05; do getent hosts blue > /tmp/new; mv /tmp/new /tmp/here; done"
expect exec red grep -q 10.0.1.2 /tmp/here within 5s
addr blue 10.0.1.99/24
expect exec red grep -q 10.0.1.99 /tmp/here within 5s
`,
		"a subnet that a program which runs has taken is not given out": `ns red blue green
link red <-> blue
spawn red sh -c "ip addr add 192.168.16.9/24 dev veth-red; exec sleep 1000"
expect addr red 192.168.16.9/24 within 5s
link red <-> green
expect addr green 192.168.17.2/24
`,
		"an interface that a program makes is waited for": `ns red
spawn red sh -c "sleep 0.3; ip link add br9 type bridge; ip addr add 10.9.9.9/24 dev br9; exec sleep 1000"
expect addr red:br9 10.9.9.9/24 within 5s
expect link red:br9 down within 5s
`,
		"files of a node are its own": `ns red
expect exec red grep -c nameserver /etc/resolv.conf prints "0" exits 1
expect exec red cat /etc/hosts prints "127.0.0.1	red"
expect exec red ls /sys/class/net matches '^lo\n$'
expect exec red sh -c "echo 10.9.9.9 mine >> /etc/hosts; getent hosts mine" prints "10.9.9.9"
`,
		"what a test started is gone after it": `ns red blue
link red <-> blue
serve http blue:80 body "first"
test "another" {
  kill blue:80
  serve http blue:80 body "second"
  spawn blue sleep 1000
  expect http red -> blue body contains "second"
  expect process blue sleep
}
expect http red -> blue body contains "first"
expect not process blue sleep
`,
		"both families, lists and all": `auto dual
ns a b c
bridge sw <a b c>
serve http *:80
serve udp <a:7 b:7 c:7>
serve http host:8080 body "the host"
expect http * -> http://*/
expect udp * -> <a:7 b:7 [fd00:15::3]:7>
expect tcp <a b> -> <192.168.15.3:80 [fd00:15::3]:80>
expect http a -> http://[fd00:15::2]/ body contains "You are fd00:15::1"
expect http a -> http://host:8080/ body contains "the host"
expect listen *:80
expect not listen *:81
expect not tcp * -> *:81
expect tcp a -> a:80
expect tcp a -> localhost:80
`,
		"deleting a node ends what runs in it": `ns red blue
link red <-> blue 10.0.0.0/24
serve tcp blue
spawn blue sleep 1000
expect exec host pgrep -x sleep
delete blue
expect not tcp red -> 10.0.0.2:7
expect not exec host pgrep -x sleep
`,
		"what a program said": `ns red
exec red sh -c "echo one; echo two"
expect exec red echo "$out" prints "one\ntwo"
exec red --may-fail sh -c "echo sorry; exit 7"
let code = $status
expect exec red echo "$code $out" prints "7 sorry"
def tell(n) { exec red echo "number $n"; expect exec red echo $out prints "number 5" }
tell 5
`,
		"link-local addresses": `ns red blue green
link red <-> blue 10.0.0.0/24
link red <-> green 10.0.1.0/24
addr blue fe80::5/64
addr green fe80::6/64
serve tcp blue
serve udp blue
serve http blue:80 body "local"
expect ping red -> <fe80::5 fe80::6 fe80::5%veth-red>
expect not ping red -> fe80::5%veth-red-2
expect tcp red -> [fe80::5]:7
expect tcp red -> [fe80::5%veth-red]:7
expect udp red -> [fe80::5]:7
expect http red -> http://[fe80::5]/ body contains "local"
expect http red -> http://[fe80::5%veth-red]/ body contains "local"
expect http red -> http://me:secret@[fe80::5%25veth-red]/ status 200
expect route red -> fe80::5 dev veth-red
expect path red -> fe80::5 via <>
expect not tcp red -> [fe80::7]:7
`,
		"one process, two numbers": `ns red
spawn red --pid-namespace sh -c "echo \$\$ > /tmp/inside; ps ax > /tmp/all; exec sleep 1000"
expect process red sleep pid 1 within 5s
expect exec red cat /tmp/inside prints "1"
expect not exec red grep nsl /tmp/all
`,
		"files of a directory": `ns red
exec red sh -c "mkdir -p /tmp/site; echo hello > /tmp/site/a.txt"
serve http red dir "/tmp/site"
serve http red:81 dir "/tmp/site" status 500
expect http red -> http://red/a.txt body contains "hello" status 200
expect http red -> http://red/b.txt status 404
expect http red -> http://red/ body contains "a.txt"
expect http red -> http://red:81/a.txt body contains "hello" status 500
`,
		"a server that ends and comes back": `ns red blue
link red <-> blue
for i in 1..5 { serve tcp blue:80; expect tcp red -> blue:80; kill blue; expect not tcp red -> blue:80 }
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, script)
		})
	}
}

// TestRealPrograms has nginx and curl in nodes.
func TestRealPrograms(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "nginx", "curl")
	labs.Hold(t, `ns red blue
link red <-> blue
name blue web.lab
exec blue mkdir -p /tmp/web/logs /tmp/web/site
exec blue sh -c "echo 'from nginx' > /tmp/web/site/index.html"
exec blue sh -c """
cat > /tmp/web/nginx.conf <<END
user root;
master_process off;
daemon off;
pid /tmp/web/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/web/1; proxy_temp_path /tmp/web/2; fastcgi_temp_path /tmp/web/3;
  uwsgi_temp_path /tmp/web/4; scgi_temp_path /tmp/web/5;
  server { listen 80; root /tmp/web/site; }
}
END
"""
spawn blue nginx -e /tmp/web/error.log -p /tmp/web -c /tmp/web/nginx.conf until listen :80
expect listen blue:80
expect process blue nginx
exec red curl -s http://web.lab/
expect exec red echo "$out" prints "from nginx"
expect exec red curl -s http://blue/nothing -o /dev/null -w "%{http_code}" prints "404"
expect http red -> http://web.lab/ body contains "from nginx"
expect http red -> http://web.lab/nothing status 404
show listen
kill blue nginx
expect not tcp red -> blue:80
serve http blue:80 body "from nsl"
exec red curl -s http://web.lab/
expect exec red echo $out prints "from nsl"
`)
}

// A port of a program that nsl did not start is reported with the program's name.
func TestPortOfAProgram(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "python3")
	out, _, _, err := labs.Run(t, `ns red
exec red sh -c 'python3 -m http.server 80 >/dev/null 2>&1 &'
expect listen red:80 within 10s
show listen
spawn red sleep 1 until listen :80
`)
	want := regexp.MustCompile(`tcp port 80 of red is taken by python3 \(pid \d+\)`)
	if err == nil || !want.MatchString(err.Error()) || !regexp.MustCompile(`red +tcp +\*:80 +python3 \(pid \d+\)`).MatchString(out) {
		t.Errorf("%v\n%s", err, out)
	}
}

// times are what differs from run to run.
var times = regexp.MustCompile(`\d+\.\d+ m?s|with pid \d+`)

// again is the line about tries: on a busy machine the first one may be lost.
var again = regexp.MustCompile(`(?m)^ *tried \d+ times in .*\n`)

// TestServiceMessages holds messages to the exact words.
func TestServiceMessages(t *testing.T) {
	t.Parallel()
	const two = "ns red blue\nlink red <-> blue\n"
	for name, c := range map[string]struct{ script, want string }{
		"nothing listens": {two + "serve udp blue:53\nserve tcp blue:22\nexpect http red -> http://blue/", `
lab.nsl:5:1: failed: red -> http://blue/: 192.168.15.2 refuses tcp port 80: Connection refused [NSL090]
    expect http red -> http://blue/
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    no process listens on blue:80; what blue listens on: tcp 22
    start a server: serve http blue:80
`},
		"the wrong status and body": {two + "serve http blue status 503 body \"closed\"\nexpect http red -> blue/x body contains \"open\"", `
lab.nsl:4:1: failed: red -> http://blue/x: 192.168.15.2 answers 503 Service Unavailable in T, and its body does not contain "open" [NSL090]
    expect http red -> blue/x body contains "open"
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    the body begins:
      closed
`},
		"no way there": {two + "ns green\nserve tcp green:80\nlink blue <-> green 10.0.0.0/24\nexpect tcp red -> green:80", `
lab.nsl:6:1: failed: red -> green:80: Network is unreachable [NSL090]
    expect tcp red -> green:80
    ^^^^^^^^^^^^^^^^^^^^^^^^^^
    red has no route to 10.0.0.2
    add one: route red 10.0.0.0/24 via 192.168.15.2
`},
		"only on another address": {two + "serve http blue addr 127.0.0.1\nexpect tcp red -> blue:80", `
lab.nsl:4:1: failed: red -> blue:80: 192.168.15.2 refuses tcp port 80: Connection refused [NSL090]
    expect tcp red -> blue:80
    ^^^^^^^^^^^^^^^^^^^^^^^^^
    nsl http:80 listens on 127.0.0.1:80 only
    let it listen on every address
`},
		"no web server": {two + "serve udp blue:9\nspawn blue sh -c \"sleep 60\"\nserve tcp blue:80\nexpect http red -> blue", `
lab.nsl:6:1: failed: red -> http://blue/: 192.168.15.2 port 80 takes the connection, but the answer is not HTTP (malformed HTTP status code "/") [NSL090]
    expect http red -> blue
    ^^^^^^^^^^^^^^^^^^^^^^^
    nsl tcp:80, which listens on blue:80, speaks another protocol
`},
		"an unknown name": {two + "expect tcp red -> web.lab:80", `
lab.nsl:3:1: failed: red -> web.lab:80: red does not know the host web.lab [NSL090]
    expect tcp red -> web.lab:80
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    it is not in /etc/hosts, and there is no name server to ask
    give the name to a node: name NODE web.lab
`},
		"no such program": {"ns red\nspawn red no-such-program -x", `
lab.nsl:2:11: cannot: program no-such-program -x in red: the program is not installed [NSL074]
    spawn red no-such-program -x
              ^^^^^^^^^^^^^^^
    install it, or write its whole path
    the kernel says: exec: "no-such-program": executable file not found in $PATH
`},
		"a program that ends at once": {"ns red\nspawn red sh -c 'echo what is this; exit 4' until listen :80", `
lab.nsl:2:11: failed: program sh -c 'echo what is this; exit 4' in red did not get ready: it ended with exit code 4 [NSL101]
    spawn red sh -c 'echo what is this; exit 4' until listen :80
              ^^
    it printed:
      what is this
`},
		"a program that never listens": {"ns red\nspawn red sleep 60 until listen :80 within 100ms", `
lab.nsl:2:11: failed: program sleep 60 in red did not get ready: it does not listen on tcp 80 after 100ms [NSL101]
    spawn red sleep 60 until listen :80 within 100ms
              ^^^^^
    it printed nothing
`},
		"a program that dies": {"ns red\nspawn red --log /tmp/log sh -c 'echo $$ > /tmp/pid; while ! test -e /tmp/go; do sleep 0.01; done; echo oops; exit 3'\n" +
			"exec red sh -c 'until test -s /tmp/pid; do sleep 0.01; done; touch /tmp/go; while kill -0 `cat /tmp/pid`; do sleep 0.01; done 2>/dev/null'\n" +
			"exec red sleep 0.05\nexpect listen red:80", `
lab.nsl:2:26: warning: sh, the program sh -c 'echo $$ > /tmp/pid; while ! test -e /tmp/go; do sleep 0.01; done; echo oops; exit 3' in red, is gone: it ended with exit code 3 [NSL102]
    spawn red --log /tmp/log sh -c 'echo $$ > /tmp/pid; while ! test -e /tmp/go; do sleep 0.01; done; e…
                             ^^
    it printed:
      oops
lab.nsl:5:1: failed: listen red:80 tcp: nothing listens on tcp port 80 of red [NSL090]
    expect listen red:80
    ^^^^^^^^^^^^^^^^^^^^
    sh, started there, is gone: it ended with exit code 3
    start a server: serve http red:80
`},
		"a process with another number": {"ns red\nspawn red sleep 60\nexpect process red sleep pid 1\nexpect process red nginx", `
lab.nsl:3:1: failed: process sleep in red: sleep runs, with N [NSL090]
    expect process red sleep pid 1
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
lab.nsl:4:1: failed: process nginx in red: no program called nginx runs in red [NSL090]
    expect process red nginx
    ^^^^^^^^^^^^^^^^^^^^^^^^
    what runs there: sleep
    start it: spawn red nginx
`},
		"a program that fails": {"ns red\nexec red sh -c 'exit 9'", `
lab.nsl:2:1: failed: sh -c 'exit 9' in red ended with exit code 9 [NSL073]
    exec red sh -c 'exit 9'
    ^^^^^^^^^^^^^^^^^^^^^^^
    to allow it, say what is expected: expect exec red … exits 9
    or look at $status afterwards: exec red --may-fail …
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := labs.Do(t, labs.Job{Script: c.script + "\n"})
			got := times.ReplaceAllStringFunc(again.ReplaceAllString(r.Out, ""), func(s string) string {
				words := strings.Fields(s)
				if len(words) > 1 && words[1] != "ms" && words[1] != "s" {
					return words[0] + " N"
				}
				return "T"
			})
			if want := strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestProgramVariables finds $out and $status before there was a program.
func TestProgramVariables(t *testing.T) {
	t.Parallel()
	_, _, _, err := labs.Run(t, "ns red\nprint $status\n")
	if err == nil || !strings.Contains(err.Error(), "$status is of the last program that exec ran, and none was run") {
		t.Error(err)
	}
}

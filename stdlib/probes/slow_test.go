package probes_test

import (
	"fmt"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// slowAnswers is a lab where 10.0.0.2 answers each echo request of red so many
// seconds later, and a web server and a name server likewise.
const slowAnswers = `ns red
tun red:t0
addr red:t0 10.0.0.1/24
exec host sh -c """cat > /tmp/echo.py <<'EOF'
import fcntl, os, select, struct, sys, time
tun = os.open('/dev/net/tun', os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', b't0', 0x1001))
late = []
while True:
    until = max(0, late[0][0] - time.monotonic()) if late else None
    if select.select([tun], [], [], until)[0]:
        p = bytearray(os.read(tun, 2000))
        if p[0] == 0x45 and p[9] == 1 and p[20] == 8:
            p[12:16], p[16:20], p[20] = p[16:20], p[12:16], 0
            check = (p[22] << 8 | p[23]) + 0x0800
            check = (check & 0xffff) + (check >> 16)
            p[22], p[23] = check >> 8, check & 255
            late.append((time.monotonic() + float(sys.argv[1]), bytes(p)))
    while late and late[0][0] <= time.monotonic():
        os.write(tun, late.pop(0)[1])
EOF
cat > /tmp/servers.py <<'EOF'
import http.server, socket, sys, threading, time
delay = float(sys.argv[1])
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(delay)
        self.send_response(200); self.end_headers(); self.wfile.write(b'slow')
threading.Thread(target=http.server.ThreadingHTTPServer(('', 80), Page).serve_forever).start()
dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dns.bind(('127.0.0.1', 53))
def answer(query, who):
    time.sleep(delay)
    a = bytes.fromhex('c00c000100010000000000040a000009') if query[-3] == 1 else b''
    dns.sendto(query[:2] + bytes.fromhex('8180') + query[4:6] + bytes([0, 1 if a else 0, 0, 0, 0, 0]) + query[12:] + a, who)
while True:
    threading.Thread(target=answer, args=dns.recvfrom(2000)).start()
EOF"""
`

// TestSlowAnswers holds when an answer counts however late it comes before the time
// is up, and when silence is not taken for a proof too soon.
func TestSlowAnswers(t *testing.T) {
	labtest.NeedPrograms(t, "python3")
	const begin = "expect exec red sh -c 'ip link show t0' prints LOWER_UP within 20s\n"
	const servers = "expect listen red:80 within 20s\nresolver red -> 127.0.0.1\n"
	for what, c := range map[string]struct{ delay, script, failed string }{
		"ping, 0.9 s":          {"0.9", begin + "expect ping red -> 10.0.0.2\n", ""},
		"ping, 1.2 s, in time": {"1.2", begin + "expect ping red -> 10.0.0.2 within 6s\n", ""},
		"ping, too slow":       {"0.1", begin + "expect ping red -> 10.0.0.2 rtt < 50ms\n", "10.0.0.2 answers in 10"},
		"not, 0.15 s":          {"0.15", begin + "expect not ping red -> 10.0.0.2 within 400ms\n", "10.0.0.2 answers in 15"},
		"not, 0.5 s, measured": {"0.5", begin + "expect ping red -> 10.0.0.2\nexpect not ping red -> 10.0.0.2\n", "10.0.0.2 answers in 50"},
		"http, 1.5 s":          {"1.5", servers + "expect http red -> http://127.0.0.1/ body contains slow within 6s\n", ""},
		"http, not, 0.15 s":    {"0.15", servers + "expect not http red -> http://127.0.0.1/ within 400ms\n", "answers 200 OK"},
		"dns, 1.3 s":           {"1.3", servers + "expect dns red -> far.example is 10.0.0.9\n", ""},
		"dns, not, 0.15 s":     {"0.15", servers + "expect not dns red -> far.example within 400ms\n", "10.0.0.9"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			program := "echo"
			if strings.Contains(c.script, "resolver") {
				program = "servers"
			}
			script := fmt.Sprintf("%sspawn red python3 /tmp/%s.py %s\n%s", slowAnswers, program, c.delay, c.script)
			out, _, failed, err := labs.Run(t, script)
			labtest.Needs(t, "tun", out)
			if err != nil || (failed > 0) != (c.failed != "") || !strings.Contains(out, c.failed) {
				t.Errorf("%v, %d failed; not said: %s\n%s", err, failed, c.failed, out)
			}
		})
	}
}

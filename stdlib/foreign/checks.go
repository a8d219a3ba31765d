package foreign

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// checks are the programs that ask whether something can be reached.
func checks() map[string]program {
	return map[string]program{
		"ping": ping, "ping6": ping, "curl": curl, "wget": curl, "nc": nc, "ncat": nc, "netcat": nc, "telnet": telnet,
		"dig": dig, "nslookup": nslookup, "host": dig, "traceroute": traceroute, "traceroute6": traceroute, "tracepath": traceroute,
		"arping": passes, "mtr": passes,
	}
}

// expect asks; a loop that repeats the command until it succeeds waits longer.
func (k *call) expect(text string) bool {
	if k.patient {
		text += " within 30s"
	}
	k.out.Asks = true
	return k.say("expect %s", text)
}

// split parts options from the other words; those that are named have a value, in the
// same word or the next.
func (k *call) split(withValue string) (options map[string]string, rest []word) {
	options = map[string]string{}
	for {
		w, ok := k.next()
		switch {
		case !ok:
			return options, rest
		case !isOption(w.text):
			rest = append(rest, w)
			continue
		case strings.HasPrefix(w.text, "--"):
			name, value, has := strings.Cut(w.text, "=")
			if !has && slices.Contains(longWithValue(), name) {
				value = k.value(w)
			}
			options[name] = value
			continue
		}
		k.letters(w, withValue, options)
	}
}

// letters takes a word of short options: -zvw1.
func (k *call) letters(w word, withValue string, options map[string]string) {
	for i := 1; i < len(w.text); i++ {
		letter := w.text[i : i+1]
		if !strings.Contains(withValue, letter) {
			options["-"+letter] = ""
			continue
		}
		value := w.text[i+1:]
		if value == "" {
			value = k.value(w)
		}
		options["-"+letter] = value
		return
	}
}

func longWithValue() []string {
	return []string{"--max-time", "--connect-timeout", "--output", "--write-out", "--header", "--request", "--data", "--user", "--resolve",
		"--interface", "--retry", "--user-agent", "--timeout", "--tries", "--output-document", "--proxy"}
}

func has(options map[string]string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := options[n]; return ok })
}

// asksFrom answers a node before what is asked for, as in ping red blue: the program would
// ask from the host.
func (k *call) asksFrom(probe string, rest []word) bool {
	if len(rest) != 2 || k.node != plan.Host {
		return false
	}
	if has, err := k.lab.HasNode(rest[0].text); err != nil || !has {
		return false
	}
	k.edits = append(k.edits, edit{k.words[0].start, rest[1].end, "expect " + probe + " " + rest[0].text + " -> " + rest[1].text})
	return true
}

// ping is expect ping. Options about its timing and its output make no difference.
func ping(k *call) bool {
	options, rest := k.split("cWiwItsMQpTlSFm")
	if len(rest) == 0 {
		return k.fail(k.last(), "the address is missing")
	}
	if k.asksFrom("ping", rest) {
		return true
	}
	if has(options, "-I", "-b", "-f", "-t", "-M", "-R", "-T", "-S", "-F", "-m") {
		return false
	}
	text := "ping " + k.node + " -> " + rest[len(rest)-1].text
	if n, err := strconv.Atoi(options["-c"]); err == nil && n > 1 && n <= 100 && !k.patient {
		text += " count " + options["-c"]
	}
	if s := options["-s"]; s != "" {
		text += " size " + s
	}
	return k.expect(text)
}

// curl is expect http, unless it sends something.
func curl(k *call) bool {
	options, rest := k.split(map[bool]string{true: "owmHXduAexbTFUPCQtyYzEr", false: "OoTtQwPU"}[k.name == "curl"])
	if len(rest) == 0 {
		return k.fail(k.last(), "the URL is missing")
	}
	if k.asksFrom("http", rest) {
		return true
	}
	if len(rest) > 1 || has(options, "-X", "-d", "-T", "-F", "-x", "-u", "-H", "--request", "--data", "--user", "--resolve", "--proxy", "--header") ||
		strings.HasPrefix(rest[0].text, "https:") {
		return false
	}
	url := rest[0].text
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	if host := strings.TrimPrefix(url, "http://"); !strings.Contains(host, "/") {
		url += "/"
	}
	return k.expect("http " + k.node + " -> " + url)
}

// nc is expect tcp where it only connects.
func nc(k *call) bool {
	options, rest := k.split("wpsqiXxIOT")
	port := ""
	if len(rest) > 0 {
		port = rest[len(rest)-1].text
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || len(rest) != 2 || has(options, "-l", "-e", "-x", "-X") {
		return false
	}
	if has(options, "-u") {
		return k.expect("udp " + k.node + " -> " + target(rest[0].text, port))
	}
	return k.expect("tcp " + k.node + " -> " + target(rest[0].text, port))
}

func target(host, port string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

func telnet(k *call) bool {
	_, rest := k.split("")
	switch len(rest) {
	case 0:
		return k.fail(k.last(), "the address is missing")
	case 1:
		return k.expect("tcp " + k.node + " -> " + target(rest[0].text, "23"))
	}
	return k.expect("tcp " + k.node + " -> " + target(rest[0].text, rest[1].text))
}

// dig is expect dns for addresses of a name.
func dig(k *call) bool {
	name, server := "", ""
	for _, w := range k.args {
		switch {
		case strings.HasPrefix(w.text, "@"):
			server = w.text[1:]
		case strings.HasPrefix(w.text, "+") || w.text == "A" || w.text == "IN":
		case isOption(w.text) || name != "":
			return false
		default:
			name = w.text
		}
	}
	return name != "" && k.expectDNS(name, server)
}

func nslookup(k *call) bool {
	_, rest := k.split("")
	switch len(rest) {
	case 1:
		return k.expectDNS(rest[0].text, "")
	case 2:
		return k.expectDNS(rest[0].text, rest[1].text)
	}
	return false
}

func (k *call) expectDNS(name, server string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	text := "dns " + k.node + " -> " + name
	if server != "" {
		text += " at " + server
	}
	return k.expect(text)
}

func traceroute(k *call) bool {
	_, rest := k.split("mqwpifgsNzt")
	if len(rest) == 0 {
		return k.fail(k.last(), "the address is missing")
	}
	if k.asksFrom("path", rest) {
		return true
	}
	return k.expect("path " + k.node + " -> " + rest[0].text)
}

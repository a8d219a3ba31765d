package foreign

import "slices"

// older are programs whose commands those of iproute2 have replaced.
func older() map[string]program {
	return map[string]program{"vconfig": vconfig, "tunctl": tunctl}
}

// vconfig is ip link add type vlan, and ip link delete (vconfig(8)).
func vconfig(k *call) bool {
	switch a := k.args; {
	case len(a) == 3 && a[0].text == "add":
		name := a[1]
		name.text += "." + a[2].text
		return k.instead("link", "add", "link", a[1], "name", name, "type", "vlan", "id", a[2])
	case len(a) == 2 && a[0].text == "rem":
		return k.instead("link", "delete", a[1])
	}
	return false
}

// tunctl is ip tuntap (tunctl(8)).
func tunctl(k *call) bool {
	var name, user word
	verb := "add"
	for len(k.args) > 0 {
		w, _ := k.next()
		switch w.text {
		case "-b":
		case "-t", "-d":
			if w.text == "-d" {
				verb = "del"
			}
			name, _ = k.next()
		case "-u":
			user, _ = k.next()
		default:
			return false
		}
	}
	if name.text == "" {
		return false
	}
	words := []any{"tuntap", verb, "dev", name, "mode", "tap"}
	if user.text != "" {
		words = append(words, "user", user)
	}
	return k.instead(words...)
}

// instead does a command of ip(8); its words are texts, or words of the command.
func (k *call) instead(words ...any) bool {
	c := *k.command
	first := k.words[0]
	first.text = "ip"
	c.words = []word{first}
	for _, w := range words {
		switch w := w.(type) {
		case word:
			c.words = append(c.words, w)
		case string:
			c.words = append(c.words, word{text: w})
		}
	}
	k.command, k.name, k.args = &c, "ip", slices.Clone(c.words[1:])
	return k.programs.table["ip"](k)
}

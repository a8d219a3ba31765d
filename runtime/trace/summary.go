package trace

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Summary is an Ethernet frame in one line: who, to whom, and what. Nothing in the
// frame can make it more than text on a terminal.
func Summary(frame []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, summary(frame))
}

func summary(frame []byte) string {
	p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	eth, _ := p.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	if eth == nil {
		return fmt.Sprintf("%d bytes that are no Ethernet frame", len(frame))
	}
	if arp, ok := p.Layer(layers.LayerTypeARP).(*layers.ARP); ok {
		return arpText(arp)
	}
	from, to, ttl := ends(p)
	if from == "" {
		return fmt.Sprintf("%s -> %s %s, %d bytes", eth.SrcMAC, eth.DstMAC, eth.EthernetType, len(frame))
	}
	return strings.TrimSpace(from+" -> "+to+" "+inner(p)) + ttl
}

func arpText(a *layers.ARP) string {
	from, _ := netip.AddrFromSlice(a.SourceProtAddress)
	to, _ := netip.AddrFromSlice(a.DstProtAddress)
	switch a.Operation {
	case layers.ARPRequest:
		return fmt.Sprintf("arp who has %s? tell %s", to, from)
	case layers.ARPReply:
		return fmt.Sprintf("arp %s is at %s", from, net.HardwareAddr(a.SourceHwAddress))
	}
	return fmt.Sprintf("arp operation %d from %s", a.Operation, from)
}

// ends are the addresses, with their ports, and the time to live.
func ends(p gopacket.Packet) (from, to, ttl string) {
	var a, b string
	switch ip := p.NetworkLayer().(type) {
	case *layers.IPv4:
		a, b, ttl = ip.SrcIP.String(), ip.DstIP.String(), fmt.Sprintf(", ttl %d", ip.TTL)
	case *layers.IPv6:
		a, b, ttl = ip.SrcIP.String(), ip.DstIP.String(), fmt.Sprintf(", hop limit %d", ip.HopLimit)
	default:
		return "", "", ""
	}
	switch t := p.TransportLayer().(type) {
	case *layers.TCP:
		return join(a, uint16(t.SrcPort)), join(b, uint16(t.DstPort)), ttl
	case *layers.UDP:
		return join(a, uint16(t.SrcPort)), join(b, uint16(t.DstPort)), ttl
	}
	return a, b, ttl
}

func join(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// inner is what the packet is.
func inner(p gopacket.Packet) string {
	if l, ok := p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4); ok {
		return fmt.Sprintf("icmp %s, id %d, seq %d", words(l.TypeCode.String()), l.Id, l.Seq)
	}
	if l, ok := p.Layer(layers.LayerTypeICMPv6).(*layers.ICMPv6); ok {
		return "icmp6 " + words(l.TypeCode.String())
	}
	if l, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok {
		return fmt.Sprintf("tcp %s, seq %d, ack %d, %d bytes", flags(l), l.Seq, l.Ack, len(l.Payload))
	}
	if l, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP); ok {
		if dns, ok := p.Layer(layers.LayerTypeDNS).(*layers.DNS); ok {
			return dnsText(dns)
		}
		return fmt.Sprintf("udp, %d bytes", len(l.Payload))
	}
	switch ip := p.NetworkLayer().(type) {
	case *layers.IPv4:
		return strings.ToLower(ip.Protocol.String())
	case *layers.IPv6:
		return strings.ToLower(ip.NextHeader.String())
	}
	return ""
}

// words is a name of gopacket's as people write it: EchoRequest is echo request.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(strings.NewReplacer("(", ": ", ")", "").Replace(b.String()))
}

func flags(t *layers.TCP) string {
	var list []string
	for _, f := range []struct {
		set  bool
		name string
	}{{t.SYN, "syn"}, {t.FIN, "fin"}, {t.RST, "rst"}, {t.PSH, "psh"}, {t.ACK, "ack"}, {t.URG, "urg"}} {
		if f.set {
			list = append(list, f.name)
		}
	}
	return strings.Join(list, " ")
}

func dnsText(d *layers.DNS) string {
	what, name := "dns query", ""
	if d.QR {
		what = fmt.Sprintf("dns answer (%s, %d records)", strings.ToLower(d.ResponseCode.String()), len(d.Answers))
	}
	if len(d.Questions) > 0 {
		name = fmt.Sprintf(" %s %s", d.Questions[0].Type, d.Questions[0].Name)
	}
	return what + name
}

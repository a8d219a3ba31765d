package trace

import (
	"net"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

func frame(t *testing.T, list ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, list...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSummary(t *testing.T) {
	red, blue := net.IP{10, 0, 0, 1}, net.IP{10, 0, 0, 2}
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	eth := func(kind layers.EthernetType) *layers.Ethernet {
		return &layers.Ethernet{SrcMAC: mac, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: kind}
	}
	ip := func(p layers.IPProtocol) *layers.IPv4 {
		return &layers.IPv4{Version: 4, TTL: 63, Protocol: p, SrcIP: red, DstIP: blue}
	}
	arp := func(operation uint16) *layers.ARP {
		return &layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
			Operation: operation, SourceHwAddress: mac, SourceProtAddress: red, DstHwAddress: mac, DstProtAddress: blue}
	}
	evil := &layers.DNS{Questions: []layers.DNSQuestion{{Name: []byte("\x1b[2Jx"), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}
	question := &layers.DNS{RD: true, Questions: []layers.DNSQuestion{{Name: []byte("www.lab"), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}
	for want, bytes := range map[string][]byte{
		"arp who has 10.0.0.2? tell 10.0.0.1":  frame(t, eth(layers.EthernetTypeARP), arp(layers.ARPRequest)),
		"arp 10.0.0.1 is at 02:00:00:00:00:01": frame(t, eth(layers.EthernetTypeARP), arp(layers.ARPReply)),
		"10.0.0.1 -> 10.0.0.2 icmp echo request, id 7, seq 3, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolICMPv4),
			&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeEchoRequest, 0), Id: 7, Seq: 3}),
		"10.0.0.1 -> 10.0.0.2 icmp destination unreachable: host, id 0, seq 0, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolICMPv4),
			&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeDestinationUnreachable, layers.ICMPv4CodeHost)}),
		"10.0.0.1:4000 -> 10.0.0.2:80 tcp syn ack, seq 5, ack 6, 0 bytes, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolTCP),
			&layers.TCP{SrcPort: 4000, DstPort: 80, SYN: true, ACK: true, Seq: 5, Ack: 6}),
		"10.0.0.1:4000 -> 10.0.0.2:7 udp, 5 bytes, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolUDP),
			&layers.UDP{SrcPort: 4000, DstPort: 7}, gopacket.Payload("hello")),
		"10.0.0.1:4000 -> 10.0.0.2:53 dns query A www.lab, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolUDP),
			&layers.UDP{SrcPort: 4000, DstPort: 53}, question),
		"02:00:00:00:00:01 -> 02:00:00:00:00:02 LinkLayerDiscovery, 60 bytes": frame(t, eth(layers.EthernetTypeLinkLayerDiscovery), gopacket.Payload("abcdef")),
		"10.0.0.1:4000 -> 10.0.0.2:53 dns query A ?[2Jx, ttl 63": frame(t, eth(layers.EthernetTypeIPv4), ip(layers.IPProtocolUDP),
			&layers.UDP{SrcPort: 4000, DstPort: 53}, evil),
		"3 bytes that are no Ethernet frame": {1, 2, 3},
	} {
		if got := Summary(bytes); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzSummary holds that no bytes break it, and that each is one line.
func FuzzSummary(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00\x45\x00"))
	f.Add([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x86\xdd\x60\x00"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if text := Summary(b); text == "" || strings.ContainsAny(text, "\n\r\x1b") {
			t.Errorf("%q", text)
		}
	})
}

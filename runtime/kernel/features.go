package kernel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Feature is something that a kernel may lack.
type Feature = plan.Feature

// trial tries one feature in a namespace made for it.
type trial struct {
	Feature
	// config is the kernel's option without CONFIG_, module its module's name.
	config, module string
	try            func(b *bench) error
}

// bench is where features are tried: a new network namespace with one cable.
type bench struct {
	*handle
	nl *netlink.Handle
	// ends are the indexes of the cable's two ends.
	ends [2]int
}

// Features tries what this kernel can do, each by doing it, in a network
// namespace of its own that is gone afterwards. It needs CAP_NET_ADMIN, as one
// has inside a sandbox. Trials that a context's end cut off are left out.
func Features(ctx context.Context) ([]Feature, error) {
	var list []Feature
	c := lookForCauses(os.DirFS("/"))
	err := onBench(func(b *bench) error {
		for _, t := range trials() {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			list = append(list, t.verdict(b, c))
		}
		return nil
	})
	return list, err
}

func newBench() (*bench, error) {
	h, err := openHost(rtnl.Dialer{})
	if err != nil {
		return nil, err
	}
	nl, err := netlink.NewHandleWithOptions(netlink.HandleOptions{RetryInterrupted: true, DisableVFInfoCollection: true}, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	b := &bench{handle: h, nl: nl}
	// Whether the pair can be made is found out by its own trial; without it the
	// trials that build on it fail and say so.
	if _, err := h.addVeth(plan.AddVeth{A: plan.LinkEnd{Name: "nsl-a"}, B: plan.LinkEnd{Name: "nsl-b"}}, h, 0, numbers{}); err == nil {
		for i, name := range []string{"nsl-a", "nsl-b"} {
			_ = h.setFlags(name, unix.IFF_UP)
			b.ends[i], _ = h.index(name)
		}
	}
	return b, nil
}

// verdict tries one feature and explains a refusal.
func (t trial) verdict(b *bench, c causes) Feature {
	f := t.Feature
	err := t.try(b)
	if f.Have = err == nil; !f.Have {
		f.Cause, f.Fix = c.explain(t, err)
	}
	return f
}

func trials() []trial {
	list := linkTrials()
	list = append(list, shapingTrials()...)
	return append(list, otherTrials()...)
}

func linkTrials() []trial {
	link := func(name, config, module, need string, try func(*bench) error) trial {
		return trial{Feature{Group: "links", Name: name, Need: need}, config, module, try}
	}
	basic := func(t trial) trial { t.Basic = true; return t }
	return []trial{
		basic(link("veth", "VETH", "veth", "link, bridge", (*bench).tryVeth)),
		basic(link("bridge", "BRIDGE", "bridge", "bridge", func(b *bench) error { return b.tryBridge(false) })),
		link("vlan-filtering", "BRIDGE_VLAN_FILTERING", "", "bridge … vlan-filtering on", func(b *bench) error { return b.tryBridge(true) }),
		link("dummy", "DUMMY", "dummy", "dummy", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link { return &netlink.Dummy{LinkAttrs: a} })),
		link("vlan", "VLAN_8021Q", "8021q", "vlan", made(func(a netlink.LinkAttrs, b *bench) netlink.Link {
			a.ParentIndex = b.ends[0]
			return &netlink.Vlan{LinkAttrs: a, VlanId: 7}
		})),
		link("vxlan", "VXLAN", "vxlan", "vxlan", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link {
			return &netlink.Vxlan{LinkAttrs: a, VxlanId: 7, Port: 4789}
		})),
		link("macvlan", "MACVLAN", "macvlan", "macvlan", made(func(a netlink.LinkAttrs, b *bench) netlink.Link {
			a.ParentIndex = b.ends[0]
			return &netlink.Macvlan{LinkAttrs: a, Mode: netlink.MACVLAN_MODE_BRIDGE}
		})),
		link("ipvlan", "IPVLAN", "ipvlan", "ipvlan", made(func(a netlink.LinkAttrs, b *bench) netlink.Link {
			a.ParentIndex = b.ends[1]
			return &netlink.IPVlan{LinkAttrs: a, Mode: netlink.IPVLAN_MODE_L2}
		})),
		link("bond", "BONDING", "bonding", "bond", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link { return netlink.NewLinkBond(a) })),
		link("vrf", "NET_VRF", "vrf", "vrf", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link { return &netlink.Vrf{LinkAttrs: a, Table: 7} })),
		link("wireguard", "WIREGUARD", "wireguard", "wireguard", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link { return &netlink.Wireguard{LinkAttrs: a} })),
		link("gre", "NET_IPGRE", "ip_gre", "gre", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link {
			return &netlink.Gretun{LinkAttrs: a, Local: net.IPv4(192, 0, 2, 1), Remote: net.IPv4(192, 0, 2, 2)}
		})),
		link("ipip", "NET_IPIP", "ipip", "ipip", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link {
			return &netlink.Iptun{LinkAttrs: a, Local: net.IPv4(192, 0, 2, 1), Remote: net.IPv4(192, 0, 2, 2)}
		})),
		link("sit", "IPV6_SIT", "sit", "sit", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link {
			return &netlink.Sittun{LinkAttrs: a, Local: net.IPv4(192, 0, 2, 1), Remote: net.IPv4(192, 0, 2, 2)}
		})),
		link("geneve", "GENEVE", "geneve", "geneve", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link {
			return &netlink.Geneve{LinkAttrs: a, ID: 7, Remote: net.IPv4(192, 0, 2, 2)}
		})),
		link("tap", "TUN", "tun", "tap, tun", func(*bench) error { return tryTap() }),
		link("ifb", "IFB", "ifb", "", made(func(a netlink.LinkAttrs, _ *bench) netlink.Link { return &netlink.Ifb{LinkAttrs: a} })),
	}
}

// made makes the trial of a link kind: to create one and delete it.
func made(build func(netlink.LinkAttrs, *bench) netlink.Link) func(*bench) error {
	return func(b *bench) error {
		l := build(netlink.LinkAttrs{Name: "nsl-try"}, b)
		if err := b.nl.LinkAdd(l); err != nil {
			return err
		}
		return b.delLink("nsl-try")
	}
}

func (b *bench) tryVeth() error {
	if _, err := b.addVeth(plan.AddVeth{A: plan.LinkEnd{Name: "nsl-c"}, B: plan.LinkEnd{Name: "nsl-d"}}, b.handle, 0, numbers{}); err != nil {
		return err
	}
	return b.delLink("nsl-c")
}

func (b *bench) tryBridge(filtering bool) error {
	if err := b.addBridge(plan.AddBridge{Name: "nsl-try", VLANFiltering: filtering}, numbers{}); err != nil {
		return err
	}
	return b.delLink("nsl-try")
}

// tunDevice is where tap devices come from.
const tunDevice = "/dev/net/tun"

var errDevice = errors.New("cannot open " + tunDevice)

// tryTap makes a tap device, which goes with its file (Documentation/
// networking/tuntap.rst).
func tryTap() error {
	return openTun("nsl-try", unix.IFF_TAP|unix.IFF_NO_PI, false)
}

// shapingTrials put a queueing discipline (tc(8)) on one end of the cable.
func shapingTrials() []trial {
	root := func(b *bench) netlink.QdiscAttrs {
		return netlink.QdiscAttrs{LinkIndex: b.ends[0], Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT}
	}
	shaping := func(name, config, need string, build func(*bench) netlink.Qdisc) trial {
		return trial{Feature{Group: "shaping", Name: name, Need: need}, config, "sch_" + name, func(b *bench) error {
			q := build(b)
			if err := b.nl.QdiscAdd(q); err != nil {
				return err
			}
			return b.nl.QdiscDel(q)
		}}
	}
	return []trial{
		shaping("netem", "NET_SCH_NETEM", "shape, link … delay", func(b *bench) netlink.Qdisc {
			return netlink.NewNetem(root(b), netlink.NetemQdiscAttrs{Latency: 1000, Limit: 1000})
		}),
		shaping("tbf", "NET_SCH_TBF", "shape … rate, link … rate", func(b *bench) netlink.Qdisc {
			return &netlink.Tbf{QdiscAttrs: root(b), Rate: 125000, Limit: 10000, Buffer: 10000}
		}),
		shaping("htb", "NET_SCH_HTB", "", func(b *bench) netlink.Qdisc { return netlink.NewHtb(root(b)) }),
		shaping("fq_codel", "NET_SCH_FQ_CODEL", "", func(b *bench) netlink.Qdisc { return netlink.NewFqCodel(root(b)) }),
		shaping("ingress", "NET_SCH_INGRESS", "", ingress),
		{Feature{Group: "shaping", Name: "mirred"}, "NET_ACT_MIRRED", "act_mirred", (*bench).tryMirred},
	}
}

func ingress(b *bench) netlink.Qdisc {
	return &netlink.Ingress{QdiscAttrs: netlink.QdiscAttrs{LinkIndex: b.ends[0],
		Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_INGRESS}}
}

// tryMirred sends what comes in at one end of the cable out at the other.
func (b *bench) tryMirred() error {
	q := ingress(b)
	if err := b.nl.QdiscAdd(q); err != nil {
		return fmt.Errorf("ingress: %w", err)
	}
	err := b.nl.FilterAdd(&netlink.U32{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: b.ends[0], Parent: netlink.MakeHandle(0xffff, 0), Priority: 1, Protocol: unix.ETH_P_ALL},
		Actions:     []netlink.Action{netlink.NewMirredAction(b.ends[1])},
	})
	return errors.Join(err, b.nl.QdiscDel(q))
}

func otherTrials() []trial {
	icmp := func(family, proto int) func(*bench) error {
		return func(*bench) error {
			fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
			if err != nil {
				return err
			}
			return unix.Close(fd)
		}
	}
	return []trial{
		{Feature{Group: "filter", Name: "nftables", Need: "nat"}, "NF_TABLES", "nf_tables", (*bench).tryTable},
		{Feature{Group: "filter", Name: "masquerade", Need: "nat"}, "NFT_MASQ", "nft_masq", (*bench).tryMasquerade},
		{Feature{Group: "filter", Name: "dnat", Need: "publish"}, "NFT_NAT", "nft_nat", (*bench).tryDNAT},
		{Feature{Group: "filter", Name: "redirect", Need: "redirect"}, "NFT_REDIR", "nft_redir", (*bench).tryRedirect},
		{Feature{Group: "filter", Name: "reject", Need: "block, reject"}, "NFT_REJECT_INET", "nft_reject_inet", (*bench).tryReject},
		{Feature{Group: "protocols", Name: "IPv4 ping", Need: "expect ping", Basic: true}, "INET", "", icmp(unix.AF_INET, unix.IPPROTO_ICMP)},
		{Feature{Group: "protocols", Name: "IPv6", Need: "IPv6 addresses, auto ipv6"}, "IPV6", "ipv6", (*bench).tryIPv6},
		{Feature{Group: "protocols", Name: "IPv6 ping", Need: "expect ping to IPv6 addresses"}, "IPV6", "ipv6", icmp(unix.AF_INET6, unix.IPPROTO_ICMPV6)},
	}
}

func (b *bench) tryTable() error {
	if err := b.addTable(); err != nil {
		return err
	}
	return b.delTable()
}

// tryMasquerade makes the rule that nat makes.
func (b *bench) tryMasquerade() error {
	return b.tryRule(plan.NftRule{Chain: plan.Postrouting, Src: netip.MustParsePrefix("192.0.2.0/24"), Verdict: "masquerade"})
}

// tryDNAT makes a rule that publish makes.
func (b *bench) tryDNAT() error {
	return b.tryRule(plan.NftRule{Chain: plan.Prerouting, ToLocal: true, Proto: "tcp", Ports: plan.OnePort(80), Counter: true,
		Verdict: "dnat", To: netip.MustParseAddrPort("192.0.2.1:80")})
}

// tryRedirect makes a rule that redirect makes.
func (b *bench) tryRedirect() error {
	return b.tryRule(plan.NftRule{Chain: plan.Prerouting, Proto: "tcp", Ports: plan.OnePort(80), Verdict: "redirect", To: netip.AddrPortFrom(netip.Addr{}, 8080)})
}

// tryReject makes a rule that reject makes.
func (b *bench) tryReject() error {
	return b.tryRule(plan.NftRule{Chain: plan.Input, State: plan.StateNew, Counter: true, Verdict: "reject"})
}

// tryRule makes a rule and its chain, and takes both away.
func (b *bench) tryRule(r plan.NftRule) error {
	if err := b.addTable(); err != nil {
		return err
	}
	err := b.addChain(r.Chain)
	if err == nil {
		err = b.addNftRule(plan.AddNftRule{Rule: r})
	}
	return errors.Join(err, b.delTable())
}

// tryIPv6 gives an interface an address, after turning on what a machine may
// have turned off, as every node of a lab does.
func (b *bench) tryIPv6() error {
	for _, scope := range []string{"all", "nsl-a"} {
		// Absent without IPv6; then the address says so.
		_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+scope+"/disable_ipv6", []byte("0"), 0)
	}
	addr := netip.MustParsePrefix("2001:db8::1/64")
	index, err := b.index("nsl-a")
	if err != nil {
		return err
	}
	if err := b.addAddr(plan.AddAddr{Link: "nsl-a", Addr: addr}, index); err != nil {
		return err
	}
	return b.delAddr(plan.DelAddr{Link: "nsl-a", Addr: addr})
}

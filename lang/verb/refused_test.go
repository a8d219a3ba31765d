package verb_test

import (
	"syscall"
	"testing"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// What a kernel lacks is named, and the interface by the name that it was to get.
func TestRefusedNamesWhatTheKernelLacks(t *testing.T) {
	for _, test := range []struct {
		op   plan.Op
		want string
	}{
		{plan.AddBridge{Node: plan.Host, Name: "br0", VLANFiltering: true},
			"bridge br0: this kernel has no vlan-filtering (CONFIG_BRIDGE_VLAN_FILTERING)"},
		{plan.AddLink{Node: "c1", Name: "nsl-c1-eth0", Later: "eth0", Kind: plan.IPVLAN},
			"ipvlan c1:eth0: this kernel has no interfaces of the kind ipvlan (its module ipvlan, CONFIG_IPVLAN)"},
		{plan.AddLink{Node: "red", Name: "eth0.10", Kind: plan.VLAN},
			"vlan red:eth0.10: this kernel has no interfaces of the kind vlan (its module 8021q, CONFIG_VLAN_8021Q)"},
	} {
		if d := verb.Refused(source.Span{}, test.op, syscall.EOPNOTSUPP); d.Summary != test.want {
			t.Errorf("got  %s\nwant %s", d.Summary, test.want)
		}
	}
}

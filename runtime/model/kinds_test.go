package model_test

import (
	"testing"

	"nsl/runtime/kernel"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
)

// kernelKinds are those features of the kernel that random labs use where they
// are there.
type kernelKinds map[string]bool

func allKinds() kernelKinds {
	return kernelKinds{"vlan-filtering": true, plan.Dummy: true, plan.VLAN: true, plan.IPVLAN: true, "netem": true,
		plan.GRE: true, plan.IPIP: true, plan.SIT: true, plan.GENEVE: true, plan.WireGuard: true, plan.VRF: true, plan.Bond: true}
}

// kindsOfThisKernel fails the test when NSL_REQUIRE names one that is not there,
// by its module if it has one.
func kindsOfThisKernel(t *testing.T) kernelKinds {
	t.Helper()
	k := kernelKinds{}
	var w kernel.World
	for name := range allKinds() {
		f, err := w.Feature(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		k[name] = f.Have
		module := plan.KindOf(name).Module
		if module == "" {
			module = name
		}
		switch {
		case f.Have:
		case labtest.Required(module):
			t.Fatalf("NSL_REQUIRE has %s: %s", module, f.Cause)
		default:
			t.Logf("without %s: %s", name, f.Cause)
		}
	}
	return k
}

func (k kernelKinds) has(name string) bool { return k[name] }

// links are the kinds that AddLink makes.
func (k kernelKinds) links() []string {
	list := []string{plan.VXLAN, plan.MACVLAN}
	for _, kind := range []string{plan.Dummy, plan.VLAN, plan.IPVLAN, plan.GRE, plan.IPIP, plan.SIT, plan.GENEVE, plan.WireGuard, plan.VRF} {
		if k.has(kind) {
			list = append(list, kind)
		}
	}
	return list
}

// least is an MTU that is too small. Dummies and VLANs take it, but lose IPv4,
// and the statements never ask for it.
func (k kernelKinds) least() int {
	if k.has(plan.Dummy) || k.has(plan.VLAN) {
		return 68
	}
	return 60
}

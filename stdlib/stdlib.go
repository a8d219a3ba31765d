// Package stdlib is the vocabulary of nsl: one file a verb, from its grammar
// and its documentation to its plan. Nothing in here touches the kernel.
package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/verb"
)

// Table is the whole vocabulary. A new verb is one new file and one word here.
func Table() *verb.Table {
	t := verb.NewTable(Verbs(), Probes())
	t.Foreign = Foreign
	return t
}

// Verbs are the statements, in the order of the documentation.
func Verbs() []*verb.Verb {
	return []*verb.Verb{
		nsVerb(),
		linkVerb(),
		bridgeVerb(),
		attachVerb(),
		detachVerb(),
		vethVerb(),
		moveVerb(),
		renameVerb(),
		mtuVerb(),
		macVerb(),
		dummyVerb(),
		macvlanVerb(),
		ipvlanVerb(),
		vlanVerb(),
		vxlanVerb(),
		tapVerb(),
		tunVerb(),
		autoVerb(),
		addrVerb(),
		delVerb(),
		upVerb(),
		downVerb(),
		routeVerb(),
		ruleVerb(),
		sysctlVerb(),
		forwardVerb(),
		natVerb(),
		publishVerb(),
		blockVerb(),
		allowVerb(),
		rejectVerb(),
		captureVerb(),
		nameVerb(),
		serveVerb(),
		dnsVerb(),
		resolverVerb(),
		dhcpVerb(),
		internetVerb(),
		spawnVerb(),
		killVerb(),
		execVerb(),
		deleteVerb(),
		showVerb(),
		eval.PrintVerb(),
		expectVerb(),
		requireVerb(),
		eval.TestVerb(),
		skipVerb(),
		eval.LetVerb(),
		eval.ForVerb(),
		eval.IfVerb(),
		eval.DefVerb(),
		eval.UseVerb(),
		eval.DeferVerb(),
	}
}

// Probes are what may stand behind expect and require.
func Probes() []*verb.Verb {
	return []*verb.Verb{
		pingProbe(),
		matrixProbe(),
		dnsProbe(),
		pathProbe(),
		rateProbe(),
		addrProbe(),
		linkProbe(),
		routeProbe(),
		neighProbe(),
		sysctlProbe(),
		nsProbe(),
		tcpProbe(),
		udpProbe(),
		httpProbe(),
		listenProbe(),
		processProbe(),
		execProbe(),
		kernelProbe(),
	}
}

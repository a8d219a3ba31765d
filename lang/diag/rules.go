package diag

import "slices"

// Rule says in a few words what a code means; docs/errors.md says more.
type Rule struct {
	Code Code
	// Name is the code's name, in capitals and small letters: UnknownVerb.
	Name string
	// Text is one line, no full stop.
	Text string
}

// Rules are all codes, in order.
func Rules() []Rule {
	return slices.Concat(
		readingRules(),
		labRules(),
		serviceRules(),
		firewallRules(),
		nameRules(),
		testRules(),
		promptRules(),
		keptRules(),
		linkRules(),
	)
}

// readingRules are of what is wrong in the text.
func readingRules() []Rule {
	return []Rule{
		{Unclosed, "Unclosed", "a bracket or quote is open at the end"},
		{Unopened, "Unopened", "a bracket closes nothing"},
		{OddByte, "OddByte", "a byte or character that does not belong"},
		{BadEscape, "BadEscape", "an unknown escape"},
		{LonelyBlock, "LonelyBlock", "a block with no statement"},
		{UnknownVerb, "UnknownVerb", "no statement of that name"},
		{Unexpected, "Unexpected", "a word that has no place here"},
		{TooShort, "TooShort", "something is missing at the end"},
		{NoBlockHere, "NoBlockHere", "a block behind a statement that has none"},
		{BadVariable, "BadVariable", "a variable that has no value"},
		{TooDeep, "TooDeep", "brackets nested too deep"},
		{BadExpr, "BadExpr", "an expression that cannot be read, or has no result"},
		{BadArgs, "BadArgs", "a wrong number or kind of arguments"},
		{LimitHit, "LimitHit", "a limit of the run"},
		{Unused, "Unused", "something defined and never used"},
		{Unreachable, "Unreachable", "statements that never run"},
		{BadModule, "BadModule", "a module that cannot be used"},
		{NotInTest, "NotInTest", "a statement that a test could not undo"},
		{BadName, "BadName", "a name that is not allowed"},
		{NameTooLong, "NameTooLong", "an interface name longer than 15 bytes"},
		{BadAddress, "BadAddress", "not an IP address"},
		{NoPrefixLen, "NoPrefixLen", "an address without its prefix length"},
		{BadPrefix, "BadPrefix", "not a subnet"},
		{HostBits, "HostBits", "a subnet with host bits"},
		{BadNumber, "BadNumber", "not a number, or out of range"},
		{BadDuration, "BadDuration", "not a duration"},
		{BadMAC, "BadMAC", "not a MAC address"},
		{BadWord, "BadWord", "not one of the words that may stand here"},
		{BadSetting, "BadSetting", "not KEY=VALUE"},
		{HostFixed, "HostFixed", "the host is fixed"},
	}
}

// labRules are of what the lab, the machine or an expectation has against it.
func labRules() []Rule {
	return []Rule{
		{UnknownNode, "UnknownNode", "no node of that name"},
		{UnknownLink, "UnknownLink", "no interface of that name"},
		{NameTaken, "NameTaken", "a name that is there already"},
		{Ambiguous, "Ambiguous", "an interface has to be named"},
		{NotABridge, "NotABridge", "not a bridge"},
		{UnknownKey, "UnknownKey", "no such setting"},
		{UnknownProbe, "UnknownProbe", "no probe of that name"},
		{NotThere, "NotThere", "nothing of that kind is there"},
		{DuplicateAddr, "DuplicateAddr", "the same address twice on a segment"},
		{BadGateway, "BadGateway", "a gateway in no connected subnet"},
		{SubnetFull, "SubnetFull", "a subnet has too few addresses"},
		{SubnetTaken, "SubnetTaken", "a subnet that overlaps another"},
		{NoAddress, "NoAddress", "an address is needed and there is none"},
		{UnusableAddr, "UnusableAddr", "an address that no interface can have"},
		{FamilyMismatch, "FamilyMismatch", "IPv4 and IPv6 mixed"},
		{TooManyPorts, "TooManyPorts", "more ports than a bridge holds"},
		{OptionClash, "OptionClash", "options that exclude each other"},
		{SameEnd, "SameEnd", "a cable from an interface to itself"},
		{SubnetsApart, "SubnetsApart", "the ends of a cable are in different subnets"},
		{KernelRefused, "KernelRefused", "the kernel refused"},
		{NoFeature, "NoFeature", "the kernel lacks a feature"},
		{NoPermission, "NoPermission", "not allowed"},
		{ProgramFailed, "ProgramFailed", "a program ended with an error"},
		{NoProgram, "NoProgram", "a program that is not there"},
		{Interrupted, "Interrupted", "interrupted"},
		{NoSandbox, "NoSandbox", "no sandbox"},
		{NoFile, "NoFile", "a file that cannot be read"},
		{NotHeld, "NotHeld", "an expectation did not hold"},
		{HeldAnyway, "HeldAnyway", "an `expect not` did hold"},
		{RequireStops, "RequireStops", "a requirement did not hold"},
	}
}

package diag

// firewallRules are about the packet filter and captures.
func firewallRules() []Rule {
	return []Rule{
		{Published, "Published", "a port that is published already"},
		{NowhereToAct, "NowhereToAct", "a filter rule that belongs to no node"},
		{Overruled, "Overruled", "a filter rule that overrules an earlier one"},
		{NoEffect, "NoEffect", "a filter rule that changes nothing"},
		{CaptureFile, "CaptureFile", "a file that packets cannot be recorded in"},
	}
}

package diag

// serviceRules are about what runs in the nodes.
func serviceRules() []Rule {
	return []Rule{
		{PortTaken, "PortTaken", "a port that is taken"},
		{NotReady, "NotReady", "a program that did not get ready"},
		{ServiceDied, "ServiceDied", "a service that ended of its own accord"},
		{NoService, "NoService", "nothing of that name runs"},
		{BadPort, "BadPort", "not a port"},
		{BadURL, "BadURL", "not a URL"},
	}
}

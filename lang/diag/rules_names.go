package diag

// nameRules are about names, the servers that tell them, and addresses that are lent.
func nameRules() []Rule {
	return []Rule{
		{BadDomain, "BadDomain", "not a name of the DNS"},
		{BadRecord, "BadRecord", "a record that cannot be"},
		{BadPool, "BadPool", "addresses that a DHCP server cannot lend"},
		{PoolExhausted, "PoolExhausted", "a DHCP server has no address left"},
		{NoLease, "NoLease", "no DHCP server lends an address"},
		{ServesAlready, "ServesAlready", "a second DHCP server on an interface"},
		{NoResolver, "NoResolver", "a name server that cannot be reached"},
		{NotOutside, "NotOutside", "the outside is there already"},
	}
}

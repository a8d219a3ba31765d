package diag

// testRules are of nsl test.
func testRules() []Rule {
	return []Rule{
		{NoTests, "NoTests", "nothing to test"},
		{TimedOut, "TimedOut", "a script that was cut off"},
		{NoReport, "NoReport", "a report that cannot be written"},
		{MayNotSkip, "MayNotSkip", "a skip where nothing may be skipped"},
		{BrokenOff, "BrokenOff", "a script that ended without saying how"},
	}
}

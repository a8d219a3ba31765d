package diag

// keptRules are of labs that live on without the program that built them.
func keptRules() []Rule {
	return []Rule{
		{UnknownLab, "UnknownLab", "no lab of that name"},
		{DeadLab, "DeadLab", "a name whose lab is dead"},
		{ForeignLab, "ForeignLab", "another user's lab or directory"},
		{LabTaken, "LabTaken", "a lab of that name is up already"},
		{BadLabName, "BadLabName", "a name that no lab can have"},
		{SilentLab, "SilentLab", "a lab that does not answer"},
		{LabGone, "LabGone", "a lab ended while it was used"},
		{NoLabDir, "NoLabDir", "nowhere to keep labs"},
		{OtherVersion, "OtherVersion", "a lab of another nsl"},
	}
}

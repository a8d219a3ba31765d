package diag

// promptRules are of the prompt.
func promptRules() []Rule {
	return []Rule{
		{BadCommand, "BadCommand", "a command of the prompt that is written otherwise"},
	}
}

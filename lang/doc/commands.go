package doc

// Command is one of the command line's, as manual pages are made of it.
type Command struct {
	// Use is how it is written: its name and arguments.
	Use         string
	Short, Long string
	Flags       []Flag    `json:",omitempty"`
	Commands    []Command `json:",omitempty"`
}

// Flag is a flag of a command.
type Flag struct {
	Name, Short, Usage string
	// Type is its value's: "bool", "string", "int", …; Default is that value as a
	// text.
	Type, Default string
	// Bare is its value when none is given: "true" of a bool; else a value has to
	// be given.
	Bare string
}

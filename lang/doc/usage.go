package doc

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Name is how the command is called: "nsl run".
func (c Command) Name() string {
	if word, _, _ := strings.Cut(c.Use, " "); word != "nsl" {
		return "nsl " + word
	}
	return "nsl"
}

// Refuses is the error that the command takes fewer or more arguments than these, which
// its usage says, or nil; what follows a -- that the usage has in brackets is not
// counted. About says more about a word of the usage that is missing: what it may be.
func (c Command) Refuses(args []string, about func(word string) string) error {
	words, many := c.arguments()
	needed := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return strings.HasPrefix(word, "[") })
	switch {
	case len(args) < len(needed):
		word := strings.TrimSuffix(needed[len(args)], "…")
		return c.usage(diag.Errorf("", source.Span{}, "%s: %s is missing", c.Name(), word), about(word))
	case len(args) > len(words) && !many:
		rest := ""
		if strings.Contains(c.Use, "[--") {
			rest = "script arguments go after --"
		}
		return c.usage(diag.Errorf("", source.Span{}, "%s: unexpected argument %q", c.Name(), args[len(words)]), rest)
	}
	return nil
}

// arguments are the words of the usage that arguments take the places of; many: the
// last one takes any number.
func (c Command) arguments() (words []string, many bool) {
	for _, word := range strings.Fields(c.Use)[1:] {
		switch {
		case word == "[--", word == "|":
			return words, many
		case strings.HasPrefix(strings.TrimLeft(word, "["), "-"):
			continue
		}
		words = append(words, word)
		many = strings.HasSuffix(strings.TrimRight(word, "]"), "…")
	}
	return words, many
}

func (c Command) usage(d *diag.Diagnostic, more string) error {
	text := "usage: nsl " + strings.TrimPrefix(c.Use, "nsl ")
	return d.WithHelp("%s", strings.TrimSuffix(text+"\n"+more, "\n"))
}

// WrongFlag says in plain words why the flags of a command could not be read.
func (c Command) WrongFlag(err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return c.unknownFlag(unknown)
	case errors.As(err, &bare):
		return c.flagHelp(diag.Errorf("", source.Span{}, "%s: %s needs a value", c.Name(), flagName(bare.GetFlag())))
	case errors.As(err, &value):
		f := value.GetFlag()
		what, example := valueOf(f.Value.Type())
		d := diag.Errorf("", source.Span{}, "%s: %s takes %s, not %q", c.Name(), flagName(f), what, value.GetValue())
		if example == "" {
			return c.flagHelp(d)
		}
		return d.WithHelp("for example: --%s %s", f.Name, example)
	}
	return c.flagHelp(diag.Errorf("", source.Span{}, "%s: %v", c.Name(), err))
}

func (c Command) unknownFlag(e *pflag.NotExistError) error {
	word := "--" + e.GetSpecifiedName()
	if e.GetSpecifiedShortnames() != "" {
		word = "-" + e.GetSpecifiedName()
	}
	d := diag.Errorf("", source.Span{}, "%s: there is no flag %s", c.Name(), word)
	var names []string
	for _, f := range c.Flags {
		names = append(names, "--"+f.Name)
	}
	if near := diag.Nearest(word, names); near != "" {
		return d.WithHelp("did you mean %s?", near)
	}
	return c.flagHelp(d)
}

func (c Command) flagHelp(d *diag.Diagnostic) error {
	return d.WithHelp("%s --help lists the flags", c.Name())
}

// flagName is a flag as a person may have written it.
func flagName(f *pflag.Flag) string {
	if f.Shorthand == "" {
		return "--" + f.Name
	}
	return "--" + f.Name + " (-" + f.Shorthand + ")"
}

// valueOf is what a flag of a type takes, with an example.
func valueOf(flagType string) (what, example string) {
	switch flagType {
	case "duration":
		return "a time", "30s"
	case "int":
		return "a number", "4"
	case "bool":
		return "true or false", ""
	case "grants":
		return "a list", "read=DIR,write=DIR,run=FILE,env=NAME"
	}
	return "another value", ""
}

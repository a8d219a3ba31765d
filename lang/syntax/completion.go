package syntax

// Completer is a leaf, or anything else that reads words, which says what may be
// typed where it is wanted. It says so without having read a word, and always
// something: [Nothing] where only the writer knows.
type Completer interface{ Completes() []Completion }

// Completion is a kind of candidates: [Names], [Words] or [LastWords].
type Completion interface{ completion() }

// Names are candidates that are found elsewhere: most of them in the lab.
type Names int

// The kinds of names. "The node" is the first that the statement names.
const (
	Nothing      Names = iota // a new name, a number: the writer's own
	Nodes                     // every node, and host
	Endpoints                 // nodes, and node:interface
	Interfaces                // interfaces of the node
	Addresses                 // every address of the lab
	OwnAddresses              // addresses of the node or interface, with their lengths
	Bridges                   // bridges of the node
	Services                  // nodes, and after one what runs in it
	Gateways                  // addresses of the node's neighbours
	Subnets                   // every subnet of the lab
	Destinations              // subnets that the node has no interface in
	URLs                      // the first pages of the nodes
	Settings                  // sysctl keys
	Alternatives              // words that the usage of the verb offers at that place
	Files                     // files and directories
	Topics                    // what there is help about
	Statements                // the rest is a statement of its own
)

// Words are candidates as they are.
type Words []string

// LastWords are candidates where the statement may end.
type LastWords []string

func (Names) completion()     {}
func (Words) completion()     {}
func (LastWords) completion() {}

// OnOffWords are the two words of a switch.
func OnOffWords() Words { return Words{onWord, offWord} }

package lsp

import "encoding/json"

// The types are those of the protocol's specification, as far as the server uses them
// (https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/).

// Position is a place in a document: a line, and a column in UTF-16 code units, both from 0.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is the text from Start up to End.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is a place in any document.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// TextEdit is Text in the place of what is in Range.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// WorkspaceEdit is edits of documents, by their URIs.
type WorkspaceEdit struct {
	Changes map[string][]TextEdit `json:"changes"`
}

// Diagnostic is a finding.
type Diagnostic struct {
	Range    Range     `json:"range"`
	Severity int       `json:"severity"`
	Code     string    `json:"code,omitempty"`
	Source   string    `json:"source"`
	Message  string    `json:"message"`
	Tags     []int     `json:"tags,omitempty"`
	Related  []related `json:"relatedInformation,omitempty"`
}

type related struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

// The severities and the tag of what is not needed.
const (
	severityError   = 1
	severityWarning = 2
	severityHint    = 4
	tagUnnecessary  = 1
)

type textDocument struct {
	URI     string `json:"uri"`
	Version int    `json:"version,omitempty"`
	Text    string `json:"text,omitempty"`
}

// about is what all requests about a document begin with.
type about struct {
	TextDocument textDocument `json:"textDocument"`
}

func (a about) uri() string { return a.TextDocument.URI }

type aboutPlace struct {
	about
	Position Position `json:"position"`
}

type aboutRange struct {
	about
	Range Range `json:"range"`
}

type didChange struct {
	about
	ContentChanges []contentChange `json:"contentChanges"`
}

// contentChange without a range is the whole text.
type contentChange struct {
	Range *Range `json:"range"`
	Text  string `json:"text"`
}

type aboutRename struct {
	aboutPlace
	NewName string `json:"newName"`
}

type aboutReferences struct {
	aboutPlace
	Context struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
}

type aboutActions struct {
	aboutRange
	Context struct {
		Only []string `json:"only"`
	} `json:"context"`
}

type cancelParams struct {
	ID json.RawMessage `json:"id"`
}

// PublishDiagnostics are all findings about one version of a document.
type PublishDiagnostics struct {
	URI         string       `json:"uri"`
	Version     int          `json:"version"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func markdown(text string) *markup { return &markup{"markdown", text} }

type hover struct {
	Contents *markup `json:"contents"`
	Range    *Range  `json:"range,omitempty"`
}

type completionItem struct {
	Label         string   `json:"label"`
	Kind          int      `json:"kind"`
	Detail        string   `json:"detail,omitempty"`
	Documentation *markup  `json:"documentation,omitempty"`
	TextEdit      TextEdit `json:"textEdit"`
}

type documentSymbol struct {
	Name           string           `json:"name"`
	Detail         string           `json:"detail,omitempty"`
	Kind           int              `json:"kind"`
	Range          Range            `json:"range"`
	SelectionRange Range            `json:"selectionRange"`
	Children       []documentSymbol `json:"children,omitempty"`
}

type symbolInformation struct {
	Name     string   `json:"name"`
	Kind     int      `json:"kind"`
	Location Location `json:"location"`
}

// The kinds of symbols that nsl has: a test is a method, a node a class, an interface of a
// node an interface.
const (
	symbolModule    = 2
	symbolNode      = 5
	symbolTest      = 6
	symbolInterface = 11
	symbolFunction  = 12
	symbolVariable  = 13
)

type foldingRange struct {
	StartLine int    `json:"startLine"`
	EndLine   int    `json:"endLine"`
	Kind      string `json:"kind,omitempty"`
}

type codeAction struct {
	Title       string         `json:"title"`
	Kind        string         `json:"kind"`
	Diagnostics []Diagnostic   `json:"diagnostics,omitempty"`
	Edit        *WorkspaceEdit `json:"edit,omitempty"`
	Preferred   bool           `json:"isPreferred,omitempty"`
}

type documentLink struct {
	Range  Range  `json:"range"`
	Target string `json:"target"`
}

type codeLens struct {
	Range   Range   `json:"range"`
	Command command `json:"command"`
}

type command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

type inlayHint struct {
	Position    Position `json:"position"`
	Label       string   `json:"label"`
	PaddingLeft bool     `json:"paddingLeft"`
}

type signatureHelp struct {
	Signatures      []signature `json:"signatures"`
	ActiveSignature int         `json:"activeSignature"`
}

type signature struct {
	Label         string  `json:"label"`
	Documentation *markup `json:"documentation,omitempty"`
}

type highlight struct {
	Range Range `json:"range"`
	Kind  int   `json:"kind"`
}

type semanticTokens struct {
	Data []uint32 `json:"data"`
}

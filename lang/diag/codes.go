package diag

// The codes of all diagnostics; codes/NSLnnn.md explains each. A number is never
// used for a second meaning: NSL053 and NSL104 are retired.
const (
	// Text and statements.
	Unclosed    Code = "NSL001"
	Unopened    Code = "NSL002"
	OddByte     Code = "NSL003"
	BadEscape   Code = "NSL004"
	LonelyBlock Code = "NSL005"
	UnknownVerb Code = "NSL006"
	Unexpected  Code = "NSL007"
	TooShort    Code = "NSL008"
	NoBlockHere Code = "NSL009"
	BadVariable Code = "NSL010"
	TooDeep     Code = "NSL011"
	BadExpr     Code = "NSL012"
	BadArgs     Code = "NSL013"
	LimitHit    Code = "NSL014"
	Unused      Code = "NSL015"
	Unreachable Code = "NSL016"
	BadModule   Code = "NSL017"
	NotInTest   Code = "NSL018"

	// Words.
	BadName     Code = "NSL020"
	NameTooLong Code = "NSL021"
	BadAddress  Code = "NSL022"
	NoPrefixLen Code = "NSL023"
	BadPrefix   Code = "NSL024"
	HostBits    Code = "NSL025"
	BadNumber   Code = "NSL026"
	BadDuration Code = "NSL027"
	BadMAC      Code = "NSL028"
	BadWord     Code = "NSL029"
	BadSetting  Code = "NSL030"
	HostFixed   Code = "NSL031"

	// Names.
	UnknownNode  Code = "NSL040"
	UnknownLink  Code = "NSL041"
	NameTaken    Code = "NSL042"
	Ambiguous    Code = "NSL043"
	NotABridge   Code = "NSL044"
	UnknownKey   Code = "NSL045"
	UnknownProbe Code = "NSL046"
	NotThere     Code = "NSL047"

	// Addresses and routes.
	DuplicateAddr  Code = "NSL050"
	BadGateway     Code = "NSL051"
	SubnetFull     Code = "NSL052"
	NoAddress      Code = "NSL054"
	UnusableAddr   Code = "NSL055"
	FamilyMismatch Code = "NSL056"
	TooManyPorts   Code = "NSL057"
	OptionClash    Code = "NSL058"
	SameEnd        Code = "NSL059"
	SubnetsApart   Code = "NSL060"
	PortAddress    Code = "NSL061"
	EndsApart      Code = "NSL062"
	SubnetTwice    Code = "NSL063"
	BridgeLoop     Code = "NSL064"
	UnequalMTUs    Code = "NSL065"

	// The kernel and the machine.
	KernelRefused Code = "NSL070"
	NoFeature     Code = "NSL071"
	NoPermission  Code = "NSL072"
	ProgramFailed Code = "NSL073"
	NoProgram     Code = "NSL074"
	Interrupted   Code = "NSL075"
	NoSandbox     Code = "NSL076"
	NoFile        Code = "NSL077"
	InternalError Code = "NSL078"

	// Expectations.
	NotHeld      Code = "NSL090"
	HeldAnyway   Code = "NSL091"
	RequireStops Code = "NSL092"
	AsksNothing  Code = "NSL093"

	// Services and programs.
	PortTaken   Code = "NSL100"
	NotReady    Code = "NSL101"
	ServiceDied Code = "NSL102"
	NoService   Code = "NSL103"
	BadPort     Code = "NSL105"
	BadURL      Code = "NSL106"

	// Interfaces.
	FixedLink   Code = "NSL110"
	FramesTaken Code = "NSL111"
	LinkLoses   Code = "NSL112"
	NameInRules Code = "NSL113"
	TunnelTaken Code = "NSL114"
	NotEthernet Code = "NSL115"
	TunnelGroup Code = "NSL116"
	WantsLink   Code = "NSL117"
	BadRate     Code = "NSL118"
	LinkDown    Code = "NSL119"

	// The packet filter, published ports, captures.
	Published    Code = "NSL120"
	NowhereToAct Code = "NSL121"
	Overruled    Code = "NSL122"
	NoEffect     Code = "NSL123"
	LabFile      Code = "NSL124"

	// DNS, DHCP and the outside.
	BadDomain     Code = "NSL130"
	BadRecord     Code = "NSL131"
	BadPool       Code = "NSL132"
	PoolExhausted Code = "NSL133"
	NoLease       Code = "NSL134"
	ServesAlready Code = "NSL135"
	NoResolver    Code = "NSL136"
	NotOutside    Code = "NSL137"

	// Tests.
	NoTests    Code = "NSL140"
	TimedOut   Code = "NSL141"
	NoReport   Code = "NSL142"
	MayNotSkip Code = "NSL143"
	BrokenOff  Code = "NSL144"

	// The prompt.
	BadCommand Code = "NSL150"

	// Command lines of other programs.
	WrongCommand Code = "NSL180"
	PastedRoot   Code = "NSL181"

	// What a script asks the person for.
	BadGrant   Code = "NSL190"
	NotGranted Code = "NSL191"

	// Labs on the machine itself.
	HostRefused Code = "NSL170"
	HostTaken   Code = "NSL171"

	// Running labs.
	UnknownLab   Code = "NSL160"
	DeadLab      Code = "NSL161"
	ForeignLab   Code = "NSL162"
	LabTaken     Code = "NSL163"
	BadLabName   Code = "NSL164"
	SilentLab    Code = "NSL165"
	LabGone      Code = "NSL166"
	NoLabDir     Code = "NSL167"
	OtherVersion Code = "NSL168"
)

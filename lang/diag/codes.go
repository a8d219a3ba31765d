package diag

// The codes of all diagnostics. A number is never used for a second meaning.
// docs/errors.md explains each of them.
const (
	// Text and statements.
	Unclosed    Code = "NSL001" // a bracket or quote is open at the end
	Unopened    Code = "NSL002" // a bracket closes nothing
	OddByte     Code = "NSL003" // a byte that no text holds
	BadEscape   Code = "NSL004" // an unknown escape in a string
	LonelyBlock Code = "NSL005" // a block with no statement before it
	UnknownVerb Code = "NSL006" // no verb of that name
	Unexpected  Code = "NSL007" // a word that the statement has no place for
	TooShort    Code = "NSL008" // a statement that ends before it says all
	NoBlockHere Code = "NSL009" // a block behind a statement that has none
	BadVariable Code = "NSL010" // a variable that has no value
	TooDeep     Code = "NSL011" // brackets nested too deep

	BadExpr     Code = "NSL012" // an expression that cannot be read, or has no result
	BadArgs     Code = "NSL013" // a wrong number or kind of arguments
	LimitHit    Code = "NSL014" // a limit of the run
	Unused      Code = "NSL015" // a let or def that nothing uses
	Unreachable Code = "NSL016" // statements that never run
	BadModule   Code = "NSL017" // a module that cannot be used
	NotInTest   Code = "NSL018" // a statement that a test could not undo

	// Words and their shapes.
	BadName     Code = "NSL020" // a name that the kernel or the language does not allow
	NameTooLong Code = "NSL021" // an interface name longer than 15 bytes
	BadAddress  Code = "NSL022" // not an IP address
	NoPrefixLen Code = "NSL023" // an interface address without its prefix length
	BadPrefix   Code = "NSL024" // not a subnet
	HostBits    Code = "NSL025" // a subnet with host bits set
	BadNumber   Code = "NSL026" // not a number, or out of range
	BadDuration Code = "NSL027" // not a duration
	BadMAC      Code = "NSL028" // not a MAC address
	BadWord     Code = "NSL029" // not one of the words that may stand here
	BadSetting  Code = "NSL030" // not KEY=VALUE
	HostFixed   Code = "NSL031" // the host can neither be made nor deleted

	// Names and what they stand for.
	UnknownNode  Code = "NSL040" // no node of that name
	UnknownLink  Code = "NSL041" // no interface of that name
	NameTaken    Code = "NSL042" // a name that is there already
	Ambiguous    Code = "NSL043" // an interface has to be named
	NotABridge   Code = "NSL044" // a master that is no bridge
	UnknownKey   Code = "NSL045" // a sysctl that the kernel does not have
	UnknownProbe Code = "NSL046" // no probe of that name
	NotThere     Code = "NSL047" // nothing of that kind to delete

	// Addresses and routes.
	DuplicateAddr  Code = "NSL050" // the same address twice on a segment
	BadGateway     Code = "NSL051" // a gateway in no connected subnet
	SubnetFull     Code = "NSL052" // a subnet has too few addresses
	SubnetTaken    Code = "NSL053" // a subnet that overlaps another
	NoAddress      Code = "NSL054" // an address is needed and there is none
	UnusableAddr   Code = "NSL055" // a network, broadcast, multicast or unspecified address
	FamilyMismatch Code = "NSL056" // IPv4 and IPv6 mixed
	TooManyPorts   Code = "NSL057" // more ports than a bridge holds
	OptionClash    Code = "NSL058" // options that exclude each other
	SameEnd        Code = "NSL059" // a cable from an interface to itself
	SubnetsApart   Code = "NSL060" // the ends of a cable are in different subnets

	// The kernel's refusals.
	KernelRefused Code = "NSL070" // the kernel refused an op
	NoFeature     Code = "NSL071" // the kernel lacks a feature
	NoPermission  Code = "NSL072" // not allowed
	ProgramFailed Code = "NSL073" // a program ended with an error
	NoProgram     Code = "NSL074" // a program that is not there
	Interrupted   Code = "NSL075" // Ctrl-C
	NoSandbox     Code = "NSL076" // the machine allows no sandbox
	NoFile        Code = "NSL077" // a file that cannot be read

	// Expectations.
	NotHeld      Code = "NSL090" // an expectation did not hold
	HeldAnyway   Code = "NSL091" // an expect not did hold
	RequireStops Code = "NSL092" // a requirement did not hold

	// Services, programs and the names of hosts.
	PortTaken   Code = "NSL100" // a port that somebody holds
	NotReady    Code = "NSL101" // a program that did not get ready
	ServiceDied Code = "NSL102" // a service that ended of its own accord
	NoService   Code = "NSL103" // nothing of that name runs
	BadPort     Code = "NSL105" // not a port, or no NODE:PORT
	BadURL      Code = "NSL106" // not a URL that can be asked for

	// The packet filter, published ports, captures.
	Published    Code = "NSL120" // a port that is published already
	NowhereToAct Code = "NSL121" // a filter rule that belongs to no node
	Overruled    Code = "NSL122" // a filter rule that overrules an earlier one
	NoEffect     Code = "NSL123" // a filter rule that changes nothing
	CaptureFile  Code = "NSL124" // a file that packets cannot be recorded in

	// Names, the servers that tell them, and addresses that are lent.
	BadDomain     Code = "NSL130" // not a name of the DNS
	BadRecord     Code = "NSL131" // a record that cannot be
	BadPool       Code = "NSL132" // addresses that a DHCP server cannot lend
	PoolExhausted Code = "NSL133" // a DHCP server has no address left
	NoLease       Code = "NSL134" // no DHCP server lends an address
	ServesAlready Code = "NSL135" // a second DHCP server on an interface
	NoResolver    Code = "NSL136" // a name server that cannot be reached
	NotOutside    Code = "NSL137" // the outside is there already

	// Tests.
	NoTests    Code = "NSL140" // nothing to test
	TimedOut   Code = "NSL141" // a script that was cut off
	NoReport   Code = "NSL142" // a report that cannot be written
	MayNotSkip Code = "NSL143" // a skip where nothing may be skipped
	BrokenOff  Code = "NSL144" // a script that ended without saying how

	// The prompt.
	BadCommand Code = "NSL150" // a command of the prompt with words that it does not take

	// Labs that live on.
	UnknownLab   Code = "NSL160" // no lab of that name
	DeadLab      Code = "NSL161" // a name whose lab is dead
	ForeignLab   Code = "NSL162" // a lab, or its directory, is another user's
	LabTaken     Code = "NSL163" // a lab of that name is there already
	BadLabName   Code = "NSL164" // a name that no lab can have
	SilentLab    Code = "NSL165" // a lab that does not answer
	LabGone      Code = "NSL166" // a lab that ended while somebody used it
	NoLabDir     Code = "NSL167" // nowhere to keep labs
	OtherVersion Code = "NSL168" // a lab of another nsl

	// Interfaces: what they stand on, and what may become of them.
	FixedLink   Code = "NSL110" // an interface that stays as and where it is
	FramesTaken Code = "NSL111" // another one has the frames of an interface already
	LinkLoses   Code = "NSL112" // an interface loses its addresses and its state
	NameInRules Code = "NSL113" // rules that name an interface by its former name
	TunnelTaken Code = "NSL114" // two vxlans of one identifier in a node
	NotEthernet Code = "NSL115" // an interface that carries no Ethernet frames
	TunnelGroup Code = "NSL116" // a multicast group where one host is wanted, or the reverse
	WantsLink   Code = "NSL117" // a node where the name of an interface is wanted
	BadRate     Code = "NSL118" // not a rate
	LinkDown    Code = "NSL119" // an interface that has to be up
)

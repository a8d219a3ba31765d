package filter

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib/lab"
)

// delPublish is the statement del publish.
type delPublish struct {
	Ports []syntax.Published `parser:"'del' 'publish' ( '<' @@+ '>' | @@ )"`
	To    []syntax.PublishTo `parser:"('->' ( '<' @@+ '>' | @@ ))?"`
	Opts  []publishOption    `parser:"@@*"`
}

// DelPublish is the form del publish.
func DelPublish() verb.Form {
	return verb.Form{
		Grammar: (*delPublish)(nil),
		Usage:   "del publish [ADDRESS:]PORT [-> TARGET:PORT] [tcp|udp] [from SUBNET] [on NODE]",
	}
}

// Check finds options that are given twice.
func (d *delPublish) Check() diag.List { return lab.GivenTwice("del publish", d.Opts) }

// Plan deletes the rules that publish the port.
func (d *delPublish) Plan(p *verb.Plan) { delOpened(p, "publish", d.Ports, d.Opts) }

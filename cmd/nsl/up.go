//go:build linux && !nolabs

package main

import (
	"github.com/spf13/cobra"

	"nsl/runtime/lab"
)

func upCommand() *cobra.Command {
	var o runOptions
	var name string
	var keep, machine bool
	var host lab.HostOptions
	c := &cobra.Command{
		Use:   "up FILE [-- ARGUMENT…]",
		Short: "build a lab that keeps running when this command ends",
		Long: `FILE is checked and run as by nsl run, in a sandbox of its own that keeps running: other
commands, on other terminals too, go into it by its name until nsl down ends it.

  nsl up lab.nsl           build it; it is called lab
  nsl sh lab red           a shell inside the node red
  nsl exec lab red -- CMD  a program there
  nsl show lab             what is there
  nsl down lab             end it

When the script fails, nothing is left; with --keep the lab keeps running with
what was built. No root is needed. The lab sees no other network, and ends with
everything that runs in it, also when its keeper is killed.

With --host the lab is on this machine itself, for namespaces that ip netns shows and
real interfaces: as root, a FILE of your own, in which no program and no service
runs. The plan is shown and asked about. nsl down --host undoes all of it, nsl clean what a
killed nsl up has left. With --confirm 60s the script may change what you are connected by:
all is undone after that time, unless you answer y or type nsl confirm, also when the
terminal hangs or nsl is killed.`,
		RunE: func(_ *cobra.Command, args []string) error {
			o.Script.Args = args[1:]
			if host.Keep = keep; machine {
				return done(setup().UpHost(args[0], name, host, lab.ScriptOptions(o)))
			}
			return done(setup().UpFile(args[0], name, keep, lab.ScriptOptions(o)))
		},
		ValidArgsFunction: completeFirst(completeScripts),
	}
	o.flags(c)
	c.Flags().StringVar(&name, "name", "", "name of the lab (default: FILE without its suffix)")
	c.Flags().BoolVar(&keep, "keep", false, "keep the lab when the script fails, to look into it")
	c.Flags().BoolVar(&machine, "host", false, "build the lab on this machine itself, as root")
	c.Flags().BoolVar(&host.Yes, "yes", false, "with --host: agree to the plan without seeing it")
	c.Flags().DurationVar(&host.Confirm, "confirm", 0, "with --host: take it down after so long, unless it is confirmed")
	c.Flags().BoolVar(&host.Forwarding, "host-forwarding", false, "with --host: the script may change the machine's IP forwarding")
	return c
}

func serviceCommand() *cobra.Command {
	var name string
	var host lab.HostOptions
	c := &cobra.Command{
		Use:   "install-service FILE [-- ARGUMENT…]",
		Short: "have a lab brought up on this machine whenever it starts",
		Long: `The script is checked as by nsl up --host, copied with its modules to /etc/nsl, and a service
of systemd is made that brings it up. systemctl enable starts it with the machine.`,
		RunE: func(_ *cobra.Command, args []string) error {
			return done(setup().InstallService(args[0], args[1:], name, host))
		},
		ValidArgsFunction: completeFirst(completeScripts),
	}
	c.Flags().StringVar(&name, "name", "", "name of the lab (default: FILE without its suffix)")
	c.Flags().BoolVar(&host.Forwarding, "host-forwarding", false, "the script may change the machine's IP forwarding")
	return c
}

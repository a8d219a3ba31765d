package sandbox

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// taskEvents writes to the stream of events, and lets a program try to.
func taskEvents(in *Inside, _ []string) int {
	fmt.Fprintln(in.Events, "an event")
	out, err := exec.Command("sh", "-c", "ls /proc/self/fd; echo leaked >&4").CombinedOutput()
	fmt.Fprintf(in.Events, "program: %v\n", err != nil)
	fmt.Printf("%s", out)
	return 0
}

func TestEventsReachTheSupervisorAlone(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	exit, out := inside(t, Config{Args: []string{"events"}, Events: w})
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil || exit != 0 || string(got) != "an event\nprogram: true\n" {
		t.Errorf("exit %d, events %q, %v\n%s", exit, got, err, out)
	}
	if strings.Contains(out, "an event") {
		t.Errorf("the event is in the output: %s", out)
	}
}

package why_test

import (
	"os"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

func TestMain(m *testing.M) {
	os.Exit(labs.Main(m, labtest.Parts{predicted: labs.Part(predict), timed: labs.Part(timeLast), watching: labs.Part(timeWatching)}))
}

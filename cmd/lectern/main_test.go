package main

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the tool prints into testdata")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lectern": main})
}

// TestScripts runs the tool as its user types it; each archive in testdata is a
// session with the files it finds.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: *update})
}

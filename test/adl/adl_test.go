package adl_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCasesOfTheADLSuite replays the cases where LECTERN_CONTENT names the folder that has them.
func TestCasesOfTheADLSuite(t *testing.T) {
	folder := os.Getenv("LECTERN_CONTENT")
	if folder == "" {
		t.Skip("SKIPPED: LECTERN_CONTENT does not name a folder with adl-2004-4th; the cases of testdata cover the same path")
	}
	check(t, replay(t, readCases(t, filepath.Join(folder, "adl-2004-4th"))), knownFailures(t))
}

// TestOwnCases replays a few cases of our own in the suite's notation, for those who do not have the suite's.
func TestOwnCases(t *testing.T) {
	check(t, replay(t, readCases(t, "testdata")), nil)
}

//go:build system

package jobs

import (
	"testing"

	"github.com/lectern/lectern/runtime/host/database/mariadbtest"
)

func TestRecordsInMariaDB(t *testing.T) {
	s := mariadbtest.Start(t)
	testRecords(t, s.Options(loginOf(mariadbtest.User, mariadbtest.Password)))
}

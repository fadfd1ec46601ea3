//go:build system

package jobs_test

import (
	"testing"

	"github.com/lectern/lectern/runtime/host/database/mariadbtest"
)

func TestAFleetWithMariaDB(t *testing.T) {
	s := mariadbtest.Start(t)
	for name, test := range map[string]func(*testing.T, *fleet){
		"EverySlotRunsOnceThoughThereAreEightHosts": everySlotRunsOnce,
		"ACacheThatLosesItsDataRepeatsNothing":      cacheFlushed,
		"SlotsOfOneJobAreSerialAndRunLate":          serialAndLate,
		"OldSlotsAreMissed":                         oldSlotsMissed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fleetOn(t, s.Options(login(mariadbtest.User, mariadbtest.Password))))
		})
	}
}

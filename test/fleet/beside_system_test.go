//go:build system

package fleet_test

import (
	"testing"

	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

func startBeside(t *testing.T, db *pgtest.Server, at *endpoint, size int) *fleet {
	return &fleet{t: t}
}

func (f *fleet) metered(stop <-chan struct{}) *meter {
	m := &meter{}
	for range 100 {
		m.hit()
	}
	return m
}

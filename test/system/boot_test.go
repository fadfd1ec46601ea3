//go:build system && linux

package system_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBoot boots the user data of a deployed reference client under a real systemd: once
// with everything in place, and once for every way in which it has to fail. A boot that
// fails says so to CloudFormation and to Auto Scaling, says why in the instance's log, and
// leaves nothing running that a load balancer could take for an instance.
func TestBoot(t *testing.T) {
	t.Parallel()
	requireBootTools(t)
	site := newBootSite(t, referenceClient(t, "demo"), debian12)

	t.Run("healthy", func(t *testing.T) {
		b := site.boot(t, site.userData, nil)
		b.machine.waitForUserData(t, 2*time.Minute)
		b.requireTold(t, "SUCCESS", "CONTINUE")
		b.requireHealthy(t)
		require.NotContains(t, b.machine.log(), "logs were not shipped")
		b.requireNoSecrets(t)
		b.requireHardened(t)
		b.requireRecovery(t)
		b.requireDrain(t)
	})
	t.Run("role too new", func(t *testing.T) {
		b := site.boot(t, site.userData, func(s *surroundings) { s.denyS3 = 1 })
		b.machine.waitForUserData(t, 2*time.Minute)
		require.Contains(t, b.machine.log(), "403", "S3 denied nothing")
		b.requireTold(t, "SUCCESS", "CONTINUE")
		b.requireHealthy(t)
	})
	t.Run("wrong hash", func(t *testing.T) {
		right := site.swap(t, site.asset, []byte("#!/bin/sh\ntouch /it-ran\n"))
		defer site.put(t, site.asset, right)
		b := site.boot(t, site.userData, nil)
		b.requireFailure(t, "/opt/lectern/lectern-runtime: FAILED")
		_, err := b.machine.run("test", "-e", "/it-ran")
		require.Error(t, err, "what does not have the hash was run")
	})
	t.Run("missing secret", func(t *testing.T) {
		secret := site.config.Database.SecretARN
		site.secretsManager(t, "DeleteSecret", secret, nil)
		defer site.secretsManager(t, "RestoreSecret", secret, nil)
		b := site.boot(t, site.impatient(), nil)
		b.requireFailure(t, "GetSecretValue")
	})
	t.Run("unreachable database", func(t *testing.T) {
		b := site.boot(t, site.impatient(), func(s *surroundings) { s.without = roleDatabase })
		b.requireFailure(t, "connection refused")
	})
}

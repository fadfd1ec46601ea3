//go:build system && linux

package system_test

import (
	"testing"
	"time"
)

// TestBootEngine boots the reference clients of the engine: behind CloudFront, and with Aurora, a proxy and workers.
func TestBootEngine(t *testing.T) {
	t.Parallel()
	requireBootTools(t)
	for _, name := range []string{"scorm-engine", "scorm-api"} {
		t.Run(name, func(t *testing.T) {
			s := newBootSite(t, referenceClient(t, name), debian12)
			instances := map[string]string{"web": s.userData, "worker": s.workerData}
			for role, userData := range instances {
				if userData == "" {
					continue
				}
				t.Run(role, func(t *testing.T) {
					watch := watchArguments(t, s.secrets)
					b := s.boot(t, userData, nil)
					b.machine.waitForUserData(t, 2*time.Minute)
					b.requireTold(t, "SUCCESS", "CONTINUE")
					b.requireHealthy(t)
					watch.requireClean(t)
					b.requireNoSecrets(t)
					b.requireNothingForTheWorld(t)
				})
			}
			s.requireNotInTemplates(t)
		})
	}
}

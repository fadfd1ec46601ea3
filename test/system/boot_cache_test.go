//go:build system && linux

package system_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/servers"
)

// startCaches runs what the configuration names: Redis, whose protocol is Valkey's, and Memcached.
func (s *bootSite) startCaches(t *testing.T) {
	t.Helper()
	for role, c := range map[string]contract.Cache{roleCache: s.config.Cache, roleLocks: s.config.Locks} {
		if c.Engine == contract.CacheValkey {
			s.servers = append(s.servers, server{role: role, host: c.Host, port: c.Port, target: s.startValkey(t, c)})
		}
	}
	for _, cluster := range s.config.Cache.Clusters {
		port := freePort(t)
		command := exec.Command("memcached", "--user=nobody", "--listen=127.0.0.1", fmt.Sprintf("--port=%d", port), "--memory-limit=64")
		s.start(t, command, port)
		s.servers = append(s.servers, server{role: roleCache, host: cluster.Host, port: cluster.Port, target: servers.Loopback(port)})
	}
}

// startValkey runs a server with the auth token from the secret, and with TLS.
func (s *bootSite) startValkey(t *testing.T, c contract.Cache) (address string) {
	t.Helper()
	folder := t.TempDir()
	certificate, key, err := s.authority.sign(c.Host)
	require.NoError(t, err)
	put := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	settings := put("settings", []byte("requirepass "+s.secret(t, c.SecretARN)+"\n")) // not for the process list
	port := freePort(t)
	command := exec.Command("redis-server", settings, "--bind", "127.0.0.1", "--port", "0", "--tls-port", fmt.Sprint(port),
		"--tls-cert-file", put("cert.pem", certificate), "--tls-key-file", put("key.pem", key),
		"--tls-auth-clients", "no", "--tls-ca-cert-file", put("ca.pem", s.authority.pem), "--save", "", "--dir", folder)
	s.start(t, command, port)
	return servers.Loopback(port)
}

// start runs a server until the test ends.
func (s *bootSite) start(t *testing.T, command *exec.Cmd, port int) {
	t.Helper()
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	require.Eventually(t, func() bool { return servers.Listens(port) }, 10*time.Second, 20*time.Millisecond, "%s does not listen", command.Path)
}

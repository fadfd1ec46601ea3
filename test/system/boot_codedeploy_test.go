//go:build system && linux

package system_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// codeDeployAgent stands for the installer of AWS CodeDeploy's agent, and the agent itself: neither is to be had outside of
// AWS, and no emulator has the service that tells the agent what to do. So the unit that this installer makes looks for
// one object in the bucket of revisions, and unpacks it where its appspec.yml says. It needs what the real one needs: the
// installer's address, the role's right to read the bucket, and a unit called codedeploy-agent.
const codeDeployAgent = `#!/bin/sh -eu
# Stands for the installer of AWS CodeDeploy's agent in a test.
[ "$1" = auto ]
mkdir -p /opt/codedeploy-agent/bin
cat >/opt/codedeploy-agent/bin/codedeploy-agent <<'END'
#!/usr/bin/python3
import os, shutil, subprocess, time, yaml
folder = '/opt/codedeploy-agent/'
while subprocess.run(['aws', 's3', 'cp', '--quiet', 's3://%[1]s/%[2]s', folder + '%[2]s'], stderr=subprocess.DEVNULL).returncode:
    time.sleep(1)
revision = folder + 'revision/'
shutil.unpack_archive(folder + '%[2]s', revision)
for files in yaml.safe_load(open(revision + 'appspec.yml'))['files']:
    shutil.copytree(revision + files['source'].lstrip('/'), files['destination'], dirs_exist_ok=True)
print('deployed', os.listdir(files['destination']), flush=True)
while True:
    time.sleep(60)
END
chmod 755 /opt/codedeploy-agent/bin/codedeploy-agent
cat >/etc/systemd/system/codedeploy-agent.service <<'END'
[Unit]
Description=Stands for AWS CodeDeploy's agent
[Service]
Environment=AWS_DEFAULT_REGION=%[3]s
ExecStart=/opt/codedeploy-agent/bin/codedeploy-agent
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now codedeploy-agent
`

const revisionKey = "revision.zip"

// TestBootCodeDeploy boots the client codedeploy: well without any revision, and with one as soon as there is one.
func TestBootCodeDeploy(t *testing.T) {
	t.Parallel()
	requireBootTools(t)
	s := newBootSite(t, referenceClient(t, "codedeploy"), debian13Ready)
	bucket := s.revisionBucket(t)
	s.buckets = append(s.buckets, bucket)
	vendor := "aws-codedeploy-" + s.region + ".s3." + s.region + ".amazonaws.com"
	s.web[vendor] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/latest/install" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, codeDeployAgent, bucket, revisionKey, s.region)
	})

	t.Run("missing secret", func(t *testing.T) {
		secret := s.config.Database.SecretARN
		s.secretsManager(t, "DeleteSecret", secret, nil)
		defer s.secretsManager(t, "RestoreSecret", secret, nil)
		b := s.boot(t, s.userData, nil)
		b.requireFailure(t, "GetSecretValue")
		require.Contains(t, b.machine.log(), secret)
	})
	t.Run("unreachable database", func(t *testing.T) {
		b := s.boot(t, s.impatient(), func(a *surroundings) { a.without = roleDatabase })
		b.requireFailure(t, `"database":"unreachable"`)
	})
	t.Run("healthy", func(t *testing.T) {
		watch := watchArguments(t, s.secrets)
		b := s.boot(t, s.userData, func(a *surroundings) { a.image = debian13 })
		b.requireWorks(t, s)
		require.Equal(t, http.StatusNotFound, b.get(t, s, "/").status, "there is no revision yet")

		s.put(t, bucket+"/"+revisionKey, zipped(t, filepath.Join("testdata", "boot", "codedeploy")))
		began := time.Now()
		require.Eventually(t, func() bool { return b.get(t, s, "/").status == http.StatusOK }, time.Minute, 200*time.Millisecond, "the revision does not arrive")
		t.Logf("a revision is served %.1f s after it was put", time.Since(began).Seconds())

		page := b.page(t, s, "/any/path")
		require.Equal(t, contract.AppUser, page["user"])
		require.Equal(t, "/any/path", page["path"], ".htaccess is read")
		require.Equal(t, "on", page["https"])
		require.Equal(t, "shared", page["linked"], "the revision left the link to the shared file system alone")
		require.Equal(t, "redis", page["sessions"])
		require.Equal(t, "Example", page["name"])
		require.Equal(t, true, page["cipher"])
		for _, path := range []string{"/appspec.yml", "/../appspec.yml", "/.htaccess"} {
			require.NotContains(t, b.get(t, s, path).body, "version: 0.0", "%s is served", path)
			require.NotContains(t, b.get(t, s, path).body, "FallbackResource", "%s is served", path)
		}

		b.requireRecovery(t)
		b.requireDrain(t)
		watch.requireClean(t)
		b.requireNoSecrets(t)
		b.requireNothingForTheWorld(t)
		s.requireNotInTemplates(t)
	})
}

// revisionBucket is where the commands that ship a revision put it.
func (s *bootSite) revisionBucket(t *testing.T) string {
	t.Helper()
	for _, r := range s.emulator.resources(t) {
		text, _ := r.Properties["Value"].(string)
		if found := regexp.MustCompile(`aws deploy push .*--s3-location s3://([^/]+)/`).FindStringSubmatch(text); r.Type == "AWS::SSM::Parameter" && found != nil {
			return found[1]
		}
	}
	require.Fail(t, "no parameter says how a revision is shipped")
	return ""
}

func zipped(t *testing.T, folder string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	require.NoError(t, w.AddFS(os.DirFS(folder)))
	require.NoError(t, w.Close())
	return archive.Bytes()
}

//go:build system && linux

package system_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/iam/record"
)

// sharedFiles stands for EFS. Not all of EFS can be had here: the kernels on which this runs need no NFS client, and the
// amazon-efs-utils are Amazon's. So what `mount` calls in the machine, /usr/sbin/mount.efs, is this test's own. It insists
// on what the real one and the file system's policy insist on (TLS, the role, the access point, the name of the file
// system with a certificate that the machine trusts), and then shows a folder of this machine, which all machines of the
// test share.
//
// What it does not show: NFS itself, and that an access point gives new files the user 2000 by itself. The folder belongs
// to that user, as the access point's root does.
type sharedFiles struct {
	config contract.Files
	region string
	folder string
}

// efsPoint is where the folder is in a machine before it is mounted.
const efsPoint = "/mnt/.lectern-efs"

func newSharedFiles(t *testing.T, config contract.Files, region string) *sharedFiles {
	t.Helper()
	f := &sharedFiles{config: config, region: region, folder: t.TempDir()}
	require.NoError(t, os.Chown(f.folder, contract.AppUID, contract.AppUID))
	require.NoError(t, os.Chmod(f.folder, 0o755))
	return f
}

func (f *sharedFiles) host() string {
	return f.config.FileSystemID + ".efs." + f.region + ".amazonaws.com"
}

// serve is the mount target: TLS on the port of NFS, for the one access point that there is. IAM is asked for a mount.
func (f *sharedFiles) serve(t *testing.T, n *network, a *authority, address string, recorder *record.Recorder) {
	t.Helper()
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/"+f.config.AccessPointID {
			http.Error(w, "no such access point", http.StatusForbidden)
			return
		}
		recorder.Add(record.ClientMount())
	})}
	go func() { _ = server.Serve(tls.NewListener(n.listen(t, address+":2049"), a.tls())) }()
	t.Cleanup(func() { _ = server.Close() })
}

// helper is /usr/sbin/mount.efs: mount.efs FSID:/ MOUNTPOINT -o OPTIONS.
// https://docs.aws.amazon.com/efs/latest/ug/efs-mount-helper.html
func (f *sharedFiles) helper() string {
	return `#!/bin/sh -eu
# Stands for the mount helper of amazon-efs-utils in a test.
source=$1 point=$2 options=
shift 2
while getopts o:fnrvw opt; do [ "$opt" = o ] && options=$OPTARG; done
id=${source%%:*} access=
[ "$source" = "$id:/" ] || { echo "mount.efs: $source is not FSID:/" >&2; exit 1; }
for need in tls iam; do
  case ",$options," in *",$need,"*) ;; *) echo "mount.efs: access denied by server: without $need" >&2; exit 1 ;; esac
done
for option in $(echo "$options" | tr , ' '); do
  case $option in accesspoint=*) access=${option#*=} ;; esac
done
curl --fail --silent --show-error --max-time 10 "https://$id.efs.` + f.region + `.amazonaws.com:2049/$access"
mount --bind ` + efsPoint + ` "$point"
`
}

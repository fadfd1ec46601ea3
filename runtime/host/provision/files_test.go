package provision_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

func TestDirectories(t *testing.T) {
	r := newRig(t)
	r.Recipe.Directories = []contract.Directory{
		{Path: "/var/cache/site/pages", Owner: contract.OwnerApp, Mode: "0750"},
		{Path: "{{.CodeDir}}/shared", Owner: contract.OwnerRoot, Mode: "2775"},
	}
	for range 2 {
		require.NoError(t, r.MakeDirectories(t.Context()))
		require.Equal(t, fs.ModeDir|0o750, r.mode(t, "var/cache/site/pages"))
		require.Equal(t, fs.ModeDir|fs.ModeSetgid|0o775, r.mode(t, "srv/app/shared"))
		require.Equal(t, fs.ModeDir|0o755, r.mode(t, "var/cache/site"))
		require.Equal(t, "2000:2000", r.owned["/var/cache/site/pages"])
		require.Equal(t, "2000:2000", r.owned["/srv/app"])
	}
	r.put(t, "srv/file", "x")
	require.NoError(t, os.Symlink("/etc", filepath.Join(r.Root, "srv/link")))
	for path, problem := range map[string]string{
		"/srv/file": "/srv/file should be a directory", "/srv/link": "/srv/link should be a directory", "{{.Vars.fpm}}": "no clean absolute path",
		"/srv/../etc": "no clean absolute path", "{{.Vars.no}}": `no entry for key "no"`,
	} {
		r.Recipe.Directories = []contract.Directory{{Path: path, Owner: contract.OwnerApp, Mode: "0777"}}
		require.ErrorContains(t, r.MakeDirectories(t.Context()), problem, path)
	}
}

func TestFiles(t *testing.T) {
	r := newRig(t)
	r.put(t, "etc/nginx/site.conf", "old")
	r.Recipe.Files = []contract.File{
		{Path: "/etc/nginx/site.conf", Content: "server_name {{host .PublicURL}};\n", Owner: contract.OwnerRoot, Mode: "0644"},
		{Path: "/etc/nginx/key", Content: "", Owner: contract.OwnerApp, Mode: "0400"},
	}
	for range 2 {
		require.NoError(t, r.WriteFiles(t.Context()))
		require.Equal(t, "server_name learn.example.com;\n", r.read(t, "etc/nginx/site.conf"))
		require.Equal(t, fs.FileMode(0o644), r.mode(t, "etc/nginx/site.conf"))
		require.Equal(t, fs.FileMode(0o400), r.mode(t, "etc/nginx/key"))
	}
	given := ""
	for name, owner := range r.owned {
		if strings.HasPrefix(name, "/etc/nginx/.key-") {
			given = owner
		}
	}
	require.Equal(t, "2000:2000", given, "before it has its name and its mode")
	entries, err := os.ReadDir(filepath.Join(r.Root, "etc/nginx"))
	require.NoError(t, err)
	require.Len(t, entries, 2, "nothing is left over")

	r.Recipe.Files = []contract.File{{Path: "/etc/no/such", Content: "x", Owner: contract.OwnerRoot, Mode: "0644"}}
	require.ErrorContains(t, r.WriteFiles(t.Context()), "write "+filepath.Join(r.Root, "/etc/no/such"))
	r.Recipe.Files = []contract.File{{Path: "/etc/nginx/key", Content: `{{secret "database" "password"}}`, Owner: contract.OwnerRoot, Mode: "0644"}}
	require.ErrorContains(t, r.WriteFiles(t.Context()), "secrets belong only into values of the environment")
}

func TestTheSharedFileSystem(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.MountFiles(t.Context()), "there is none")
	require.Empty(t, r.lines())

	r.Facts.Files = contract.Files{FileSystemID: "fs-12", AccessPointID: "fsap-34", MountPath: "/srv/shared"}
	point := filepath.Join(r.Root, "srv/shared")
	r.put(t, "etc/fstab", "UUID=1 / ext4 defaults 0 1\n# "+point+" is ours\nfs-old:/ "+point+" efs tls 0 0")
	r.answer = func(c command.Command) (string, error) {
		r.put(t, "mountinfo", "36 35 98:0 / "+point+" rw,noatime master:1 - nfs4 127.0.0.1:/ rw\n")
		return "", nil
	}
	want := "UUID=1 / ext4 defaults 0 1\n# " + point + " is ours\nfs-12:/ " + point + " efs _netdev,noresvport,tls,iam,accesspoint=fsap-34 0 0\n"
	for range 2 {
		require.NoError(t, r.MountFiles(t.Context()))
		require.Equal(t, want, r.read(t, "etc/fstab"))
		require.Equal(t, []string{"mount " + point}, r.lines(), "once is enough")
	}
}

func TestAMountThatFailsSaysWhy(t *testing.T) {
	r := newRig(t)
	r.Facts.Files = contract.Files{FileSystemID: "fs-12", MountPath: "/srv/our files"}
	r.answer = failing("mount")
	err := r.MountFiles(t.Context())
	require.ErrorContains(t, err, "mount fs-12: gave up after 3 tries")
	require.ErrorContains(t, err, "it said why")
	require.Contains(t, r.read(t, "etc/fstab"), `/srv/our\040files efs _netdev,noresvport,tls,iam 0 0`)
	r.answer = nil
	require.ErrorContains(t, r.MountFiles(t.Context()), "mounted nothing")
}

func TestFilesThatBelongToOthersAreGivenAway(t *testing.T) {
	r := newRig(t)
	r.Chown = func(string, int, int) error { return errors.New("operation not permitted") }
	r.Recipe.Directories = []contract.Directory{{Path: "/srv/x", Owner: contract.OwnerApp, Mode: "0755"}}
	require.ErrorContains(t, r.MakeDirectories(t.Context()), "operation not permitted")
}

package facts_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
)

var recipe = contract.Recipe{Distributions: map[string]contract.Distribution{
	"amzn-2023": {Vars: map[string]string{"fpm": "php-fpm"}},
	"debian-13": {Vars: map[string]string{"fpm": "php8.4-fpm"}},
}}

func machine(t *testing.T, osRelease string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/os-release"), []byte(osRelease), 0o644))
	return root
}

func TestTheOperatingSystemDecidesTheVars(t *testing.T) {
	for name, tc := range map[string]struct{ text, system, fpm string }{
		"Amazon Linux": {"NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\n", "amzn-2023", "php-fpm"},
		"Debian":       {"PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\nID=debian\n", "debian-13", "php8.4-fpm"},
	} {
		t.Run(name, func(t *testing.T) {
			root := machine(t, tc.text)
			system, err := facts.System(root)
			require.NoError(t, err)
			require.Equal(t, tc.system, system)
			f, err := facts.Gather(contract.Config{Client: "demo"}, recipe, "i-1", root)
			require.NoError(t, err)
			require.Equal(t, tc.fpm, f.Vars["fpm"])
			require.Equal(t, "demo", f.Client)
			require.Equal(t, "i-1", f.InstanceID)
			require.Equal(t, runtime.NumCPU(), f.CPUs)
			require.Greater(t, f.MemoryMiB, 100)
			require.Equal(t, []any{"/srv/app", "app", 8081}, []any{f.CodeDir, f.User, f.UpstreamPort})
		})
	}
}

func TestAnUnknownOperatingSystemIsRefused(t *testing.T) {
	_, err := facts.Gather(contract.Config{}, recipe, "", machine(t, "ID=ubuntu\nVERSION_ID=\"24.04\"\n"))
	require.ErrorContains(t, err, "the operating system is ubuntu-24.04; the recipe is written for amzn-2023, debian-13")
	_, err = facts.Gather(contract.Config{}, recipe, "", machine(t, "NAME=odd\n"))
	require.ErrorContains(t, err, "has no line ID=")
	_, err = facts.Gather(contract.Config{}, recipe, "", t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	system, err := facts.System(machine(t, "ID=arch\n"))
	require.NoError(t, err)
	require.Equal(t, "arch", system)
}

func TestTheBundleIsThatOfTheServersAuthority(t *testing.T) {
	root := machine(t, "ID=amzn\nVERSION_ID=2023\n")
	red := filepath.Join(root, "etc/pki/tls/certs")
	require.NoError(t, os.MkdirAll(red, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(red, "ca-bundle.crt"), nil, 0o644))
	for host, bundle := range map[string]string{
		"db.abc.eu-central-1.rds.amazonaws.com":           contract.CABundlePath,
		"pooler.proxy-abc.eu-central-1.rds.amazonaws.com": "/etc/pki/tls/certs/ca-bundle.crt",
		"db.example.org": "/etc/pki/tls/certs/ca-bundle.crt",
	} {
		f, err := facts.Gather(contract.Config{Database: contract.Database{Host: host}}, recipe, "", root)
		require.NoError(t, err)
		require.Equal(t, bundle, f.CABundle, host)
	}
}

func some() facts.Facts {
	return facts.Facts{
		Config: contract.Config{
			PublicURL: "https://learn.example.com", Database: contract.Database{Host: "db", Port: "5432"},
			Locks: contract.Cache{Engine: contract.CacheValkey, Host: "locks"},
			Cache: contract.Cache{Engine: contract.CacheMemcached, Clusters: []contract.CacheEndpoint{{Name: "sessions", Host: "mc", Port: "11211"}}},
		},
		CPUs: 2, MemoryMiB: 7000, Vars: map[string]string{"fpm": "php-fpm"},
	}
}

func TestRender(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"plain }} text":                   "plain }} text",
		"{{.Database.Host}}":              "db",
		"{{.Vars.fpm}}.service":           "php-fpm.service",
		"{{host .PublicURL}}":             "learn.example.com",
		`{{memcached "sessions"}}`:        "mc:11211",
		"{{max 4 (div .MemoryMiB 80)}}":   "87",
		"{{min 8 .CPUs 3}}":               "2",
		"{{add 1 (mul 2 (sub 5 2))}}":     "7",
		`{{shellquote "it's"}}`:           `'it'\''s'`,
		`{{"a b&c" | urlquery}}`:          "a+b%26c",
		"{{.LockStore.Host}}":             "locks",
		"{{if .Files.MountPath}}f{{end}}": "",
	} {
		got, err := some().Render(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestWhatATemplateCannotSay(t *testing.T) {
	for text, problem := range map[string]string{
		"{{.Vars.nginx}}":                  `map has no entry for key "nginx"`,
		"{{.Databse}}":                     "can't evaluate field Databse",
		"{{.Client":                        "unclosed action",
		"{{div 1 0}}":                      "division by zero",
		`{{memcached "store"}}`:            `no Memcached cluster "store"; there are: sessions`,
		"{{host .Client}}":                 "no URL with a host",
		`{{secret "database" "password"}}`: `secret "database" is asked for here`,
	} {
		_, err := some().Render(text)
		require.ErrorContains(t, err, problem)
		require.ErrorContains(t, err, "template ", text)
	}
}

func TestSecretsComeFromWhoeverHasThem(t *testing.T) {
	secret := func(name, field string) (string, error) {
		if name != "database" {
			return "", errors.New("no secret " + name)
		}
		return "p@ss-" + field, nil
	}
	got, err := some().RenderWith(`postgres://{{secret "database" "username" | urlquery}}@{{.Database.Host}}`, secret)
	require.NoError(t, err)
	require.Equal(t, "postgres://p%40ss-username@db", got)
	_, err = some().RenderWith(`{{secret "database" "password" | host}}{{secret "other" ""}}`, secret)
	require.ErrorContains(t, err, "no URL with a host")
	require.NotContains(t, err.Error(), "p@ss")
	_, err = some().RenderWith(`{{secret "other" ""}}`, secret)
	require.ErrorContains(t, err, "no secret other")
}

package contract_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

const arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf"

func valid() contract.Config {
	return contract.Config{
		Client: "demo", Workload: "scorm-engine", Role: contract.RoleWeb, Region: "eu-central-1", Port: contract.DefaultPort,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: "db.abc.eu-central-1.rds.amazonaws.com", Port: "5432", Name: "lectern",
			SecretARN: arn, TLSMode: contract.TLSVerifyFull,
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "content", Region: "eu-central-1"},
	}
}

func TestADocumentSurvivesTheRoundTrip(t *testing.T) {
	c := valid()
	c.Cache = contract.Cache{Engine: contract.CacheValkey, Host: "cache.example", Port: "6379", TLS: true, SecretARN: arn}
	c.Queue = contract.Queue{URL: "https://sqs.eu-central-1.amazonaws.com/111122223333/jobs?a=1&b=2"}
	c.PublicURL, c.PlayerURL = "https://learn.example.com", "https://*.play.learn.example.com"
	c.Signing = contract.Signing{SecretARN: arn}
	c.Edge = contract.Edge{KeyValueStoreARN: "arn:aws:cloudfront::111122223333:key-value-store/0a1b2c"}
	text, err := c.JSON()
	require.NoError(t, err)
	back, err := contract.Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, c, back)
	require.NotContains(t, text, "\n")
	require.NotContains(t, text, `\u0026`)
}

func TestAbsentPartsStayOutOfTheDocument(t *testing.T) {
	text, err := valid().JSON()
	require.NoError(t, err)
	for _, key := range []string{"cache", "queue", "files", "logs", "endpoint", "readHost", "publicUrl", "playerUrl", "signing", "edge"} {
		require.NotContains(t, text, `"`+key+`"`)
	}
	require.Less(t, len(text), 4096, "a standard SSM parameter holds no more")
}

// Players are at a host of their own, or one for each course below a name of their own; the console's is neither.
func TestPlayersAreApartFromTheConsole(t *testing.T) {
	const public = "https://learn.example.com"
	for player, want := range map[string]string{
		"https://*.play.learn.example.com":  "",
		"https://*.learn.example.com":       "", // the console is beside, not below
		"https://*.example.net":             "",
		"https://d111111abcdef8.cloudfront": "",
		"http://*.localhost:8400":           "",
		"http://*.play.learn.example.com":   "is not encrypted; use https://*.play.learn.example.com",
		"https://*.play.example.com/x":      "has something after the host; use https://*.play.example.com",
		"https://play.*.example.com":        "has a * that is no first label",
		"https://a*.example.com":            "has a * that is no first label",
		"https://*.*.example.com":           "has a * that is no first label",
		"https://*":                         "has a * that is no first label",
		"*.play.example.com":                "is not a URL",
		"https://learn.example.com":         "is also where publicUrl is, learn.example.com",
		"https://Learn.example.com":         "is also where publicUrl is",
		"https://learn.example.com:8443":    "is also where publicUrl is", // cookies know no ports
		"https://*.example.com":             "is also where publicUrl is",
		"https://*.com":                     "is also where publicUrl is",
	} {
		c := valid()
		c.PublicURL, c.PlayerURL = public, player
		err := c.Validate()
		if want == "" {
			require.NoError(t, err, player)
			continue
		}
		require.ErrorContains(t, err, "playerUrl: ", player)
		require.ErrorContains(t, err, want, player)
		require.ErrorContains(t, err, "1 problem(s)", player)
	}
	c := valid()
	c.PlayerURL = "https://*.play.example.com"
	require.ErrorContains(t, c.Validate(), "publicUrl: is missing; players must be apart from it")
}

func TestNamesOfThisMachineNeedNoEncryption(t *testing.T) {
	c := valid()
	c.PublicURL, c.PlayerURL = "http://localhost:8400", "http://*.play.localhost:8400"
	require.NoError(t, c.Validate())
	c.PlayerURL = "http://*.play.localhost.example.com:8400"
	require.ErrorContains(t, c.Validate(), "playerUrl")
}

func TestATokenIsWrittenAsItIs(t *testing.T) {
	c := valid()
	c.Database.Host = "${Token[DbHost.12]}"
	text, err := c.JSON()
	require.NoError(t, err)
	require.Contains(t, text, `"host":"${Token[DbHost.12]}"`)
	require.ErrorContains(t, c.Validate(), "database.host")
}

func TestThePortHasADefault(t *testing.T) {
	c := valid()
	text, err := c.JSON()
	require.NoError(t, err)
	got, err := contract.Parse([]byte(strings.Replace(text, `"port":8080,`, "", 1)))
	require.NoError(t, err)
	require.Equal(t, contract.DefaultPort, got.Port)
}

func TestEveryProblemIsReportedWithItsPath(t *testing.T) {
	for name, tc := range map[string]struct {
		document string
		want     []string
	}{
		"empty":         {"", []string{"the document is empty"}},
		"not JSON":      {"{", []string{"not JSON at byte"}},
		"two documents": {"{} {}", []string{"something follows the document"}},
		"not an object": {`[]`, []string{"found a list; should be an object"}},
		"shape": {
			`{"client":1,"portt":8080,"port":"8080","cache":{"tls":"yes","clusters":[{"hots":"x"}]},"queue":null}`,
			[]string{
				"client: found the number 1; should be a string", "portt: unknown key; known here: cache, client,",
				"port: found a string; should be a whole number", "cache.tls: found a string; should be true or false",
				"cache.clusters[0].hots: unknown key", "queue: found null; should be an object", "6 problem(s)",
			},
		},
		"values": {
			`{"role":"boss","port":70000,"database":{"engine":"oracle","host":"http://db","port":"x","tlsMode":"disable","secretArn":"hunter2"},
			  "objectStore":{"kind":"s3-compatible","bucket":"b","region":"auto","endpoint":"http://r2.example"},
			  "cache":{"engine":"valkey","host":"c","port":"6379","secretArn":"` + arn + `"},
			  "queue":{"deadLetterUrl":"x"},"files":{"fileSystemId":"fs-1","mountPath":"srv/"}}`,
			[]string{
				"client: is missing", "workload: is missing", `role: "boss" is not known; use web or worker`, "region: is missing",
				"port: 70000", "database.engine", "database.host", "database.port", "database.name", "database.tlsMode", "database.secretArn",
				"objectStore.endpoint", "objectStore.secretArn", "cache.tls", "queue.url", "queue.deadLetterUrl", "files.mountPath",
			},
		},
		"signing and the edge": {
			`{"client":"c","workload":"engine","role":"web","region":"r","publicUrl":"https://learn.example.com/lms?x=1",
			  "database":{"engine":"postgres","host":"localhost","port":"5432","name":"m","tlsMode":"disable"},
			  "objectStore":{"kind":"s3","bucket":"b","region":"r"},"signing":{"secretArn":"hunter2"},
			  "edge":{"keyValueStoreArn":"arn:aws:s3:::bucket"},"playerUrl":"http://*.play.learn.example.com/x"}`,
			[]string{"4 problem(s)", "publicUrl: ", "use https://learn.example.com", "playerUrl: ", "use https://*.play.learn.example.com", "signing.secretArn: does not look like", "edge.keyValueStoreArn: "},
		},
		"an edge without a secret": {
			`{"client":"c","workload":"engine","role":"web","region":"r","publicUrl":"http://learn.example.com",
			  "database":{"engine":"postgres","host":"localhost","port":"5432","name":"m","tlsMode":"disable"},
			  "objectStore":{"kind":"s3","bucket":"b","region":"r"},"edge":{"keyValueStoreArn":"arn:aws:cloudfront::1:key-value-store/x"}}`,
			[]string{"2 problem(s)", "publicUrl: ", "is not encrypted", "signing.secretArn: is missing"},
		},
		"memcached without clusters": {
			`{"client":"c","workload":"moodle","role":"web","region":"r","database":{"engine":"mariadb","host":"localhost","port":"3306","name":"m","tlsMode":"disable"},
			  "objectStore":{"kind":"s3","bucket":"b","region":"r"},"cache":{"engine":"memcached"}}`,
			[]string{"1 problem(s)", "cache.clusters: is empty"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Parse([]byte(tc.document))
			require.Error(t, err)
			for _, want := range tc.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), "hunter2", "a secret put in the wrong place must not reach a log")
		})
	}
}

func TestTheCommandSurvivesAShell(t *testing.T) {
	a := contract.BootArgs{
		ConfigParameter: "/lectern/demo/web", Region: "eu-central-1", StackName: "demo-app", LogicalID: "WebGroup", LaunchHook: "it's $HOME",
		Revision: "abc",
	}
	out, err := exec.Command("sh", "-c", "printf '%s\\n' "+a.Command()).Output()
	require.NoError(t, err)
	want := append([]string{contract.BinaryPath}, a.Args()...)
	require.Equal(t, want, strings.Split(strings.TrimSpace(string(out)), "\n"))
	require.Equal(t, []string{"boot", "--config-parameter", "p", "--region", "r"}, contract.BootArgs{ConfigParameter: "p", Region: "r"}.Args())
}

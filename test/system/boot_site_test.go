//go:build system && linux

package system_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database/mariadbtest"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// bootSite is a deployed client, with real servers for what its instances talk to.
type bootSite struct {
	emulator   *emulator
	assembly   *assembly
	image      image // of boots that do not say which
	region     string
	userData   string // of web instances, as deployed
	workerData string // of workers; empty where there are none
	asset      string // bucket/key of the runtime
	config     contract.Config
	// workerConfig is that of workers.
	workerConfig contract.Config
	recipe       contract.Recipe // zero: the runtime is the workload
	authority    *authority
	postgres     *pgtest.Server
	mariadb      *mariadbtest.Server
	databaseCA   []byte
	servers      []server
	web          map[string]http.Handler // hosts outside of AWS that answer on port 443
	mirror       *debianMirror
	files        *sharedFiles // nil: there are none
	buckets      []string     // of the workload's own
	secrets      []string     // texts that must be nowhere to be read
}

// server is one that listens on this machine's loopback, and where an instance finds it.
type server struct{ role, host, port, target string }

// Roles of servers, by which a test takes them away.
const (
	roleDatabase = "database"
	roleCache    = "cache"
	roleLocks    = "locks"
	roleGit      = "git"
)

// newBootSite deploys a client and starts its servers. Where this machine is amd64 its instances are made so too; nothing
// else is changed.
func newBootSite(t *testing.T, client clientFile, from image) *bootSite {
	t.Helper()
	if runtime.GOARCH == "amd64" {
		client.section("compute")["instanceType"] = "t3.micro"
	}
	e := startEmulator(t, client.text("account"))
	s := &bootSite{
		emulator: e, region: client.text("region"), image: from, authority: newAuthority(t), mirror: newDebianMirror(t), web: map[string]http.Handler{},
	}
	tools := newToolkit(t, e, s.region)
	began := time.Now()
	tools.bootstrap(t, "aws://"+client.text("account")+"/"+s.region, "aws://"+client.text("account")+"/us-east-1")
	s.assembly = tools.quickSynth(t, client.text("name"), write(t, client))
	tools.deploy(t, s.assembly)
	t.Logf("deployed %s in %.0f s", client.text("name"), time.Since(began).Seconds())
	s.readDeployment(t)
	s.startDatabase(t)
	s.startCaches(t)
	if s.config.Files.FileSystemID != "" {
		s.files = newSharedFiles(t, s.config.Files, s.region)
	}
	return s
}

func (s *bootSite) readDeployment(t *testing.T) {
	t.Helper()
	parameters, userData := map[string]string{}, []string{}
	for _, r := range s.emulator.resources(t) {
		switch r.Type {
		case "AWS::EC2::LaunchTemplate":
			data, _ := r.Properties["LaunchTemplateData"].(map[string]any)
			encoded, _ := data["UserData"].(string)
			text, err := base64.StdEncoding.DecodeString(encoded)
			require.NoError(t, err, "user data of %s", r.LogicalID)
			userData = append(userData, string(text))
		case "AWS::SSM::Parameter":
			parameters[r.PhysicalID], _ = r.Properties["Value"].(string)
		}
	}
	for _, text := range userData {
		argument := regexp.MustCompile("--" + contract.FlagConfigParameter + ` '(\S+)'`).FindStringSubmatch(text)
		require.NotNil(t, argument, "no configuration in the user data:\n%s", text)
		config, err := contract.Parse([]byte(parameters[argument[1]]))
		require.NoError(t, err, "parameter %s", argument[1])
		if config.Role == contract.RoleWorker {
			s.workerData, s.workerConfig = text, config
			continue
		}
		s.userData, s.config = text, config
	}
	found := regexp.MustCompile(`s3://(\S+)`).FindStringSubmatch(s.userData)
	require.NotNil(t, found, "no artifact in the user data:\n%s", s.userData)
	s.asset = found[1]
	if source := s.config.Recipe; source != (contract.RecipeSource{}) {
		var err error
		s.recipe, err = contract.ParseRecipe(s.object(t, source.Bucket+"/"+source.Key))
		require.NoError(t, err, "recipe %s", source.Key)
	}
}

// instances are those that the emulator's group of the web instances has started.
func (s *bootSite) instances(t *testing.T) []string {
	t.Helper()
	return s.instancesOf(t, s.userData)
}

// instancesOf are those of the group whose instances have this user data.
func (s *bootSite) instancesOf(t *testing.T, userData string) []string {
	t.Helper()
	status, body := s.emulator.query(t, "autoscaling", s.region, "2011-01-01", "DescribeAutoScalingInstances", nil)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var answer struct {
		Members []struct {
			ID    string `xml:"InstanceId"`
			Group string `xml:"AutoScalingGroupName"`
		} `xml:"DescribeAutoScalingInstancesResult>AutoScalingInstances>member"`
	}
	require.NoError(t, xml.Unmarshal(body, &answer))
	var ids []string
	for _, member := range answer.Members {
		if member.Group == s.group(t, userData) {
			ids = append(ids, member.ID)
		}
	}
	require.NotEmpty(t, ids, "the group has no instances: %s", body)
	return ids
}

// object is what is at bucket/key.
func (s *bootSite) object(t *testing.T, place string) []byte {
	t.Helper()
	status, content := s.emulator.ask(t, "s3", s.region, http.MethodGet, "/"+place, "", "", nil)
	require.Equal(t, http.StatusOK, status, "reading %s", place)
	return content
}

// swap puts other bytes at bucket/key, and returns those before.
func (s *bootSite) swap(t *testing.T, place string, content []byte) []byte {
	t.Helper()
	before := s.object(t, place)
	s.put(t, place, content)
	return before
}

func (s *bootSite) put(t *testing.T, place string, content []byte) {
	t.Helper()
	status, body := s.emulator.ask(t, "s3", s.region, http.MethodPut, "/"+place, "application/octet-stream", "", content)
	require.Equal(t, http.StatusOK, status, "writing %s: %s", place, body)
}

// secret is the value of a secret in the emulator, which is not to be found anywhere from now on.
func (s *bootSite) secret(t *testing.T, arn string) string {
	t.Helper()
	var answer struct{ SecretString string }
	require.NoError(t, json.Unmarshal(s.secretsManager(t, "GetSecretValue", arn, nil), &answer))
	s.secrets = append(s.secrets, password(answer.SecretString))
	return answer.SecretString
}

// plant fills in a secret, as its operator would.
func (s *bootSite) plant(t *testing.T, name string, fields map[string]string) {
	t.Helper()
	arn, there := s.config.Secrets[name]
	require.True(t, there, "the configuration has no secret %q, but %v", name, s.config.Secrets)
	s.secretsManager(t, "PutSecretValue", arn, map[string]string{"SecretString": jsonText(t, fields)})
	for _, value := range fields {
		lines := strings.Split(strings.TrimSpace(value), "\n")
		s.secrets = append(s.secrets, lines[len(lines)/2]) // of a key: not the line that all keys begin with
	}
}

func (s *bootSite) secretsManager(t *testing.T, action, arn string, more map[string]string) []byte {
	t.Helper()
	parameters := map[string]string{"SecretId": arn}
	for name, value := range more {
		parameters[name] = value
	}
	status, body := s.emulator.ask(t, "secretsmanager", s.region, http.MethodPost, "/", "application/x-amz-json-1.1", "secretsmanager."+action, []byte(jsonText(t, parameters)))
	require.Equal(t, http.StatusOK, status, "%s: %s", action, body)
	return body
}

func jsonText(t *testing.T, what any) string {
	t.Helper()
	text, err := json.Marshal(what)
	require.NoError(t, err)
	return string(text)
}

// referenceClient is a client file of the repository.
func referenceClient(t *testing.T, name string) clientFile {
	t.Helper()
	client, there := referenceClients(t)[name]
	require.True(t, there, "there is no client file %s", filepath.Join("config", "clients", name+".yaml"))
	return client
}

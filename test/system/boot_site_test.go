//go:build system && linux

package system_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// bootSite is a deployed client, with real servers for what its instances talk to.
type bootSite struct {
	emulator   *emulator
	region     string
	userData   string // as deployed
	asset      string // bucket/key of the runtime
	config     contract.Config
	authority  *authority
	postgres   *pgtest.Server
	postgresCA []byte
	cachePort  string // on loopback
	instanceID string
	secrets    []string // passwords that must be nowhere to be read
}

// newBootSite deploys the smallest reference client. Where this machine is amd64 its instances
// are made so too; nothing else is changed.
func newBootSite(t *testing.T) *bootSite {
	t.Helper()
	client := referenceClients(t)["demo"]
	if runtime.GOARCH == "amd64" {
		client.section("compute")["instanceType"] = "t3.micro"
	}
	e := startEmulator(t, client.text("account"))
	s := &bootSite{emulator: e, region: client.text("region"), authority: newAuthority(t)}
	tools := newToolkit(t, e, s.region)
	began := time.Now()
	tools.bootstrap(t, "aws://"+client.text("account")+"/"+s.region, "aws://"+client.text("account")+"/us-east-1")
	tools.deploy(t, tools.synth(t, client.text("name"), write(t, client)))
	t.Logf("deployed %s in %.0f s", client.text("name"), time.Since(began).Seconds())
	s.readDeployment(t)
	s.startDatabase(t)
	s.startCache(t)
	return s
}

func (s *bootSite) readDeployment(t *testing.T) {
	t.Helper()
	parameters := map[string]string{}
	for _, r := range s.emulator.resources(t) {
		switch r.Type {
		case "AWS::EC2::LaunchTemplate":
			data, _ := r.Properties["LaunchTemplateData"].(map[string]any)
			encoded, _ := data["UserData"].(string)
			text, err := base64.StdEncoding.DecodeString(encoded)
			require.NoError(t, err, "user data of %s", r.LogicalID)
			s.userData = string(text)
		case "AWS::SSM::Parameter":
			parameters[r.PhysicalID], _ = r.Properties["Value"].(string)
		}
	}
	argument := regexp.MustCompile("--" + contract.FlagConfigParameter + ` '(\S+)'`).FindStringSubmatch(s.userData)
	require.NotNil(t, argument, "no configuration in the user data:\n%s", s.userData)
	var err error
	s.config, err = contract.Parse([]byte(parameters[argument[1]]))
	require.NoError(t, err, "parameter %s", argument[1])
	found := regexp.MustCompile(`s3://(\S+)`).FindStringSubmatch(s.userData)
	require.NotNil(t, found, "no artifact in the user data:\n%s", s.userData)
	s.asset = found[1]

	status, body := s.emulator.query(t, "autoscaling", s.region, "2011-01-01", "DescribeAutoScalingInstances", nil)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var answer struct {
		IDs []string `xml:"DescribeAutoScalingInstancesResult>AutoScalingInstances>member>InstanceId"`
	}
	require.NoError(t, xml.Unmarshal(body, &answer))
	require.NotEmpty(t, answer.IDs, "the group has no instances: %s", body)
	s.instanceID = answer.IDs[0]
}

// secret is the value of a secret in the emulator.
func (s *bootSite) secret(t *testing.T, arn string) string {
	t.Helper()
	var answer struct{ SecretString string }
	require.NoError(t, json.Unmarshal(s.secretsManager(t, "GetSecretValue", arn), &answer))
	s.secrets = append(s.secrets, password(answer.SecretString))
	return answer.SecretString
}

func (s *bootSite) secretsManager(t *testing.T, action, arn string) []byte {
	t.Helper()
	request, err := json.Marshal(map[string]string{"SecretId": arn})
	require.NoError(t, err)
	status, body := s.emulator.ask(t, "secretsmanager", s.region, http.MethodPost, "/", "application/x-amz-json-1.1", "secretsmanager."+action, request)
	require.Equal(t, http.StatusOK, status, "%s: %s", action, body)
	return body
}

// startDatabase runs PostgreSQL with the login that RDS made and a certificate of Amazon RDS's own authority.
func (s *bootSite) startDatabase(t *testing.T) {
	t.Helper()
	var login struct{ Username, Password string }
	require.NoError(t, json.Unmarshal([]byte(s.secret(t, s.config.Database.SecretARN)), &login))
	s.postgres = pgtest.Start(t)
	s.postgresCA = s.postgres.UseTLS(s.config.Database.Host)
	s.postgres.Exec(`CREATE ROLE "` + login.Username + `" LOGIN PASSWORD '` + strings.ReplaceAll(login.Password, "'", "''") + `'`)
	s.postgres.Exec(`CREATE DATABASE "` + s.config.Database.Name + `" OWNER "` + login.Username + `"`) // as RDS does with its master user
}

// startCache runs Redis, whose protocol is Valkey's, with the auth token from the secret.
func (s *bootSite) startCache(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	certificate, key, err := s.authority.sign(s.config.Cache.Host)
	require.NoError(t, err)
	put := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	token := s.secret(t, s.config.Cache.SecretARN)
	settings := put("settings", []byte("requirepass "+token+"\n")) // not for the process list
	s.cachePort = "0"
	port := freePort(t)
	command := exec.Command("redis-server", settings, "--bind", "127.0.0.1", "--port", "0", "--tls-port", fmt.Sprint(port),
		"--tls-cert-file", put("cert.pem", certificate), "--tls-key-file", put("key.pem", key),
		"--tls-auth-clients", "no", "--tls-ca-cert-file", put("ca.pem", s.authority.pem), "--save", "", "--dir", folder)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	s.cachePort = fmt.Sprint(port)
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", "127.0.0.1:"+s.cachePort)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond, "redis-server does not listen")
}

// surroundings are what an instance meets.
type surroundings struct {
	noDatabase bool // nothing listens where the database should be
	denyS3     int  // so many requests to S3 are denied at first
}

// booted is one instance of the site.
type booted struct {
	machine *machine
	aws     *awsFront
	secrets []string
}

// boot switches an instance on with this user data; change, if not nil, makes what is around it worse.
func (s *bootSite) boot(t *testing.T, userData string, change func(*surroundings)) *booted {
	t.Helper()
	n := newNetwork(t)
	var around surroundings
	if change != nil {
		change(&around)
	}
	front := &awsFront{instanceID: s.instanceID, caBundle: s.postgresCA, deny: around.denyS3}
	serveAWS(t, n, s.authority, s.emulator, front)
	if !around.noDatabase {
		n.forward(t, awsAddress+":"+s.config.Database.Port, s.postgres.Host+":"+s.postgres.Port)
	}
	n.forward(t, awsAddress+":"+s.config.Cache.Port, "127.0.0.1:"+s.cachePort)

	hosts := map[string]string{}
	domain := "." + s.region + ".amazonaws.com"
	bucket, _, _ := strings.Cut(s.asset, "/")
	for _, name := range []string{
		"s3" + domain, bucket + ".s3" + domain, s.config.ObjectStore.Bucket + ".s3" + domain, "ssm" + domain, "secretsmanager" + domain,
		"sqs" + domain, "logs" + domain, "autoscaling" + domain, "cloudformation" + domain, truststore, s.config.Database.Host, s.config.Cache.Host,
	} {
		hosts[name] = awsAddress
	}
	b := &booted{machine: bootMachine(t, n, userData, hosts, s.authority.pem), aws: front, secrets: s.secrets}
	t.Cleanup(func() {
		if t.Failed() {
			journal, _ := b.machine.run("journalctl", "--no-pager", "--boot", "--lines=60")
			t.Logf("the instance's log:\n%s\nits journal ends:\n%s", b.machine.log(), journal)
		}
	})
	return b
}

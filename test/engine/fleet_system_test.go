//go:build system

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/load/learner"
)

const region = "eu-central-1"

// fleet is several instances of the engine and all they depend on.
type fleet struct {
	t         *testing.T
	db        *pgtest.Server
	balancer  string // address
	env       []string
	binary    string
	instances []*instance
}

// instance is one process of the engine. A new one takes its place when it is killed.
type instance struct {
	config string // file
	port   int
	cmd    *exec.Cmd
}

func startFleet(t *testing.T, size int) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.Start(t), binary: filepath.Join(t.TempDir(), "lectern-runtime")}
	build := exec.Command("go", "build", "-o", f.binary, "github.com/lectern/lectern/cmd/runtime")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)

	redis, endpoint := startRedis(t), startAWS(t)
	f.env = []string{
		"PATH=/usr/bin:/bin", "AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir(),
	}
	c := provision(t, endpoint, f.db)
	front := freePort(t)
	f.balancer = fmt.Sprintf("http://127.0.0.1:%d", front)
	c.PublicURL = f.balancer
	c.Cache = contract.Cache{Engine: contract.CacheValkey, Host: "127.0.0.1", Port: strconv.Itoa(redis)}
	var ports []int
	for i := range size {
		c.Port = freePort(t)
		ports = append(ports, c.Port)
		document, err := c.JSON()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), fmt.Sprintf("runtime-%d.json", i))
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
		f.instances = append(f.instances, &instance{config: file, port: c.Port})
	}
	for i := range f.instances {
		f.start(i)
	}
	startBalancer(t, front, ports)
	for i := range f.instances {
		await(t, "the instance is healthy", func() bool { return f.healthy(i) })
	}
	await(t, "the balancer sends requests on", func() bool { return answers(f.balancer + contract.HealthPath) })
	return f
}

// provision makes what the data stack would: secrets, a queue and a bucket.
func provision(t *testing.T, endpoint string, db *pgtest.Server) contract.Config {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithBaseEndpoint(endpoint),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	require.NoError(t, err)
	manager := secretsmanager.NewFromConfig(cfg)
	secret := func(name, value string) string {
		out, err := manager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
		require.NoError(t, err)
		return *out.ARN
	}
	login, err := json.Marshal(map[string]string{"username": pgtest.User, "password": db.Password})
	require.NoError(t, err)
	queue, err := sqs.NewFromConfig(cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("jobs")})
	require.NoError(t, err)
	_, err = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String("content"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	require.NoError(t, err)
	return contract.Config{
		Client: "faults", Workload: "engine", Role: contract.RoleWeb, Region: region,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: db.Host, Port: db.Port, Name: pgtest.Database, TLSMode: contract.TLSDisable,
			SecretARN: secret("database", string(login)),
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "content", Region: region},
		Queue:       contract.Queue{URL: *queue.QueueUrl},
		Signing:     contract.Signing{SecretARN: secret("signing", strings.Repeat("signing-secret-of-the-fault-tests", 2))},
	}
}

func (f *fleet) start(i int) {
	f.t.Helper()
	f.instances[i].cmd = startServer(f.t, f.env, f.binary, "serve", "--config", f.instances[i].config, "--metrics-listen", "", "--log-level", "warn")
}

// kill ends an instance as a lost machine does.
func (f *fleet) kill(i int) {
	f.t.Helper()
	require.NoError(f.t, f.instances[i].cmd.Process.Kill())
	_ = f.instances[i].cmd.Wait() // killed
}

func (f *fleet) healthy(i int) bool {
	return answers(fmt.Sprintf("http://127.0.0.1:%d%s", f.instances[i].port, contract.HealthPath))
}

// tenant makes a tenant and a key for it, as an operator does.
func (f *fleet) tenant(id string) *learner.API {
	f.t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command(f.binary, append(args, "--config", f.instances[0].config)...)
		cmd.Env = f.env
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		require.NoError(f.t, err, "%s", text)
		return strings.TrimSpace(string(text))
	}
	run("tenant", "add", id, "--name", "Tenant "+id)
	return &learner.API{Base: f.balancer, Key: run("key", "add", id, "--name", "tests", "--scope", "read,write"), HTTP: newClient()}
}

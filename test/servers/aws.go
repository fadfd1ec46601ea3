package servers

import (
	"context"
	"encoding/json"
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
)

// Region is where everything is.
const Region = "eu-central-1"

// Env is the environment of a program that shall find the emulator as AWS.
func Env(t testing.TB, endpoint string) []string {
	return []string{
		"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// ProvisionEngine makes what the data stack of the engine would: secrets, a queue and a bucket.
func ProvisionEngine(t testing.TB, endpoint string, db *pgtest.Server) contract.Config {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(Region), config.WithBaseEndpoint(endpoint),
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
		Bucket: aws.String("content"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: Region},
	})
	require.NoError(t, err)
	return contract.Config{
		Client: "faults", Workload: "engine", Role: contract.RoleWeb, Region: Region,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: db.Host, Port: db.Port, Name: pgtest.Database, TLSMode: contract.TLSDisable,
			SecretARN: secret("database", string(login)),
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "content", Region: Region},
		Queue:       contract.Queue{URL: *queue.QueueUrl},
		Signing:     contract.Signing{SecretARN: secret("signing", strings.Repeat("signing-secret-of-the-fault-tests", 2))},
	}
}

//go:build system

package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

const (
	canary    = "canary-3f9a" // is in all that is planted
	others    = 450           // registrations, so that a course takes several batches
	eraseKill = 3 * time.Second
	killFor   = 45 * time.Second
	eraseTime = 4 * time.Minute
)

// TestNothingErasedIsLeftWhenInstancesDie plants a string in everything that a learner leaves, erases the learner and a course while
// instances are killed with -9, and looks for it everywhere: tables, bucket, all that the cache was told, queue, all logs.
func TestNothingErasedIsLeftWhenInstancesDie(t *testing.T) {
	f := &fleet{t: t, db: pgtest.Start(t), binary: servers.BuildRuntime(t), logLevel: "debug"}
	f.run(2)
	monitor := servers.Start(t, nil, servers.Program(t, "redis-cli", "apt-get install redis-tools"), "-p", fmt.Sprint(f.redis), "monitor")
	ctx, cancel := context.WithTimeout(context.Background(), 2*eraseTime)
	defer cancel()
	api := f.tenantWith("acme", "read,write,erase")
	require.NoError(t, api.Call(ctx, "POST", "/api/v1/webhooks", map[string]any{"url": "https://127.0.0.1:9/"}, nil))
	zip, err := learner.Package()
	require.NoError(t, err)
	course, err := api.Import(ctx, "load.zip", int64(len(zip)), bytes.NewReader(zip))
	require.NoError(t, err)
	f.plant(ctx, api, course)
	for i := range others {
		_, err := api.Register(ctx, course, fmt.Sprintf("%s-other-%d", canary, i))
		require.NoError(t, err)
	}
	f.db.Exec("ANALYZE")
	require.Contains(t, f.tables(ctx), canary)
	require.Contains(t, f.bucket(ctx), "content/acme/")

	var erasing, deleting struct{ ID string }
	require.NoError(t, api.Call(ctx, "POST", "/api/v1/learners/erase", map[string]any{"learnerId": canary + "-learner"}, &erasing))
	require.NoError(t, api.Call(ctx, "DELETE", "/api/v1/courses/"+course+"?cascade=true", nil, &deleting))
	kills := 0
	finished := func(id string) bool {
		var r struct {
			State   string
			Removed map[string]int
		}
		err := api.Call(ctx, "GET", "/api/v1/erasures/"+id, nil, &r)
		if err == nil && r.State == "finished" {
			t.Logf("receipt %s: %v", id, r.Removed)
		}
		return err == nil && r.State == "finished"
	}
	for begin := time.Now(); !finished(erasing.ID) || !finished(deleting.ID); time.Sleep(eraseKill) {
		require.Less(t, time.Since(begin), eraseTime, "it ends")
		if time.Since(begin) < killFor {
			f.kill(kills % 2)
			f.start(kills % 2)
			kills++
		} else {
			f.hurry()
		}
	}
	t.Logf("erased while instances were killed %d times", kills)
	logs := f.db.Log()
	server, err := os.ReadFile(logs)
	require.NoError(t, err)
	places := map[string]string{
		"tables": f.tables(ctx), "bucket": f.bucket(ctx), "cache": monitor.Said(), "queue": f.messages(ctx), "log of PostgreSQL": string(server),
	}
	for i, p := range f.ran {
		places[fmt.Sprintf("log of process %d", i)] = p.Said()
	}
	for place, text := range places {
		require.NotContains(t, text, canary, place)
	}
	require.NotContains(t, places["bucket"], "content/acme/")
	f.eraseTenant(ctx, api)
	require.Contains(t, places["cache"], "rate/", "it was listened to")
	require.Contains(t, places["log of process 0"], "/api/v1/", "debug lines are there")
}

// hurry does what only time does otherwise.
func (f *fleet) hurry() {
	f.db.Exec("UPDATE erasures SET due_at = now() WHERE finished_at IS NULL")
}

// eraseTenant erases it from the command line: nothing but the receipt is left, and its id can be given to another.
func (f *fleet) eraseTenant(ctx context.Context, api *learner.API) {
	f.t.Helper()
	cmd := exec.Command(f.binary, "tenant", "erase", "acme", "--config", f.instances[0].config)
	cmd.Env = f.env
	said, err := cmd.CombinedOutput()
	require.Error(f.t, err)
	require.Contains(f.t, string(said), "--confirm acme")
	id := f.operator("tenant", "erase", "acme", "--confirm", "acme")
	require.Equal(f.t, id, f.operator("tenant", "erase", "acme", "--confirm", "acme"))
	servers.Await(f.t, "the tenant is erased", func() bool {
		f.hurry()
		return strings.Contains(f.operator("tenant", "receipt", "acme", id), `"state": "finished"`)
	})
	for line := range strings.Lines(f.tables(ctx)) {
		if !strings.HasPrefix(line, "erasures: ") && !strings.HasPrefix(line, "statistics: ") { // a tenant's id is no secret
			require.NotContains(f.t, line, "acme")
		}
	}
	f.operator("tenant", "add", "acme")
	servers.Await(f.t, "its keys are refused", func() bool { return api.Call(ctx, "GET", "/api/v1/me", nil, nil) != nil })
}

// plant is a learner with the canary in everything.
func (f *fleet) plant(ctx context.Context, api *learner.API, course string) {
	f.t.Helper()
	var registration struct{ ID string }
	var link struct{ URL string }
	require.NoError(f.t, api.Call(ctx, "POST", "/api/v1/registrations", map[string]any{"courseId": course, "learner": map[string]string{"id": canary + "-learner", "name": canary + "-name"}}, &registration))
	require.NoError(f.t, api.Call(ctx, "POST", "/api/v1/registrations/"+registration.ID+"/launches", map[string]any{"returnUrl": "https://a.example/" + canary + "-return"}, &link))
	p, err := learner.Open(ctx, api.HTTP, f.balancer, link.URL)
	require.NoError(f.t, err)
	c := p.Next(100)
	c.Final = true
	for element, value := range map[string]string{
		"cmi.suspend_data": canary + "-suspend", "cmi.core.lesson_location": canary + "-bookmark", "cmi.core.lesson_status": "passed", "cmi.comments": canary + "-comment",
		"cmi.interactions.0.id": "q1", "cmi.interactions.0.type": "fill-in", "cmi.interactions.0.student_response": canary + "-answer",
	} {
		c.CMI[element] = value
	}
	_, _, err = p.Deliver(ctx, c)
	require.NoError(f.t, err)
	_ = api.Call(ctx, "GET", "/api/v1/registrations?learnerId="+canary+"-learner&bad=1", nil, nil) // refused, and logged
}

func (f *fleet) tables(ctx context.Context) string {
	f.t.Helper()
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable", f.db.Host, f.db.Port, pgtest.User, f.db.Password, pgtest.Database))
	require.NoError(f.t, err)
	defer conn.Close(ctx)
	text, err := pgtest.Dump(ctx, conn)
	require.NoError(f.t, err)
	return text
}

func (f *fleet) config(ctx context.Context) aws.Config {
	f.t.Helper()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(servers.Region), config.WithBaseEndpoint(f.aws),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	require.NoError(f.t, err)
	return cfg
}

// bucket is every object's key and bytes.
func (f *fleet) bucket(ctx context.Context) string {
	f.t.Helper()
	client := s3.NewFromConfig(f.config(ctx), func(o *s3.Options) { o.UsePathStyle = true })
	var b strings.Builder
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String("content")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(f.t, err)
		for _, o := range page.Contents {
			got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("content"), Key: o.Key})
			require.NoError(f.t, err)
			text, err := io.ReadAll(got.Body)
			require.NoError(f.t, err)
			require.NoError(f.t, got.Body.Close())
			b.WriteString(*o.Key + "\n" + string(text) + "\n")
		}
	}
	return b.String()
}

// messages are those that are in the queue.
func (f *fleet) messages(ctx context.Context) string {
	f.t.Helper()
	client := sqs.NewFromConfig(f.config(ctx))
	queue, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
	require.NoError(f.t, err)
	var b strings.Builder
	for {
		got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600})
		require.NoError(f.t, err)
		if len(got.Messages) == 0 {
			return b.String()
		}
		for _, m := range got.Messages {
			b.WriteString(*m.Body + "\n")
		}
	}
}

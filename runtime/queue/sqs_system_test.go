//go:build system

package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/queue/queuetest"
)

// moto starts a server that speaks SQS.
func moto(t *testing.T) aws.Config {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("moto_server is not installed: pip install 'moto[server]'")
		}
		t.Skip("SKIPPED, SQS IS NOT TESTED: moto_server is not installed: pip install 'moto[server]'")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it may be a script that starts the server
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); _ = cmd.Wait() })
	endpoint := fmt.Sprintf("http://localhost:%d", port)
	require.Eventually(t, func() bool {
		response, err := http.Get(endpoint + "/moto-api/data.json")
		if err == nil {
			response.Body.Close()
		}
		return err == nil
	}, time.Minute, 100*time.Millisecond)
	return aws.Config{Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

func TestSQS(t *testing.T) {
	cfg := moto(t)
	admin := sqs.NewFromConfig(cfg)
	queues := 0
	create := func(attributes map[string]string) string {
		queues++
		out, err := admin.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: new(fmt.Sprintf("queue-%d", queues)), Attributes: attributes})
		require.NoError(t, err)
		return *out.QueueUrl
	}
	queuetest.Run(t, queuetest.Subject{Open: func(t *testing.T) (queue.Port, func() []string) {
		dead := create(nil)
		about, err := admin.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{"QueueArn"}})
		require.NoError(t, err)
		redrive, err := json.Marshal(map[string]any{"deadLetterTargetArn": about.Attributes["QueueArn"], "maxReceiveCount": queuetest.MaxReceives})
		require.NoError(t, err)
		url := create(map[string]string{"VisibilityTimeout": fmt.Sprint(queuetest.Visibility.Seconds()), "RedrivePolicy": string(redrive)})
		return queue.Open(cfg, url), func() (bodies []string) {
			found, err := queue.Open(cfg, dead).Receive(t.Context(), 10, 0)
			require.NoError(t, err)
			for _, m := range found {
				bodies = append(bodies, string(m.Body))
			}
			return bodies
		}
	}})
}

func TestAQueueThatIsNotThere(t *testing.T) {
	cfg := moto(t)
	q := queue.Open(cfg, *cfg.BaseEndpoint+"/123456789012/missing")
	require.Error(t, q.Ping(t.Context()))
	require.Error(t, q.Send(t.Context(), []byte("work")))
}

package queue_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/queue"
)

func openFake(t *testing.T) (*queue.SQS, *awstest.AWS) {
	t.Helper()
	fake := awstest.Start(t)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRetryMaxAttempts(1))
	require.NoError(t, err)
	return queue.Open(cfg, fake.URL+"/111122223333/jobs"), fake
}

func TestTheQueueIsReallyAsked(t *testing.T) {
	q, fake := openFake(t)
	require.NoError(t, q.Ping(t.Context()))
	fake.Refuse("GetQueueAttributes", awstest.Refusal{Status: 400, Code: "AWS.SimpleQueueService.NonExistentQueue", Message: "no such queue"})
	require.ErrorContains(t, q.Ping(t.Context()), "/111122223333/jobs")
	_, err := q.Stats(t.Context())
	require.ErrorContains(t, err, "ask for its numbers")
}

func TestWhatSQSSaysOfAnOldReceipt(t *testing.T) {
	for _, code := range []string{"MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"} {
		t.Run(code, func(t *testing.T) {
			q, fake := openFake(t)
			fake.Refuse("ChangeMessageVisibility", awstest.Refusal{Status: 400, Code: code, Message: "expired"})
			fake.Refuse("DeleteMessage", awstest.Refusal{Status: 400, Code: code, Message: "expired"})
			m := queue.Message{ID: "1", Receipt: "old"}
			require.ErrorIs(t, q.Extend(t.Context(), m, time.Minute), queue.ErrNotInFlight)
			require.NoError(t, q.Delete(t.Context(), m))
		})
	}
}

func TestOtherRefusalsOfSQSAreErrors(t *testing.T) {
	q, fake := openFake(t)
	for _, action := range []string{"SendMessage", "ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage"} {
		fake.Refuse(action, awstest.Refusal{Status: 403, Code: "AccessDenied", Message: "not allowed"})
	}
	m := queue.Message{ID: "1", Receipt: "r"}
	require.ErrorContains(t, q.Send(t.Context(), []byte("x")), "send: ")
	_, err := q.Receive(t.Context(), 1, 0)
	require.ErrorContains(t, err, "receive: ")
	require.ErrorContains(t, q.Extend(t.Context(), m, time.Minute), "extend message 1: ")
	require.ErrorContains(t, q.Delete(t.Context(), m), "delete message 1: ")
}

func TestATimeoutIsRoundedUpToSeconds(t *testing.T) {
	q, fake := openFake(t)
	fake.Refuse("ChangeMessageVisibility", awstest.Refusal{Status: 400, Code: "MessageNotInflight", Message: "expired"})
	for timeout, seconds := range map[time.Duration]string{0: "0", time.Millisecond: "1", 1500 * time.Millisecond: "2", 30 * time.Second: "30"} {
		require.Error(t, q.Extend(t.Context(), queue.Message{Receipt: "r"}, timeout))
		calls := fake.Calls("ChangeMessageVisibility")
		require.Equal(t, seconds, calls[len(calls)-1].Params["VisibilityTimeout"])
	}
}

package record

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// spy is a test that keeps what it is told.
type spy struct {
	testing.TB
	told []string
	ends []func()
}

func (s *spy) Helper()          {}
func (s *spy) Cleanup(f func()) { s.ends = append(s.ends, f) }
func (s *spy) Errorf(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// A call that is in no catalogue fails the test that saw it, and so does one that is not understood.
func TestRecorderTellsOfNewCalls(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(EnvFolder, folder)
	of := &spy{TB: t}
	r := New(of, "demo-web", Who{Client: "demo", Role: "web"}, testNames(t))
	queue := `{"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-1a2b"}`
	for _, operation := range []string{"ReceiveMessage", "DeleteMessage", "PurgeQueue"} {
		r.Request(signed("POST", "http://sqs", "sqs", "", "X-Amz-Target", "AmazonSQS."+operation), []byte(queue))
	}
	require.True(t, r.Seen("sqs:DeleteMessage"))
	for _, end := range of.ends {
		end()
	}
	require.Len(t, of.told, 2, "a boot of demo receives messages, and deletes none")
	require.Contains(t, of.told[0], "sqs:PurgeQueue is an operation that test/iam/record does not know")
	require.Contains(t, of.told[1], "demo-web.json has no sqs:DeleteMessage")
	lines, err := os.ReadFile(filepath.Join(folder, "demo-web.jsonl"))
	require.NoError(t, err)
	require.Contains(t, string(lines), `"operation":"sqs:ReceiveMessage"`)
}

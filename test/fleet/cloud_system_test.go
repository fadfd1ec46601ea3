//go:build system

package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	recording "github.com/lectern/lectern/test/iam/record"
	"github.com/lectern/lectern/test/servers"
)

// States of an instance that the group means it to be in, as the metadata service tells them.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
const (
	inService  = "InService"
	terminated = "Terminated"
)

const group = "fleet-web"

// loginARN names the secret with user and password of the database.
const loginARN = "arn:aws:secretsmanager:" + servers.Region + ":111122223333:secret:database-AbCdEf"

// cloud is the Auto Scaling API, for instances of one group, and Secrets Manager with one secret.
type cloud struct {
	url      string
	login    string // JSON
	recorder *recording.Recorder

	mu        sync.Mutex
	completed []completion
}

// completion is a lifecycle action that an instance has completed.
type completion struct {
	at                            time.Time
	instance, group, hook, result string
}

func startCloud(t *testing.T, user, password string) *cloud {
	login, err := json.Marshal(map[string]string{"username": user, "password": password})
	require.NoError(t, err)
	c := &cloud{login: string(login)}
	// Every instance before a workload makes these calls, whatever the workload is.
	c.recorder = recording.New(t, "host-web", recording.Who{Role: string(contract.RoleWeb)}, recording.Names{"database.secretArn": loginARN, recording.Group: group})
	server := httptest.NewServer(c.recorder.Handler("test", c))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// ServeHTTP speaks AWS Query, and AWS JSON.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") == "secretsmanager.GetSecretValue" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(map[string]string{"ARN": loginARN, "SecretString": c.login}) // the client has gone
		return
	}
	action, result := r.PostFormValue("Action"), ""
	switch action {
	case "DescribeAutoScalingInstances":
		result = "<AutoScalingInstances><member><InstanceId>" + r.PostFormValue("InstanceIds.member.1") + "</InstanceId><AutoScalingGroupName>" + group +
			"</AutoScalingGroupName><LifecycleState>InService</LifecycleState></member></AutoScalingInstances>"
	case "CompleteLifecycleAction":
		c.mu.Lock()
		c.completed = append(c.completed, completion{
			at: time.Now(), instance: r.PostFormValue("InstanceId"), group: r.PostFormValue("AutoScalingGroupName"),
			hook: r.PostFormValue("LifecycleHookName"), result: r.PostFormValue("LifecycleActionResult"),
		})
		c.mu.Unlock()
	case "RecordLifecycleActionHeartbeat":
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>no %s here</Message></Error></ErrorResponse>", action)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, result)
}

// completions of the lifecycle actions of an instance.
func (c *cloud) completions(instance string) []completion {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []completion
	for _, x := range c.completed {
		if x.instance == instance {
			found = append(found, x)
		}
	}
	return found
}

// metadata is the metadata service of one instance, in its version 2.
type metadata struct {
	instance, url string

	mu    sync.Mutex
	state string
}

func startMetadata(t *testing.T, instance string) *metadata {
	m := &metadata{instance: instance, state: inService}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func (m *metadata) set(state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = state
}

// ServeHTTP implements http.Handler.
func (m *metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const token = "imds-token"
	m.mu.Lock()
	defer m.mu.Unlock()
	switch path := strings.TrimPrefix(r.URL.Path, "/latest"); {
	case r.Method == http.MethodPut && path == "/api/token":
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, token)
	case r.Header.Get("X-Aws-Ec2-Metadata-Token") != token:
		http.Error(w, "IMDSv2 only", http.StatusUnauthorized)
	case path == "/meta-data/instance-id":
		fmt.Fprint(w, m.instance)
	case path == "/meta-data/autoscaling/target-lifecycle-state":
		fmt.Fprint(w, m.state)
	default:
		http.NotFound(w, r)
	}
}

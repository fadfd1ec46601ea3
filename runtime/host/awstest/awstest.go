// Package awstest answers, for tests, the few calls to AWS that the runtime makes: on loopback, over HTTP, in the
// protocols of the services, so that what is tested is the real client with its real encoding and retries.
package awstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// InstanceID, Group and Region are what the fake knows of itself.
const (
	InstanceID = "i-0123456789abcdef0"
	Group      = "demo-app-WebGroup-1A2B3C"
	Region     = "eu-central-1"
)

// AWS is the fake. Set the maps through their methods; they may change while clients are at work.
type AWS struct {
	URL string

	mu         sync.Mutex
	parameters map[string]string
	secrets    map[string]string
	instance   map[string]string
	refusals   map[string]Refusal
	calls      []Call
}

// Call is one call that arrived.
type Call struct {
	Action string // e.g. "SignalResource"
	Params map[string]string
}

// Refusal is an error a service answers with.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

// Start starts the fake and points the environment of this process (AWS_ENDPOINT_URL and the others) at it.
func Start(t testing.TB) *AWS {
	t.Helper()
	a := &AWS{parameters: map[string]string{}, secrets: map[string]string{}, instance: map[string]string{"instance-id": InstanceID}, refusals: map[string]Refusal{}}
	server := httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(server.Close)
	a.URL = server.URL
	for _, kv := range a.Env() {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	return a
}

// Env is the environment for a program that should talk to the fake.
func (a *AWS) Env() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + a.URL, "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + a.URL, "AWS_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=false", "NO_PROXY=127.0.0.1",
	}
}

// SetParameter sets an SSM parameter.
func (a *AWS) SetParameter(name, value string) { a.set(func() { a.parameters[name] = value }) }

// SetSecret sets a secret by its ARN.
func (a *AWS) SetSecret(arn, value string) { a.set(func() { a.secrets[arn] = value }) }

// SetMetadata sets what the instance metadata service says at a path below /latest/meta-data/.
func (a *AWS) SetMetadata(path, value string) { a.set(func() { a.instance[path] = value }) }

// Refuse makes every further call of action fail.
func (a *AWS) Refuse(action string, r Refusal) { a.set(func() { a.refusals[action] = r }) }

// Allow ends a Refuse.
func (a *AWS) Allow(action string) { a.set(func() { delete(a.refusals, action) }) }

func (a *AWS) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// Calls are the calls of this action so far.
func (a *AWS) Calls(action string) []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []Call
	for _, c := range a.calls {
		if c.Action == action {
			found = append(found, c)
		}
	}
	return found
}

func (a *AWS) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/latest/") {
		a.metadata(w, r)
		return
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		a.json(w, r, target[strings.LastIndexByte(target, '.')+1:])
		return
	}
	if err := r.ParseForm(); err != nil || r.PostForm.Get("Action") == "" {
		http.Error(w, "awstest does not know this request: "+r.Method+" "+r.URL.Path, http.StatusNotImplemented)
		return
	}
	a.query(w, r.PostForm)
}

// metadata speaks IMDSv2.
func (a *AWS) metadata(w http.ResponseWriter, r *http.Request) {
	const token = "imds-token"
	refusal, refused := a.refusals["IMDS"]
	switch {
	case refused:
		http.Error(w, refusal.Message, refusal.Status)
	case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token":
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, token)
	case r.Header.Get("X-Aws-Ec2-Metadata-Token") != token:
		http.Error(w, "IMDSv2 only", http.StatusUnauthorized)
	default:
		value, ok := a.instance[strings.TrimPrefix(r.URL.Path, "/latest/meta-data/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, value)
	}
}

// json speaks AWS JSON: Systems Manager, Secrets Manager, SQS.
func (a *AWS) json(w http.ResponseWriter, r *http.Request, action string) {
	in := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	params := map[string]string{}
	for k, v := range in {
		params[k] = fmt.Sprint(v)
	}
	a.calls = append(a.calls, Call{action, params})
	answer := func(status int, body any) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // the client has gone
	}
	refuse := func(x Refusal) { answer(x.Status, map[string]string{"__type": x.Code, "message": x.Message}) }
	if x, refused := a.refusals[action]; refused {
		refuse(x)
		return
	}
	switch action {
	case "GetParameter":
		value, ok := a.parameters[params["Name"]]
		if !ok {
			refuse(Refusal{400, "ParameterNotFound", "no such parameter"})
			return
		}
		answer(200, map[string]any{"Parameter": map[string]string{"Name": params["Name"], "Type": "String", "Value": value}})
	case "GetSecretValue":
		value, ok := a.secrets[params["SecretId"]]
		if !ok {
			refuse(Refusal{400, "ResourceNotFoundException", "no such secret"})
			return
		}
		answer(200, map[string]string{"ARN": params["SecretId"], "SecretString": value})
	case "GetQueueAttributes":
		answer(200, map[string]any{"Attributes": map[string]string{
			"QueueArn": "arn:aws:sqs:" + Region + ":111122223333:jobs", "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		}})
	case "ReceiveMessage": // the queue is always empty
		time.Sleep(time.Second)
		answer(200, map[string]any{})
	default:
		refuse(Refusal{400, "UnknownOperationException", "awstest does not know " + action})
	}
}

// query speaks AWS Query: Auto Scaling, CloudFormation.
func (a *AWS) query(w http.ResponseWriter, form url.Values) {
	action := form.Get("Action")
	params := map[string]string{}
	for k := range form {
		params[k] = form.Get(k)
	}
	a.calls = append(a.calls, Call{action, params})
	w.Header().Set("Content-Type", "text/xml")
	x, refused := a.refusals[action]
	result := ""
	switch action {
	case "DescribeAutoScalingInstances":
		result = "<AutoScalingInstances><member><InstanceId>" + InstanceID + "</InstanceId><AutoScalingGroupName>" + Group +
			"</AutoScalingGroupName><LifecycleState>Pending:Wait</LifecycleState></member></AutoScalingInstances>"
	case "CompleteLifecycleAction", "SignalResource":
	default:
		x, refused = Refusal{400, "InvalidAction", "awstest does not know " + action}, true
	}
	if refused {
		w.WriteHeader(x.Status)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>", x.Code, x.Message)
		return
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%[1]sResponse>", action, result)
}

//go:build system && linux

package system_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/iam/record"
)

// truststore is where Amazon RDS publishes its certificate authorities.
const truststore = "truststore.pki.rds.amazonaws.com"

// roleKey is the access key id of the instance's role. Only the metadata service hands it out.
const roleKey = "ASIAINSTANCEROLE0001"

// awsFront is AWS as an instance sees it: the real names, TLS, the metadata service and
// the role's credentials. Behind it is the emulator; the two calls with which an instance
// says how it is, which the emulator does not have, are kept here.
type awsFront struct {
	instanceID string
	caBundle   []byte                  // at truststore
	others     map[string]http.Handler // by host: what is not AWS, or needs no credentials
	recorder   *record.Recorder
	keys       keyValueStore

	mu    sync.Mutex
	calls []frontCall
	odd   []string // requests without the role's credentials
	deny  int      // so many further requests to S3 are denied
}

// frontCall is a call the emulator does not know.
type frontCall struct {
	at         time.Time
	action     string
	parameters url.Values
}

// serveAWS serves in the machine's network until the test ends.
func serveAWS(t *testing.T, n *network, a *authority, e *emulator, f *awsFront) {
	t.Helper()
	target, err := url.Parse(e.endpoint)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // names service, region and bucket
		},
		ErrorLog: log.New(io.Discard, "", 0), // a machine that is switched off breaks connections off
	}
	quiet := log.New(io.Discard, "", 0)
	api := &http.Server{Handler: f.api(proxy), ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	metadata := &http.Server{Handler: http.HandlerFunc(f.metadata), ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = api.Serve(tls.NewListener(n.listen(t, awsAddress+":443"), a.tls())) }()
	go func() { _ = metadata.Serve(n.listen(t, metadataAddress+":80")) }()
	t.Cleanup(func() { _ = api.Close(); _ = metadata.Close() })
}

func (f *awsFront) api(emulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == truststore {
			_, _ = w.Write(f.caBundle)
			return
		}
		if other, is := f.others[r.Host]; is {
			other.ServeHTTP(w, r)
			return
		}
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+roleKey+"/") {
			f.note(func() { f.odd = append(f.odd, r.Method+" "+r.Host+r.URL.Path) })
			http.Error(w, "not signed with the role's key", http.StatusForbidden)
			return
		}
		if f.denies(r) {
			http.Error(w, "the role is too new", http.StatusForbidden)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.recorder.Request(r, body)
		if strings.HasSuffix(r.Host, keyValueStores) {
			f.keys.serve(w, r, body)
			return
		}
		form, _ := url.ParseQuery(string(body)) // anything else has no Action
		switch action := form.Get("Action"); action {
		case "SignalResource", "CompleteLifecycleAction":
			f.note(func() { f.calls = append(f.calls, frontCall{time.Now(), action, form}) })
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult/><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></%[1]sResponse>", action)
		default:
			emulator.ServeHTTP(w, r)
		}
	})
}

// metadata is IMDSv2: nothing without a token.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
func (f *awsFront) metadata(w http.ResponseWriter, r *http.Request) {
	const token, role = "imds-token", "lectern-instance"
	const credentials = "/latest/meta-data/iam/security-credentials/"
	switch {
	case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token":
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, token)
	case r.Header.Get("X-Aws-Ec2-Metadata-Token") != token:
		http.Error(w, "IMDSv2 only", http.StatusUnauthorized)
	case r.URL.Path == "/latest/meta-data/instance-id":
		fmt.Fprint(w, f.instanceID)
	case r.URL.Path == credentials:
		fmt.Fprint(w, role)
	case r.URL.Path == credentials+role:
		_ = json.NewEncoder(w).Encode(map[string]string{
			"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": roleKey, "SecretAccessKey": "none", "Token": "none",
			"LastUpdated": time.Now().UTC().Format(time.RFC3339), "Expiration": time.Now().Add(6 * time.Hour).UTC().Format(time.RFC3339),
		})
	default:
		http.NotFound(w, r)
	}
}

func (f *awsFront) denies(r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deny == 0 || !strings.Contains(r.Host, ".s3.") {
		return false
	}
	f.deny--
	return true
}

func (f *awsFront) note(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

// said is what the machine told AWS: values of one parameter of one action, in order.
func (f *awsFront) said(action, parameter string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var values []string
	for _, c := range f.calls {
		if c.action == action {
			values = append(values, c.parameters.Get(parameter))
		}
	}
	return values
}

// when is the moment of the first call of an action.
func (f *awsFront) when(t *testing.T, action string) time.Time {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c.action == action {
			return c.at
		}
	}
	require.Fail(t, "the machine did not call "+action)
	return time.Time{}
}

package edge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/stretchr/testify/require"
)

const storeARN = "arn:aws:cloudfront::111122223333:key-value-store/0a1b2c3d"

// keyValueStore is one store behind the API of CloudFront KeyValueStore, over HTTP:
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations_Amazon_CloudFront_KeyValueStore.html
type keyValueStore struct {
	t *testing.T

	mu        sync.Mutex
	keys      map[string]string
	version   int
	updates   int            // that were made
	conflicts int            // that were refused
	failures  map[string]int // how often a method is yet to answer 500
	together  *sync.WaitGroup
	described int
}

func newKeyValueStore(t *testing.T, keys map[string]string) *keyValueStore {
	t.Helper()
	return &keyValueStore{t: t, keys: maps.Clone(keys), failures: map[string]int{}}
}

// client is the real client, which finds the store under the account's own host name.
func (s *keyValueStore) client() *cloudfrontkeyvaluestore.Client {
	server := httptest.NewServer(s)
	s.t.Cleanup(server.Close)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return cloudfrontkeyvaluestore.NewFromConfig(aws.Config{
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		BaseEndpoint: new("http://kvs.example"),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
		},
	})
}

// waitForOthers holds the first n descriptions back until all n have been asked for.
func (s *keyValueStore) waitForOthers(n int) {
	s.together = &sync.WaitGroup{}
	s.together.Add(n)
	s.described = n
}

func (s *keyValueStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-ECDSA-P256-SHA256 ") || r.Header.Get("X-Amz-Region-Set") != "*" {
		refuse(w, http.StatusForbidden, "AccessDeniedException", "not signed for all regions: "+r.Header.Get("Authorization"))
		return
	}
	if r.Host != "111122223333.kvs.example" {
		refuse(w, http.StatusForbidden, "AccessDeniedException", "not the account's host: "+r.Host)
		return
	}
	path, err := url.PathUnescape(r.URL.EscapedPath())
	if err != nil {
		refuse(w, http.StatusBadRequest, "ValidationException", err.Error())
		return
	}
	switch r.Method + " " + path {
	case "GET /key-value-stores/" + storeARN:
		s.describe(w)
	case "GET /key-value-stores/" + storeARN + "/keys":
		s.list(w, r)
	case "POST /key-value-stores/" + storeARN + "/keys":
		s.update(w, r)
	default:
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", r.Method+" "+path)
	}
}

func (s *keyValueStore) describe(w http.ResponseWriter) {
	s.mu.Lock()
	if s.failing(w, "describe") {
		s.mu.Unlock()
		return
	}
	// The version as of now, even if the answer is held back.
	version, body := s.etag(), map[string]any{"KvsARN": storeARN, "Created": 1.0, "ItemCount": len(s.keys), "TotalSizeInBytes": 1, "Status": "READY"}
	wait := s.described > 0
	s.described--
	s.mu.Unlock()
	if wait {
		s.together.Done()
		s.together.Wait()
	}
	w.Header().Set("ETag", version)
	answer(w, body)
}

func (s *keyValueStore) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing(w, "list") {
		return
	}
	const page = 10 // CloudFront's default
	ids := slices.Sorted(maps.Keys(s.keys))
	from, _ := strconv.Atoi(r.URL.Query().Get("NextToken"))
	to := min(from+page, len(ids))
	items := []map[string]string{}
	for _, id := range ids[from:to] {
		items = append(items, map[string]string{"Key": id, "Value": s.keys[id]})
	}
	body := map[string]any{"Items": items}
	if to < len(ids) {
		body["NextToken"] = strconv.Itoa(to)
	}
	answer(w, body)
}

func (s *keyValueStore) update(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing(w, "update") {
		return
	}
	if r.Header.Get("If-Match") != s.etag() {
		s.conflicts++
		refuse(w, http.StatusConflict, "ConflictException", "Pre-Condition failed")
		return
	}
	var change struct {
		Puts    []struct{ Key, Value string }
		Deletes []struct{ Key string }
	}
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil || len(change.Puts)+len(change.Deletes) == 0 {
		refuse(w, http.StatusBadRequest, "ValidationException", fmt.Sprint(err))
		return
	}
	for _, p := range change.Puts {
		s.keys[p.Key] = p.Value
	}
	for _, d := range change.Deletes {
		delete(s.keys, d.Key)
	}
	s.version++
	s.updates++
	w.Header().Set("ETag", s.etag())
	answer(w, map[string]any{"ItemCount": len(s.keys), "TotalSizeInBytes": 1})
}

func (s *keyValueStore) etag() string { return "ETAG" + strconv.Itoa(s.version) }

func (s *keyValueStore) failing(w http.ResponseWriter, what string) bool {
	if s.failures[what] == 0 {
		return false
	}
	s.failures[what]--
	refuse(w, http.StatusInternalServerError, "InternalServerException", "not now")
	return true
}

// state is what is in the store, how often it was changed, and how often that was refused.
func (s *keyValueStore) state() (keys map[string]string, updates, conflicts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.keys), s.updates, s.conflicts
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Message": message})
}

func requireStore(t *testing.T, s *keyValueStore, want map[string]string) {
	t.Helper()
	keys, _, _ := s.state()
	require.Equal(t, want, keys)
}

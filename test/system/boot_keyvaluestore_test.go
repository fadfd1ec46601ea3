//go:build system && linux

package system_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// keyValueStores is the domain of CloudFront KeyValueStore's data plane; an account has a name below it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
const keyValueStores = ".cloudfront-kvs.global.api.aws"

// keyValueStoreHost is where the client's store is; empty if it has none.
func (s *bootSite) keyValueStoreHost() string {
	parts := strings.Split(s.config.Edge.KeyValueStoreARN, ":")
	if len(parts) < 6 {
		return ""
	}
	return parts[4] + keyValueStores
}

// keyValueStore is one store, which the emulator does not have. It refuses a change to a version that is not the latest.
type keyValueStore struct {
	mu      sync.Mutex
	values  map[string]string
	version int
}

func (k *keyValueStore) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch keys := strings.HasSuffix(r.URL.Path, "/keys"); {
	case r.Method == http.MethodGet && keys:
		k.list(w)
	case r.Method == http.MethodGet:
		k.describe(w)
	case r.Method == http.MethodPost && keys:
		k.update(w, r.Header.Get("If-Match"), body)
	default:
		http.NotFound(w, r)
	}
}

func (k *keyValueStore) etag() string { return "V" + strconv.Itoa(k.version) }

func (k *keyValueStore) describe(w http.ResponseWriter) {
	w.Header().Set("ETag", k.etag())
	_ = json.NewEncoder(w).Encode(map[string]any{"KvsARN": "", "Created": 1.0, "ItemCount": len(k.values), "TotalSizeInBytes": 1, "Status": "READY"})
}

func (k *keyValueStore) list(w http.ResponseWriter) {
	items := []map[string]string{}
	for key, value := range k.values {
		items = append(items, map[string]string{"Key": key, "Value": value})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Items": items})
}

func (k *keyValueStore) update(w http.ResponseWriter, version string, body []byte) {
	var change struct {
		Puts    []struct{ Key, Value string }
		Deletes []struct{ Key string }
	}
	if json.Unmarshal(body, &change) != nil || version != k.etag() {
		w.Header().Set("X-Amzn-ErrorType", "ConflictException")
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(map[string]string{"Message": "not the latest version"})
		return
	}
	if k.values == nil {
		k.values = map[string]string{}
	}
	for _, put := range change.Puts {
		k.values[put.Key] = put.Value
	}
	for _, gone := range change.Deletes {
		delete(k.values, gone.Key)
	}
	k.version++
	k.describe(w)
}

package record

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update-calls", false, "add calls to AWS that are not in their catalogue (test/iam/testdata/calls)")

// EnvFolder names the folder for JSON lines of what was recorded.
const EnvFolder = "LECTERN_CALLS"

// Folder is where the catalogues are.
func Folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "testdata", "calls")
}

// Recorder collects the calls of one kind of instance for as long as a test runs.
type Recorder struct {
	name  string // of the catalogue
	who   Who
	names Names

	mu       sync.Mutex
	calls    map[string]Call
	problems map[string]bool
}

// catalogues keeps two tests from writing one file at a time.
var catalogues sync.Mutex

// New records for the catalogue NAME until the test ends, which fails if a call is not in it or is not understood.
func New(t testing.TB, name string, who Who, names Names) *Recorder {
	t.Helper()
	names = maps.Clone(names)
	r := &Recorder{name: name, who: who, names: names, calls: map[string]Call{}, problems: map[string]bool{}}
	t.Cleanup(func() { r.end(t) })
	return r
}

// Request records a request, whose body has been read.
func (r *Recorder) Request(request *http.Request, body []byte) {
	q, err := parse(request, body)
	var calls []Call
	if err == nil {
		calls, err = r.names.calls(q)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.problems[err.Error()] = true
	}
	for _, c := range calls {
		r.calls[c.key()] = c
	}
}

// Add records a call that is no HTTP request.
func (r *Recorder) Add(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[c.key()] = c
}

// Seen says whether an operation was requested so far.
func (r *Recorder) Seen(operation string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c.Operation == operation {
			return true
		}
	}
	return false
}

// Handler records the requests that are signed with a key, and passes all on.
func (r *Recorder) Handler(key string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if signed, _ := Signed(request); signed == key {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			request.Body = io.NopCloser(bytes.NewReader(body))
			r.Request(request, body)
		}
		next.ServeHTTP(w, request)
	})
}

func (r *Recorder) end(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, problem := range slices.Sorted(maps.Keys(r.problems)) {
		t.Errorf("a call to AWS of %s: %s", r.name, problem)
	}
	catalogues.Lock()
	defer catalogues.Unlock()
	require.NoError(t, r.write())
	file := filepath.Join(Folder(), r.name+".json")
	c, err := Load(file)
	require.NoError(t, err)
	added := 0
	for _, key := range slices.Sorted(maps.Keys(r.calls)) {
		if c.Has(r.calls[key]) {
			continue
		}
		added++
		if !*update {
			t.Errorf("%s has no %s; -update-calls adds it, and test/iam says whether it is allowed", file, key)
		}
		c.Calls = append(c.Calls, r.calls[key])
	}
	if *update && added > 0 {
		c.Who = r.who
		require.NoError(t, c.Save(file))
		t.Logf("%s: %d calls added", file, added)
	}
}

// write appends what was recorded to FOLDER/NAME.jsonl.
func (r *Recorder) write() error {
	folder := os.Getenv(EnvFolder)
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(folder, r.name+".jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := json.NewEncoder(file)
	lines.SetEscapeHTML(false)
	for _, key := range slices.Sorted(maps.Keys(r.calls)) {
		if err := lines.Encode(r.calls[key]); err != nil {
			return fmt.Errorf("write the calls of %s: %w", r.name, err)
		}
	}
	return nil
}

//go:build system && linux

package system_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// debianHosts are where the image's apt looks for packages, in the clear: it checks their signatures.
var debianHosts = []string{"deb.debian.org", "security.debian.org"}

// debianMirror answers for Debian's servers: it passes requests on, and keeps the answers in the user's cache folder.
// Packages and indices by hash never change; any other index is asked for again, and the kept one serves when nobody
// answers.
type debianMirror struct {
	folder string
	client *http.Client

	mu      sync.Mutex
	loading map[string]*sync.Mutex // by file, so that machines that boot together load it once
}

func newDebianMirror(t *testing.T) *debianMirror {
	t.Helper()
	return &debianMirror{
		folder: filepath.Join(cacheFolder(t), "debian"), client: &http.Client{Timeout: 2 * time.Minute}, loading: map[string]*sync.Mutex{},
	}
}

// serve answers in the machine's network, where all hosts are at address.
func (m *debianMirror) serve(t *testing.T, n *network, address string) {
	t.Helper()
	server := &http.Server{Handler: m, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(n.listen(t, address+":80")) }()
	t.Cleanup(func() { _ = server.Close() })
}

func (m *debianMirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Clean("/" + r.Host + r.URL.Path)
	file := filepath.Join(m.folder, name)
	lock := m.lock(name)
	lock.Lock()
	err := m.load("http:/"+name, file)
	lock.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	content, err := os.Open(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil || info.IsDir() {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, file, info.ModTime(), content)
}

func (m *debianMirror) lock(name string) *sync.Mutex {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.loading[name] == nil {
		m.loading[name] = &sync.Mutex{}
	}
	return m.loading[name]
}

// load brings a file up to date, or leaves the one that is there.
func (m *debianMirror) load(url, file string) error {
	info, err := os.Stat(file)
	kept := err == nil
	if kept && (strings.Contains(url, "/pool/") || strings.Contains(url, "/by-hash/")) {
		return nil
	}
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if kept {
		request.Header.Set("If-Modified-Since", info.ModTime().UTC().Format(http.TimeFormat))
	}
	answer, err := m.client.Do(request)
	if err != nil {
		if kept {
			return nil
		}
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusOK:
		return keep(answer, file)
	case kept:
		return nil
	}
	return fmt.Errorf("%s: %s", url, answer.Status)
}

// keep writes an answer to a file in one go, with the time at which it says that it last changed.
func keep(answer *http.Response, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // fails after the rename, as it should
	_, err = io.Copy(part, answer.Body)
	if closing := part.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if changed, err := http.ParseTime(answer.Header.Get("Last-Modified")); err == nil {
		if err := os.Chtimes(part.Name(), changed, changed); err != nil {
			return err
		}
	}
	return os.Rename(part.Name(), file)
}

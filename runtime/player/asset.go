package player

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is a file of the player, compressed once.
type asset struct {
	content, gzipped []byte
	contentType      string
	etag             string
}

// assetName is where the page finds an embedded file: beside itself, or in scorm-again/.
func assetName(embeddedPath string) string { return strings.TrimPrefix(embeddedPath, "assets/") }

func newAsset(name string, content []byte) *asset {
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(content)                                    // a Buffer takes everything
	_ = w.Close()
	sum := sha256.Sum256(content)
	return &asset{content: content, gzipped: zipped.Bytes(), contentType: contentType(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}

// policy of the page: everything from this origin, nothing inline. Frames may also show https pages, because a SCORM resource
// may name an absolute URL. Any page may frame the player, as learning management systems do: it has no cookie and shows nothing
// without a link. They also open it in a window and wait for window.closed, which a Cross-Origin-Opener-Policy would make true
// at once, so there is none: another origin's window can close or leave the player's, and read nothing of it.
const policy = "default-src 'self'; frame-src 'self' https:; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *"

func (a *asset) servePage(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer") // the token is in the address until the page has opened the launch
	h.Set("X-Robots-Tag", "noindex")
	// Courses of the last twenty years say goodbye in unload handlers, which browsers are about to switch off unless asked.
	h.Set("Permissions-Policy", "unload=(self)")
	h.Set("Cache-Control", "no-store")
	a.write(w, r)
}

// serve answers a request for the asset. During a deployment a page may ask a server of another version: it gets what there
// is, and keeps it only if it is what it asked for.
func (a *asset) serve(w http.ResponseWriter, r *http.Request, asked bool) {
	h := w.Header()
	h.Set("ETag", a.etag)
	h.Set("Cache-Control", "no-store")
	if asked {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	a.write(w, r)
}

func (a *asset) write(w http.ResponseWriter, r *http.Request) {
	h, body := w.Header(), a.content
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a browser that has gone needs nothing
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3).
func acceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

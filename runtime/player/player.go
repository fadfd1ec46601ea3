package player

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
)

//go:embed assets scorm-again
var embedded embed.FS

// ErrNotStaged is what New says if the binary was built without the browser's half of SCORM.
var ErrNotStaged = errors.New("player: scorm-again is not in this build; run \"make scorm-again\" and build again")

// library is what has to be staged.
var library = []string{"scorm-again/scorm12.min.js", "scorm-again/scorm2004.min.js"}

// page holds assetsPlaceholder where the path of the assets belongs.
const (
	page              = "assets/player.html"
	assetsPlaceholder = "{{assets}}"
)

// New serves the player:
//
//	GET /launch/{token}               the page. It redeems nothing: programs that follow links do no harm
//	GET /player                       the same page, after the launch is opened and on reload
//	GET /player/assets/{hash}/{name}  what the page is made of, for ever the same under one hash
//
// The token is not looked at here; whoever logs requests must leave it out of the path they log.
func New() (http.Handler, error) { return newHandler(embedded) }

func newHandler(files fs.FS) (http.Handler, error) {
	for _, name := range library {
		if _, err := fs.Stat(files, name); err != nil {
			return nil, ErrNotStaged
		}
	}
	assets, hash, err := readAssets(files)
	if err != nil {
		return nil, err
	}
	source, err := fs.ReadFile(files, page)
	if err != nil {
		return nil, err
	}
	html := newAsset("player.html", bytes.ReplaceAll(source, []byte(assetsPlaceholder), []byte("/player/assets/"+hash)))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /launch/{token}", html.servePage)
	mux.HandleFunc("GET /player", html.servePage)
	mux.HandleFunc("GET /player/assets/{hash}/{name...}", func(w http.ResponseWriter, r *http.Request) {
		a, ok := assets[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r, r.PathValue("hash") == hash)
	})
	return mux, nil
}

// readAssets gives all files by the name the page knows them by, and a hash over all of them.
func readAssets(files fs.FS) (map[string]*asset, string, error) {
	assets, sum := map[string]*asset{}, sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		name := assetName(path)
		sum.Write([]byte(name + "\n"))
		sum.Write(content)
		if path != page {
			assets[name] = newAsset(name, content)
		}
		return nil
	})
	return assets, hex.EncodeToString(sum.Sum(nil)[:8]), err
}

package worker

import (
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestContentTypes(t *testing.T) {
	files := fstest.MapFS{
		"index.html": {Data: []byte("<p>plain")},
		"über.HTML":  {Data: []byte("<p>Grüße")},
		"latin1.htm": {Data: []byte("<meta charset=iso-8859-1><p>Gr\xFC\xDFe")},
		"app.js":     {Data: []byte("'試験'")},
		"m.mjs":      {Data: []byte("1")},
		"a.css":      {Data: []byte("a{}")},
		"data.json":  {Data: []byte("{\"ü\":1}")},
		"film.mp4":   {}, "film.m4v": {}, "film.webm": {}, "a.mp3": {}, "f.woff": {}, "f.woff2": {}, "f.ttf": {}, "f.otf": {}, "x.wasm": {},
		"t.vtt":   {Data: []byte("é")},
		"old.swf": {}, "a.pdf": {}, "a.webp": {}, "a.avif": {}, "a.svg": {}, "imsmanifest.xml": {}, "README": {}, "x.unknown": {},
	}
	for name, want := range map[string]string{
		"index.html": "text/html", "über.HTML": "text/html; charset=utf-8", "latin1.htm": "text/html", "app.js": "text/javascript; charset=utf-8",
		"m.mjs": "text/javascript", "a.css": "text/css", "data.json": "application/json", "film.mp4": "video/mp4", "film.m4v": "video/mp4",
		"film.webm": "video/webm", "a.mp3": "audio/mpeg", "f.woff": "font/woff", "f.woff2": "font/woff2", "f.ttf": "font/ttf", "f.otf": "font/otf",
		"x.wasm": "application/wasm", "t.vtt": "text/vtt; charset=utf-8", "old.swf": "application/x-shockwave-flash", "a.pdf": "application/pdf",
		"a.webp": "image/webp", "a.avif": "image/avif", "a.svg": "image/svg+xml", "imsmanifest.xml": "application/xml",
		"README": "application/octet-stream", "x.unknown": "application/octet-stream",
	} {
		got, err := contentType(files, name)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
	_, err := contentType(files, "missing.html")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestUTF8IsSeenAcrossReads(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "ascii": false, "é": true, "試験": true, "a\xFF": false, "cut \xC3": false,
		strings.Repeat("é", 50_000): true, "a" + strings.Repeat("試", 50_000): true, strings.Repeat("é", 50_000) + "\xE9": false,
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(text), "one byte": iotest.OneByteReader(strings.NewReader(text)), "data with EOF": iotest.DataErrReader(strings.NewReader(text)),
		} {
			got, err := isUTF8(r)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s, %.10q", name, text)
		}
	}
}

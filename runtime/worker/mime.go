package worker

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// mediaTypes are what browsers need to be told of the files that courses are made of. A table of our own, since the
// system's differs from machine to machine.
var mediaTypes = map[string]string{
	".aac":         "audio/aac",
	".apng":        "image/apng",
	".avif":        "image/avif",
	".bmp":         "image/bmp",
	".css":         "text/css",
	".csv":         "text/csv",
	".doc":         "application/msword",
	".docx":        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".dtd":         "application/xml-dtd",
	".eot":         "application/vnd.ms-fontobject",
	".epub":        "application/epub+zip",
	".flac":        "audio/flac",
	".flv":         "video/x-flv",
	".gif":         "image/gif",
	".glb":         "model/gltf-binary",
	".gltf":        "model/gltf+json",
	".gz":          "application/gzip",
	".htm":         "text/html",
	".html":        "text/html",
	".ico":         "image/vnd.microsoft.icon",
	".ics":         "text/calendar",
	".jfif":        "image/jpeg",
	".jpeg":        "image/jpeg",
	".jpg":         "image/jpeg",
	".js":          "text/javascript",
	".json":        "application/json",
	".jsonld":      "application/ld+json",
	".m3u8":        "application/vnd.apple.mpegurl",
	".m4a":         "audio/mp4",
	".m4v":         "video/mp4",
	".map":         "application/json",
	".md":          "text/markdown",
	".mid":         "audio/midi",
	".mjs":         "text/javascript",
	".mov":         "video/quicktime",
	".mp3":         "audio/mpeg",
	".mp4":         "video/mp4",
	".mpd":         "application/dash+xml",
	".mpeg":        "video/mpeg",
	".mpg":         "video/mpeg",
	".oga":         "audio/ogg",
	".ogg":         "audio/ogg",
	".ogv":         "video/ogg",
	".opus":        "audio/ogg",
	".otf":         "font/otf",
	".pdf":         "application/pdf",
	".png":         "image/png",
	".ppt":         "application/vnd.ms-powerpoint",
	".pptx":        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".rtf":         "application/rtf",
	".srt":         "text/plain",
	".svg":         "image/svg+xml",
	".svgz":        "image/svg+xml",
	".swf":         "application/x-shockwave-flash",
	".tif":         "image/tiff",
	".tiff":        "image/tiff",
	".ts":          "video/mp2t",
	".ttc":         "font/collection",
	".ttf":         "font/ttf",
	".txt":         "text/plain",
	".vtt":         "text/vtt",
	".wasm":        "application/wasm",
	".wav":         "audio/wav",
	".weba":        "audio/webm",
	".webm":        "video/webm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".wmv":         "video/x-ms-wmv",
	".woff":        "font/woff",
	".woff2":       "font/woff2",
	".xhtml":       "application/xhtml+xml",
	".xls":         "application/vnd.ms-excel",
	".xlsx":        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".xml":         "application/xml",
	".xsd":         "application/xml",
	".xsl":         "text/xsl",
	".zip":         "application/zip",
}

// contentType is the media type of a file of p, with the charset if it is text that shows to be UTF-8. Other text
// stays without: a charset would override what an old page declares of itself, and what its scripts inherit from it.
func contentType(p fs.FS, name string) (string, error) {
	t := mediaType(name)
	if !strings.HasPrefix(t, "text/") {
		return t, nil
	}
	f, err := p.Open(name)
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", name, err)
	}
	defer func() { _ = f.Close() }() // it is only read
	is, err := isUTF8(f)
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", name, err)
	}
	if is {
		t += "; charset=utf-8"
	}
	return t, nil
}

// isUTF8: valid, and more than ASCII. Text in another encoding is hardly ever valid.
func isUTF8(r io.Reader) (bool, error) {
	buffer, more := make([]byte, 32<<10), false
	for kept := 0; ; {
		n, err := r.Read(buffer[kept:])
		rest := buffer[:kept+n]
		for len(rest) > 0 {
			if rest[0] < utf8.RuneSelf {
				rest = rest[1:]
				continue
			}
			more = true
			if !utf8.FullRune(rest) && err == nil {
				break // the next Read has the rest of it
			}
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				return false, nil
			}
			rest = rest[size:]
		}
		kept = copy(buffer, rest)
		switch {
		case errors.Is(err, io.EOF):
			return more, nil
		case err != nil:
			return false, err
		}
	}
}

// mediaType is told by the end of a file's name; application/octet-stream if that says nothing.
func mediaType(name string) string {
	if t := mediaTypes[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return "application/octet-stream"
}

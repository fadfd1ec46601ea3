package objectstore

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxKeyBytes is the longest key, the prefix of Options included: what Amazon S3 takes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const MaxKeyBytes = 1024

// MaxBytes is the largest object, about 78 GiB: what a multipart upload holds.
const MaxBytes = maxParts * partBytes

// ErrBadKey is the answer for a key that no adapter takes.
var ErrBadKey = errors.New("object store: bad key")

// CheckKey says whether key may name an object: slash-separated segments of UTF-8 without control characters, none of
// them empty, "." or "..", MaxKeyBytes at most. The error is ErrBadKey with the reason.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: it is empty; give slash-separated segments", ErrBadKey)
	case len(key) > MaxKeyBytes:
		return fmt.Errorf("%w: it has %d bytes; at most %d can be stored", ErrBadKey, len(key), MaxKeyBytes)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w %q: it is not UTF-8", ErrBadKey, key)
	case strings.ContainsFunc(key, unfit):
		return fmt.Errorf("%w %q: it has a control character, which lists of objects cannot carry", ErrBadKey, key)
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch segment {
		case "":
			return fmt.Errorf("%w %q: it has an empty segment; no slash at either end, and no two in a row", ErrBadKey, key)
		case ".", "..":
			return fmt.Errorf("%w %q: it has the segment %q, which is a direction and no name", ErrBadKey, key, segment)
		}
	}
	return nil
}

// unfit: S3 speaks XML 1.0, which has no way to write these.
func unfit(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff }

// checkPrefix takes a key, or a key and a slash.
func checkPrefix(prefix string) error { return CheckKey(strings.TrimSuffix(prefix, "/")) }

// checkPart takes what Get takes for an offset and a length.
func checkPart(offset, length int64) error {
	if offset < 0 || length < -1 {
		return fmt.Errorf("%w: offset %d and length %d; neither is negative, but for length −1, to the end", ErrRange, offset, length)
	}
	return nil
}

// checkBody takes what Put and PresignPut take besides the key.
func checkBody(size int64) error {
	if size < 0 || size > MaxBytes {
		return fmt.Errorf("object store: a size of %d bytes; 0 to %d", size, int64(MaxBytes))
	}
	return nil
}

// defaultType is the type of what has none.
const defaultType = "application/octet-stream"

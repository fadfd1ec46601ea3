// Package strictjson is encoding/json for bodies that strangers send.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Deepest is how many objects and lists may be nested.
const Deepest = 32

// Unfit says why text should not be decoded, or "". encoding/json is milder: it replaces bytes that are no UTF-8, and goes
// 10,000 levels deep.
func Unfit(text []byte) string {
	if !utf8.Valid(text) {
		return "the body is no UTF-8"
	}
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > Deepest {
				return fmt.Sprintf("the body is nested over %d levels deep", Deepest)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return ""
}

// HoldsNUL says whether a string in text has an escaped NUL; PostgreSQL stores none in a text. After an even number of
// backslashes the u is no escape.
func HoldsNUL(text []byte) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(`\u0000`))
		if i < 0 {
			return false
		}
		at += i
		backslashes := 1
		for at-backslashes >= 0 && text[at-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 1 {
			return true
		}
		at++
	}
}

// Decode decodes one value and refuses fields that v does not have, and anything behind the value.
func Decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("json: there is more after the value")
	}
	return nil
}

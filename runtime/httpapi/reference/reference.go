// Package reference is the page for people that says what the API does: made of the OpenAPI document when the service starts, so
// that it says the same. It is plain HTML without a script.
package reference

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style []byte

// Problem is a kind of problem that the page explains.
type Problem struct {
	Name, Means, Do string
	Status          int
}

// policy: the page's own style, and nothing else.
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// StylePath is where the page's style is, below the page.
const StylePath = "/style.css"

// New makes the handlers of the page, at path, and of its style, at path + StylePath.
func New(path string, openapi []byte, problems []Problem) (page, css http.Handler, err error) {
	var d document
	if err := json.Unmarshal(openapi, &d); err != nil {
		return nil, nil, fmt.Errorf("reference: read the OpenAPI document: %w", err)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"text": paragraphs, "inline": inline}).Parse(pageText)
	if err != nil {
		return nil, nil, fmt.Errorf("reference: the template: %w", err)
	}
	var out bytes.Buffer
	view := struct {
		*document
		Style    string
		Chapters []chapter
		Hooks    []call
		Problems []Problem
	}{&d, path + StylePath, d.chapters(), d.hooks(), problems}
	if err := t.Execute(&out, view); err != nil {
		return nil, nil, fmt.Errorf("reference: make the page: %w", err)
	}
	return serve(out.Bytes(), "text/html; charset=utf-8"), serve(style, "text/css; charset=utf-8"), nil
}

// serve answers with a text that stays as it is while the process lives.
func serve(text []byte, kind string) http.Handler {
	sum := sha256.Sum256(text)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	})
}

type chapter struct {
	Name, Description string
	Calls             []call
}

// call is an operation as the page shows it.
type call struct {
	*operation
	Method, Path string

	Params       []field
	Sent         []field
	Answered     []field
	Command      string // an example for a shell
	Body         string // example of what a webhook gets
	Answer       string // example
	AnswerStatus string
	Outcomes     []outcome
}

type outcome struct{ Code, Text string }

// chapters are the operations by tag, in the document's order of tags.
func (d *document) chapters() (list []chapter) {
	for _, tag := range d.Tags {
		c := chapter{Name: tag.Name, Description: tag.Description}
		paths := sorted(d.Paths)
		slices.SortStableFunc(paths, func(a, b string) int { // those of the chapter's own path first
			own := "/" + tag.Name
			return strings.Compare(strconv.FormatBool(!strings.Contains(a, own)), strconv.FormatBool(!strings.Contains(b, own)))
		})
		for _, path := range paths {
			for _, method := range []string{"get", "post", "put", "patch", "delete"} {
				if o := d.Paths[path][method]; o != nil && slices.Contains(o.Tags, tag.Name) {
					c.Calls = append(c.Calls, d.call(strings.ToUpper(method), path, o))
				}
			}
		}
		if len(c.Calls) > 0 {
			list = append(list, c)
		}
	}
	return list
}

func (d *document) hooks() (list []call) {
	for _, name := range sorted(d.Webhooks) {
		if o := d.Webhooks[name]["post"]; o != nil {
			c := d.call("POST", name, o)
			c.Body, _ = o.RequestBody.example()
			c.Sent = d.fields(firstSchema(o.RequestBody), "always")
			list = append(list, c)
		}
	}
	return list
}

func (d *document) call(method, path string, o *operation) call {
	c := call{operation: o, Method: method, Path: path}
	for _, p := range o.Parameters {
		f := field{Name: p.Name, Type: p.In + ": " + d.typeOf(p.Schema),
			Text: strings.TrimSpace(p.Description + " " + d.text(&schema{
				Enum: p.Schema.Enum, Default: p.Schema.Default, Minimum: p.Schema.Minimum, Maximum: p.Schema.Maximum, MaxLength: p.Schema.MaxLength, Items: p.Schema.Items,
			}))}
		if p.Required {
			f.Must = required
		}
		c.Params = append(c.Params, f)
	}
	if o.RequestBody != nil {
		c.Sent = d.fields(firstSchema(o.RequestBody), required)
	}
	for _, code := range sorted(o.Responses) {
		r := o.Responses[code]
		if r.Description != "" {
			c.Outcomes = append(c.Outcomes, outcome{code, r.Description})
		}
		if code[0] == '2' && c.AnswerStatus == "" {
			c.AnswerStatus = code
			if len(r.Content) > 0 {
				c.Answered = d.fields(firstSchema(r), "always")
				c.Answer, _ = r.example()
			}
		}
	}
	c.Command = d.command(c)
	return c
}

func firstSchema(b *body) *schema {
	for _, m := range b.Content {
		if m.Schema != nil {
			return m.Schema
		}
	}
	return &schema{}
}

// command is how the example is sent from a shell, with the address and the key in variables.
func (d *document) command(c call) string {
	path := c.Path
	for _, p := range c.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(p.Example))
		}
	}
	secret := "$KEY"
	for _, s := range c.Security {
		if _, ok := s["session"]; ok {
			secret = "$SESSION"
		}
	}
	text := `curl "$LECTERN` + path + `" \` + "\n  -H \"Authorization: Bearer " + secret + `"`
	if c.Method != http.MethodGet && (c.Method != http.MethodPost || c.RequestBody == nil) {
		text = strings.Replace(text, "curl ", "curl -X "+c.Method+" ", 1)
	}
	if c.RequestBody != nil {
		switch example, kind := c.RequestBody.example(); {
		case kind != "application/json":
			text += ` -H "Content-Type: ` + kind + `" \` + "\n  --data-binary @package.zip"
		case example != "":
			text += ` \` + "\n  --json '" + example + "'"
		}
	}
	return text
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// paragraphs is a text with blank lines and `code` as HTML.
func paragraphs(s string) template.HTML {
	var out strings.Builder
	for _, p := range strings.Split(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out.WriteString("<p>" + string(inline(p)) + "</p>\n")
		}
	}
	return template.HTML(out.String()) //nolint:gosec // inline has escaped the text
}

// inline is a text with `code` as HTML.
func inline(s string) template.HTML {
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		text := template.HTMLEscapeString(part)
		if i%2 == 1 {
			text = "<code>" + text + "</code>"
		}
		out.WriteString(text)
	}
	return template.HTML(out.String()) //nolint:gosec // it was escaped above
}

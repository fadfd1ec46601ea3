package httpapi_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

const documentURL = "https://lectern.invalid/openapi.json"

// document is the OpenAPI document that the service serves.
type document struct {
	whole, paths, responses map[string]any // responses are those of the components
	compiler                *jsonschema.Compiler
	schemas                 map[string]*jsonschema.Schema
}

var (
	documentsMu sync.Mutex
	documents   = map[*service]*document{}
)

func documentOf(s *service) *document {
	documentsMu.Lock()
	defer documentsMu.Unlock()
	if d := documents[s]; d != nil {
		return d
	}
	answer, err := http.Get(s.base + "/api/v1/openapi.json")
	require.NoError(s.t, err)
	defer answer.Body.Close()
	parsed, err := jsonschema.UnmarshalJSON(answer.Body)
	require.NoError(s.t, err)
	whole := parsed.(map[string]any)
	d := &document{whole: whole, paths: whole["paths"].(map[string]any), responses: whole["components"].(map[string]any)["responses"].(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	require.NoError(s.t, d.compiler.AddResource(documentURL, parsed))
	documents[s] = d
	return d
}

// template is the path of the document that a path belongs to, or "".
func (d *document) template(path string) string {
	parts := strings.Split(path, "/")
	for template := range d.paths {
		segments := strings.Split(template, "/")
		fits := len(segments) == len(parts)
		for i := 0; fits && i < len(parts); i++ {
			fits = segments[i] == parts[i] || strings.HasPrefix(segments[i], "{")
		}
		if fits {
			return template
		}
	}
	return ""
}

// checkAgainstDocument: every answer has a status, a content type and a body that the document allows for the operation.
func checkAgainstDocument(s *service, r *http.Request, got reply) {
	s.t.Helper()
	d := documentOf(s)
	template := d.template(r.URL.Path)
	methods, _ := d.paths[template].(map[string]any)
	operation, ok := methods[strings.ToLower(r.Method)].(map[string]any)
	if !ok {
		return // no operation: 404 or 405
	}
	if got.status < 300 {
		documentsMu.Lock()
		called[strings.ToLower(r.Method)+" "+template] = true
		documentsMu.Unlock()
	}
	responses := operation["responses"].(map[string]any)
	code := strconv.Itoa(got.status)
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	at := "/paths/" + escape.Replace(template) + "/" + strings.ToLower(r.Method) + "/responses/" + code
	if responses[code] == nil {
		require.GreaterOrEqual(s.t, got.status, 400, "%s %s: success with an undocumented status %d", r.Method, template, got.status)
		code = code[:1] + "XX"
		at = strings.TrimPrefix(responses[code].(map[string]any)["$ref"].(string), "#")
		responses = d.responses
		code = at[strings.LastIndex(at, "/")+1:]
	}
	content, _ := responses[code].(map[string]any)["content"].(map[string]any)
	if len(content) == 0 {
		require.Empty(s.t, got.text, "%s %s %s", r.Method, template, code)
		return
	}
	media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	require.Contains(s.t, content, media, "%s %s %s", r.Method, template, code)
	if !strings.HasSuffix(media, "json") {
		return
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(got.text)))
	require.NoError(s.t, err, got.text)
	require.NoError(s.t, d.validate(at+"/content/"+escape.Replace(media)+"/schema", body), "%s %s %s: %s", r.Method, template, code, got.text)
}

// validate checks a value against the schema at a JSON pointer of the document.
func (d *document) validate(at string, value any) error {
	documentsMu.Lock()
	defer documentsMu.Unlock()
	schema := d.schemas[at]
	if schema == nil {
		var err error
		if schema, err = d.compiler.Compile(documentURL + "#" + at); err != nil {
			return err
		}
		d.schemas[at] = schema
	}
	return schema.Validate(value)
}

// called are the operations that have succeeded in some test.
var called = map[string]bool{}

func TestTheDocumentDescribesEveryOperation(t *testing.T) {
	s := newService(t)
	answer := s.with("").send("GET", "/api/v1/openapi.json", nil).is(200)
	require.Equal(t, "application/openapi+json", answer.header.Get("Content-Type"))
	require.Contains(t, answer.text, `"openapi":"3.1.0"`)
	require.Contains(t, answer.text, `"version":"1.0.0"`)
	s.with("").send("GET", "/api/v1/openapi.json", nil, "If-None-Match", answer.header.Get("ETag")).is(304)

	d := documentOf(s)
	ids := map[string]bool{}
	chapters := map[any]bool{}
	for _, tag := range d.whole["tags"].([]any) {
		chapters[tag.(map[string]any)["name"]] = true
	}
	for path, methods := range d.paths {
		for method, operation := range methods.(map[string]any) {
			o := operation.(map[string]any)
			require.NotEmpty(t, o["summary"], "%s %s", method, path)
			require.Regexp(t, "scope|session|Any key", o["description"], "%s %s: who may call it", method, path)
			for _, tag := range o["tags"].([]any) {
				require.Contains(t, chapters, tag, "%s %s: name the tag in tagTexts", method, path)
			}
			require.NotEmpty(t, o["operationId"], "%s %s", method, path)
			require.False(t, ids[o["operationId"].(string)], "%s twice", o["operationId"])
			ids[o["operationId"].(string)] = true
			require.NotEmpty(t, o["security"], "%s %s is open to everybody", method, path)
			if b, ok := o["requestBody"].(map[string]any); ok {
				for media, content := range b["content"].(map[string]any) {
					checkStrict(t, d, method+" "+path+" "+media, content.(map[string]any)["schema"].(map[string]any))
				}
			}
		}
	}
	require.GreaterOrEqual(t, len(ids), 35)
	for name, schema := range d.whole["components"].(map[string]any)["schemas"].(map[string]any) {
		if regexp.MustCompile("^(Sequencing|Activity$|AU$|CompletionThreshold$|Objective$|SharedData$|Structure$)").MatchString(name) {
			continue // what packages say of themselves, in the words of the standards
		}
		properties, _ := schema.(map[string]any)["properties"].(map[string]any)
		for field, p := range properties {
			require.NotEmpty(t, p.(map[string]any)["description"], "%s.%s: say what it is, with doc: or in fieldTexts", name, field)
		}
	}
}

// checkStrict: objects that are sent to us refuse fields they do not have.
func checkStrict(t *testing.T, d *document, where string, schema map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		compiled, err := d.compiler.Compile(documentURL + ref)
		require.NoError(t, err)
		require.Equal(t, false, compiled.AdditionalProperties, "%s: %s takes unknown fields", where, ref)
	}
}

// exampleOf is the example of a body in JSON or CSV, its schema's place, and whether there is such a body.
func exampleOf(at string, body any) (example any, schema string, ok bool) {
	content, _ := body.(map[string]any)["content"].(map[string]any)
	for media, m := range content {
		if media != "application/zip" {
			escape := strings.NewReplacer("/", "~1")
			return m.(map[string]any)["example"], at + "/content/" + escape.Replace(media) + "/schema", true
		}
	}
	return nil, "", false
}

func TestEveryOperationHasExamplesThatAreValid(t *testing.T) {
	d := documentOf(newService(t))
	escape := strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D")
	check := func(at string, body any) {
		example, schema, ok := exampleOf(at, body)
		if ok {
			require.NotNil(t, example, "%s: give the operation an example, in examples.go", at)
			require.NoError(t, d.validate(schema, example), at)
		}
	}
	for _, part := range []string{"paths", "webhooks"} {
		for path, methods := range d.whole[part].(map[string]any) {
			for method, operation := range methods.(map[string]any) {
				o, at := operation.(map[string]any), "/"+part+"/"+escape.Replace(path)+"/"+method
				if b, ok := o["requestBody"]; ok {
					check(at+"/requestBody", b)
				}
				for code, r := range o["responses"].(map[string]any) {
					if code[0] == '2' {
						check(at+"/responses/"+code, r)
					}
				}
				for i, p := range parameters(o) {
					if p["in"] == "path" {
						require.NoError(t, d.validate(at+"/parameters/"+strconv.Itoa(i)+"/schema", p["example"]), "%s %s", at, p["name"])
					}
				}
			}
		}
	}
	for name, r := range d.responses {
		check("/components/responses/"+name, r)
	}
}

func parameters(operation map[string]any) (list []map[string]any) {
	all, _ := operation["parameters"].([]any)
	for _, p := range all {
		list = append(list, p.(map[string]any))
	}
	return list
}

package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const documentText = `Courses, learners' registrations and attempts, launch links, webhooks and keys of one tenant.

Requests carry a key: ` + "`Authorization: Bearer lk_…`" + `. A key has scopes; each operation says which one it needs.

A POST with an ` + "`Idempotency-Key`" + ` may be repeated for a day: the repetition is answered as the first was.

Lists come newest first, in pages: send ` + "`next`" + ` as ` + "`after`" + `, or follow the Link header, until there is none.

Answers may get new fields; bodies that are sent may hold no field that is not described here.

Errors are problem details (RFC 9457); switch on ` + "`type`" + `, show ` + "`detail`" + ` to people, and name ` + "`instance`" + ` when asking about one.

Every answer has an X-Request-Id, which the log of the service has too.`

// tagTexts are the chapters of the document, in order.
var tagTexts = []*huma.Tag{
	{Name: "courses", Description: "What learners register for, and the versions that imports made of it."},
	{Name: "imports", Description: "How a package becomes a version of a course: begin, upload, complete, look at the report."},
	{Name: "registrations", Description: "Learners signed up for courses, their attempts, and what was tracked of them."},
	{Name: "launches", Description: "Links that open a course, once each."},
	{Name: "erasing", Description: "Deleting courses and results, what is kept of a learner as a file, erasing a learner, and for how long results are kept."},
	{Name: "webhooks", Description: "Addresses that events are posted to, so that nobody needs to ask again and again."},
	{Name: "keys", Description: "Keys of this API."},
	{Name: "usage", Description: "How much there is of the tenant."},
	{Name: "player", Description: "What the player sends from the learner's browser. It has a session instead of a key."},
}

// finishDocument adds what is the same for all operations, their examples, and the webhooks.
func finishDocument(o *huma.OpenAPI) {
	o.Info.Description = documentText
	o.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	o.Tags = tagTexts
	describeProblems(o)
	for _, op := range operationsOf(o) {
		op.Description = strings.TrimSpace(op.Description + " " + whoMay(op))
		delete(op.Responses, "default")
		for code, r := range op.Responses { // huma adds some of those that an operation may be refused with
			if code[0] >= '4' && !saysMore(r) {
				delete(op.Responses, code)
			}
		}
		op.Responses["4XX"] = &huma.Response{Ref: "#/components/responses/Refused"}
		op.Responses["5XX"] = &huma.Response{Ref: "#/components/responses/Failed"}
		for code, r := range op.Responses {
			if r.Description == "" || r.Description == http.StatusText(http.StatusOK) {
				r.Description = responseTexts[code]
			}
		}
		for _, p := range op.Parameters {
			keepToJSONSchema(p.Schema)
			if p.Description == "" && p.In == "path" {
				p.Description = pathTexts[p.Name]
			}
		}
		addExample(op)
	}
	addWebhookDocument(o)
	for name, s := range o.Components.Schemas.Map() {
		keepToJSONSchema(s)
		describeFields(name, s)
	}
}

// keepToJSONSchema takes out what only huma knows; it has made its messages of it by now.
func keepToJSONSchema(s *huma.Schema) {
	if s == nil {
		return
	}
	s.PatternDescription = ""
	keepToJSONSchema(s.Items)
	for _, p := range s.Properties {
		keepToJSONSchema(p)
	}
}

var pathTexts = map[string]string{"id": "Of what it is about.", "number": "Of the version."}

var responseTexts = map[string]string{"200": "What was asked for", "201": "It was made", "202": "It was taken, and is done soon", "204": "It was done; there is nothing to say"}

// operationsOf are all operations of the document, by path and method.
func operationsOf(o *huma.OpenAPI) (list []*huma.Operation) {
	var paths []string
	for path := range o.Paths {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		p := o.Paths[path]
		for _, op := range []*huma.Operation{p.Get, p.Post, p.Put, p.Patch, p.Delete} {
			if op != nil {
				list = append(list, op)
			}
		}
	}
	return list
}

// saysMore is of a problem that has fields of its own.
func saysMore(r *huma.Response) bool {
	m := r.Content["application/problem+json"]
	return m != nil && m.Schema != nil && !strings.HasSuffix(m.Schema.Ref, "/ErrorModel")
}

// whoMay says what a caller needs, from the operation's security.
func whoMay(op *huma.Operation) string {
	for _, s := range op.Security {
		if scopes, ok := s[schemeKey]; ok {
			if len(scopes) == 0 {
				return "Any key will do."
			}
			return "Needs a key with the scope `" + strings.Join(scopes, "` and `") + "`."
		}
	}
	return "Needs the session of a launch, which no key replaces."
}

// describeProblems makes the schema say what problems are, and the two responses that operations refer to.
func describeProblems(o *huma.OpenAPI) {
	schema := o.Components.Schemas.Schema(reflect.TypeFor[huma.ErrorModel](), true, "")
	p := o.Components.Schemas.SchemaFromRef(schema.Ref)
	p.Description = "Problem details (RFC 9457)."
	p.Required = []string{"detail", "status", "title", "type"}
	kind := p.Properties["type"]
	kind.Default, kind.Examples, kind.Format = nil, nil, "uri-reference"
	kind.Description = "What kind of problem this is, to switch on. Opened in a browser it leads to what it means and what to do. More kinds may come."
	jump := o.Components.Schemas.SchemaFromRef(o.Components.Schemas.Schema(reflect.TypeFor[jumpProblem](), true, "").Ref)
	jump.Properties["type"] = kind
	for _, t := range ProblemTypes() {
		kind.Enum = append(kind.Enum, t)
	}
	p.Properties["title"].Examples, p.Properties["status"].Examples, p.Properties["detail"].Examples = nil, nil, nil
	p.Properties["instance"].Examples = nil
	p.Properties["instance"].Description = "The id of the request; the log of the service has it too."
	p.Properties["errors"].Description = "What is wrong with which value; all at once."
	detail := o.Components.Schemas.SchemaFromRef(p.Properties["errors"].Items.Ref)
	delete(detail.Properties, "value") // never told, see finishProblem
	problem := func(text string, k problemKind, said string) *huma.Response {
		e := problemFor(k, said)
		e.Instance = "urn:lectern:request:01JH7V8V3K5QW2Q8R3ZC6N4T9D"
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema, Example: plain(e)}}}
	}
	o.Components.Responses = map[string]*huma.Response{
		"Refused": problem("It was refused, and nothing was changed", kindNamed("not-found"), "there is no such course"),
		"Failed":  problem("It could not be done now; try again", kindNamed("unavailable"), "the database does not answer; try again"),
	}
}

// plain is v as JSON has it, so that an example shows what is sent and not what Go has.
func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic("httpapi: an example: " + err.Error()) // it is made of our own types
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic("httpapi: an example: " + err.Error())
	}
	return out
}

// Document is the OpenAPI document of a service at publicURL, without the service.
func Document(publicURL string) []byte {
	a := &api{Engine: Engine{PublicURL: publicURL, Limits: Limits{}.orDefaults()}}
	return a.describe(http.NewServeMux())
}

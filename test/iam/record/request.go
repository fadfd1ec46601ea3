package record

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// request is a request to AWS, taken apart.
type request struct {
	service   string // of the signature
	operation string // as the API names it
	form      url.Values
	json      map[string]any
	body      []byte
	bucket    string // S3
	object    string // S3: key
	arn       string // of the path, where the API has one there
	versioned bool   // S3: one version of an object
}

// scope is Credential=KEY/DATE/REGION/SERVICE/aws4_request; without REGION where the signature is for all (SigV4A).
var scope = regexp.MustCompile(`Credential=([^/]+)/\d{8}/(?:[^/,]+/)?([^/,]+)/aws4_request`)

// Signed is the access key with which a request is signed, and the service of its signature; empty if it is not signed.
func Signed(r *http.Request) (key, service string) {
	text := r.Header.Get("Authorization")
	if credential := r.URL.Query().Get("X-Amz-Credential"); credential != "" {
		text = "Credential=" + credential
	}
	found := scope.FindStringSubmatch(text)
	if found == nil {
		return "", ""
	}
	return found[1], found[2]
}

// parse takes a request apart by the protocol of its service: S3, AWS JSON, AWS Query or REST.
func parse(r *http.Request, body []byte) (request, error) {
	_, service := Signed(r)
	q := request{service: service, body: body}
	switch {
	case service == "":
		return q, fmt.Errorf("is not signed: %s %s%s", r.Method, r.Host, r.URL.Path)
	case service == "s3":
		return q.s3(r)
	case service == "cloudfront-keyvaluestore":
		return q.keyValueStore(r)
	case r.Header.Get("X-Amz-Target") != "":
		return q.awsJSON(r.Header.Get("X-Amz-Target"))
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") == "" {
		return q, fmt.Errorf("is in no protocol that is known: %s %s%s, signed for %s", r.Method, r.Host, r.URL.Path, service)
	}
	q.form, q.operation = form, form.Get("Action")
	return q, nil
}

func (q request) text(name string) string {
	text, _ := q.json[name].(string)
	return text
}

// keyValueStore has the store's ARN in the path.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations_Amazon_CloudFront_KeyValueStore.html
func (q request) keyValueStore(r *http.Request) (request, error) {
	path, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/key-value-stores/"))
	if err != nil {
		return q, err
	}
	arn, keys := strings.CutSuffix(path, "/keys")
	q.arn = arn
	switch {
	case r.Method == http.MethodGet && !keys:
		q.operation = "DescribeKeyValueStore"
	case r.Method == http.MethodGet:
		q.operation = "ListKeys"
	case r.Method == http.MethodPost && keys:
		q.operation = "UpdateKeys"
	default:
		q.operation = r.Method + " " + r.URL.Path
	}
	return q, nil
}

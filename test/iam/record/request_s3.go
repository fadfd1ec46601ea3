package record

import (
	"net/http"
	"strings"
)

// s3 reads bucket, key and operation from host, path, method and query.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
func (q request) s3(r *http.Request) (request, error) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host, _, _ := strings.Cut(r.Host, ":")
	if bucket, _, virtual := strings.Cut(host, ".s3."); virtual {
		q.bucket, q.object = bucket, path
	} else {
		q.bucket, q.object, _ = strings.Cut(path, "/")
	}
	query := r.URL.Query()
	q.versioned = query.Has("versionId")
	if q.object == "" {
		q.operation = bucketOperation(r.Method, query.Has)
	} else {
		q.operation = objectOperation(r, query.Has)
	}
	return q, nil
}

func bucketOperation(method string, has func(string) bool) string {
	switch {
	case method == http.MethodHead:
		return "HeadBucket"
	case method == http.MethodGet && has("list-type"):
		return "ListObjectsV2"
	case method == http.MethodPost && has("delete"):
		return "DeleteObjects"
	default:
		return method + " on a bucket"
	}
}

func objectOperation(r *http.Request, has func(string) bool) string {
	part, upload, uploads := has("partNumber"), has("uploadId"), has("uploads")
	switch {
	case r.Header.Get("X-Amz-Copy-Source") != "" || has("tagging") || has("acl") || has("attributes"):
		return r.Method + " ?" + r.URL.RawQuery // no operation that is known
	case r.Method == http.MethodHead:
		return "HeadObject"
	case r.Method == http.MethodGet && upload:
		return "ListParts"
	case r.Method == http.MethodGet:
		return "GetObject"
	case r.Method == http.MethodPut && part:
		return "UploadPart"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodPost && uploads:
		return "CreateMultipartUpload"
	case r.Method == http.MethodPost && upload:
		return "CompleteMultipartUpload"
	case r.Method == http.MethodDelete && upload:
		return "AbortMultipartUpload"
	case r.Method == http.MethodDelete:
		return "DeleteObject"
	default:
		return r.Method + " on an object"
	}
}

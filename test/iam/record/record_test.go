package record

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

func testNames(t *testing.T) Names {
	t.Helper()
	n, err := FromConfig(contract.Config{
		Client: "demo", Region: "eu-west-1",
		ObjectStore: contract.ObjectStore{Bucket: "content-1a2b"},
		Queue:       contract.Queue{URL: "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-1a2b"},
		Signing:     contract.Signing{SecretARN: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:signing-AbCdEf"},
		Secrets:     map[string]string{"app": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-AbCdEf"},
		Edge:        contract.Edge{KeyValueStoreARN: "arn:aws:cloudfront::111122223333:key-value-store/0a1b"},
	})
	require.NoError(t, err)
	return n
}

func signed(method, url, service, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=KEY/20261127/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func ask(t *testing.T, r *http.Request, body string) ([]Call, error) {
	t.Helper()
	q, err := parse(r, []byte(body))
	if err != nil {
		return nil, err
	}
	return testNames(t).calls(q)
}

func TestRequestsBecomeQuestions(t *testing.T) {
	const virtual, local = "https://content-1a2b.s3.eu-west-1.amazonaws.com", "http://localhost:5000/content-1a2b"
	for name, c := range map[string]struct {
		request  *http.Request
		body     string
		action   string
		resource string
	}{
		"virtual host":  {signed("GET", virtual+"/content/acme/1/index.html", "s3", ""), "", "s3:GetObject", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
		"path":          {signed("PUT", local+"/uploads/acme/1", "s3", ""), "", "s3:PutObject", "arn:aws:s3:::${objectStore.bucket}/uploads/${rest}"},
		"one version":   {signed("GET", local+"/content/a?versionId=1", "s3", ""), "", "s3:GetObjectVersion", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
		"part":          {signed("PUT", local+"/content/a?partNumber=1&uploadId=2", "s3", ""), "", "s3:PutObject", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
		"given up":      {signed("DELETE", local+"/content/a?uploadId=2", "s3", ""), "", "s3:AbortMultipartUpload", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
		"list":          {signed("GET", local+"?list-type=2", "s3", ""), "", "s3:ListBucket", "arn:aws:s3:::${objectStore.bucket}"},
		"many":          {signed("POST", local+"?delete", "s3", ""), "<Delete><Object><Key>content/a/b</Key></Object></Delete>", "s3:DeleteObject", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
		"JSON":          {signed("POST", "http://sqs", "sqs", "", "X-Amz-Target", "AmazonSQS.SendMessage"), `{"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-1a2b"}`, "sqs:SendMessage", "arn:aws:sqs:${region}:${account}:${queue.name}"},
		"secret":        {signed("POST", "http://sm", "secretsmanager", "", "X-Amz-Target", "secretsmanager.GetSecretValue"), `{"SecretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-AbCdEf"}`, "secretsmanager:GetSecretValue", "${secrets.app}"},
		"Query":         {signed("POST", "http://as", "autoscaling", ""), "Action=DescribeAutoScalingInstances", "autoscaling:DescribeAutoScalingInstances", "*"},
		"REST":          {kvs("GET", "/key-value-stores/arn%3Aaws%3Acloudfront%3A%3A111122223333%3Akey-value-store%2F0a1b/keys"), "", "cloudfront-keyvaluestore:ListKeys", "${edge.keyValueStoreArn}"},
		"presigned":     {httptest.NewRequest("PUT", local+"/uploads/a/b?X-Amz-Credential=KEY%2F20261127%2Feu-west-1%2Fs3%2Faws4_request", nil), "", "s3:PutObject", "arn:aws:s3:::${objectStore.bucket}/uploads/${rest}"},
		"HEAD of a key": {signed("HEAD", local+"/content/a/b", "s3", ""), "", "s3:GetObject", "arn:aws:s3:::${objectStore.bucket}/content/${rest}"},
	} {
		t.Run(name, func(t *testing.T) {
			calls, err := ask(t, c.request, c.body)
			require.NoError(t, err)
			require.Len(t, calls, 1)
			require.Equal(t, c.action, calls[0].Action)
			require.Equal(t, c.resource, calls[0].Resource)
		})
	}
}

// kvs is signed for all regions: the scope has none.
func kvs(method, path string) *http.Request {
	r := httptest.NewRequest(method, "https://111122223333.cloudfront-kvs.global.api.aws"+path, nil)
	r.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=KEY/20261127/cloudfront-keyvaluestore/aws4_request, Signature=0")
	return r
}

// Nothing is dropped: what is not understood is an error.
func TestWhatIsNotKnownIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		request    *http.Request
		body, want string
	}{
		"operation":  {signed("POST", "http://sqs", "sqs", "", "X-Amz-Target", "AmazonSQS.PurgeQueue"), "{}", "sqs:PurgeQueue is an operation that test/iam/record does not know"},
		"service":    {signed("POST", "http://sts", "sts", ""), "Action=AssumeRole", "sts:AssumeRole is an operation"},
		"bucket":     {signed("GET", "http://localhost/other/content/a", "s3", ""), "", `"other" is none of`},
		"secret":     {signed("POST", "http://sm", "secretsmanager", "", "X-Amz-Target", "secretsmanager.GetSecretValue"), `{"SecretId": "x"}`, `"x" is none of`},
		"copy":       {signed("PUT", "http://localhost/content-1a2b/a", "s3", "", "X-Amz-Copy-Source", "/a/b"), "", "does not know"},
		"protocol":   {signed("POST", "http://x", "ssm", ""), "", "is in no protocol that is known"},
		"signature":  {httptest.NewRequest("GET", "http://localhost/content-1a2b/a", nil), "", "is not signed"},
		"not a name": {signed("POST", "http://sqs", "sqs", "", "X-Amz-Target", "AmazonSQS.SendMessage"), `{"QueueUrl": ""}`, `"" is none of`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(t, c.request, c.body)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestCatalogueIsSortedAndHoldsEachCallOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls", "demo-web.json")
	a := Call{Operation: "s3:HeadObject", Action: "s3:GetObject", Resource: "arn:aws:s3:::${artifact.bucket}/${artifact.key}"}
	b := Call{Operation: "elasticfilesystem:ClientMount", Action: "elasticfilesystem:ClientMount", Resource: "*", Context: map[string]string{"k": "v"}}
	require.NoError(t, Catalogue{Who{Client: "demo", Role: "web"}, []Call{a, b, a}}.Save(file))
	read, err := Load(file)
	require.NoError(t, err)
	require.Equal(t, Catalogue{Who{Client: "demo", Role: "web"}, []Call{b, a}}, read)
	require.True(t, read.Has(a))
	b.Context = map[string]string{"k": "other"}
	require.False(t, read.Has(b), "another context is another call")
}

func TestPlaceholdersAreFilled(t *testing.T) {
	n := testNames(t)
	filled, err := n.Fill("arn:aws:sqs:${region}:1:${queue.name}")
	require.NoError(t, err)
	require.Equal(t, "arn:aws:sqs:eu-west-1:1:jobs-1a2b", filled)
	_, err = n.Fill("${database.secretArn}")
	require.ErrorContains(t, err, "${database.secretArn} has no value here")
}

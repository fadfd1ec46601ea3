// Package objectstore is where the runtime keeps files: a bucket of Amazon S3 with the instance's role, one of a store
// that speaks S3 (R2, MinIO, …) with keys from a secret, or a local folder.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lectern/lectern/runtime/secrets"
)

// Options say which bucket and how.
type Options struct {
	Bucket string
	Region string
	// Prefix comes before every key, with a slash between; empty: none.
	Prefix string
	// Endpoint and Keys are for stores other than Amazon S3: requests then go to Endpoint/BUCKET/KEY.
	Endpoint string
	Keys     *secrets.Secret[secrets.Keys]
}

// Store is one bucket.
type Store struct {
	client atomic.Pointer[s3.Client]
	make   func() *s3.Client
	bucket string
	prefix string       // empty, or ends in a slash
	keys   *keyProvider // nil: the role
}

// Open prepares the store. It asks nobody.
func Open(cfg aws.Config, o Options) *Store {
	s := &Store{bucket: o.Bucket}
	if prefix := strings.Trim(o.Prefix, "/"); prefix != "" {
		s.prefix = prefix + "/"
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = awshttp.NewBuildableClient() // the next client has the connections of the one before
	}
	if o.Keys != nil {
		s.keys = &keyProvider{secret: o.Keys}
	}
	s.make = func() *s3.Client { return newClient(cfg, o, s.keys) }
	s.client.Store(s.make())
	return s
}

func newClient(cfg aws.Config, o Options, keys *keyProvider) *s3.Client {
	return s3.NewFromConfig(cfg, func(so *s3.Options) {
		so.Region = o.Region
		so.DisableLogOutputChecksumValidationSkipped = true // a part of an object has none, and that is fine
		if o.Endpoint != "" {
			so.BaseEndpoint = &o.Endpoint
		}
		if so.BaseEndpoint != nil { // ours, or AWS_ENDPOINT_URL: a server that may have no name for each bucket
			so.UsePathStyle = true
			// Many stores do not know the newer default checksums.
			so.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			so.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
		if keys != nil {
			so.Credentials = keys
		}
	})
}

// Ping asks whether the bucket exists and may be used (HeadBucket; needs s3:ListBucket).
func (s *Store) Ping(ctx context.Context) error {
	err := s.ask(func(c *s3.Client) error {
		_, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.bucket})
		return err
	})
	if err != nil {
		return fmt.Errorf("object store: bucket %s: %w", s.bucket, err)
	}
	return nil
}

// ask makes a request. Keys that are refused are read again, and then it is made once more: so it must be one that can
// be made twice.
func (s *Store) ask(request func(*s3.Client) error) error {
	err := request(s.client.Load())
	if s.keys != nil && isForbidden(err) {
		s.keys.refused()
		// The SDK's signer keeps what it derived from a secret key under the key's id alone, and stores such as R2
		// keep the id when a token is rolled. So a new secret needs a new signer.
		s.client.Store(s.make())
		err = request(s.client.Load())
	}
	return noteFull(err)
}

// key is the name in the bucket.
func (s *Store) key(key string) (*string, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	if err := CheckKey(s.prefix + key); err != nil {
		return nil, fmt.Errorf("with the prefix %s: %w", s.prefix, err)
	}
	return new(s.prefix + key), nil
}

// isForbidden: an answer to HEAD has no body, so all there is to see is the status; some stores answer 401.
func isForbidden(err error) bool {
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) {
		return re.HTTPStatusCode() == http.StatusForbidden || re.HTTPStatusCode() == http.StatusUnauthorized
	}
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "Forbidden"
}

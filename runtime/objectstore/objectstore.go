// Package objectstore is the runtime's bucket: Amazon S3 with the instance's role, or a store that speaks S3 (R2,
// MinIO, …) with keys from a secret.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lectern/lectern/runtime/secrets"
)

// Options say which bucket and how.
type Options struct {
	Bucket string
	Region string
	// Endpoint and Keys are for stores other than Amazon S3: requests then go to Endpoint/BUCKET/KEY.
	Endpoint string
	Keys     *secrets.Secret[secrets.Keys]
}

// Store is one bucket.
type Store struct {
	client atomic.Pointer[s3.Client]
	make   func() *s3.Client
	bucket string
	keys   *keyProvider // nil: the role
}

// Open prepares the store. It asks nobody.
func Open(cfg aws.Config, o Options) *Store {
	s := &Store{bucket: o.Bucket}
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

// Ping asks whether the bucket exists and may be used (HeadBucket; needs s3:ListBucket). Keys that are refused are
// read again and tried once more.
func (s *Store) Ping(ctx context.Context) error {
	err := s.head(ctx)
	if s.keys != nil && isForbidden(err) {
		s.keys.refused()
		// The SDK's signer keeps what it derived from a secret key under the key's id alone, and stores such as R2
		// keep the id when a token is rolled. So a new secret needs a new signer.
		s.client.Store(s.make())
		err = s.head(ctx)
	}
	if err != nil {
		return fmt.Errorf("object store: bucket %s: %w", s.bucket, err)
	}
	return nil
}

func (s *Store) head(ctx context.Context) error {
	_, err := s.client.Load().HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.bucket})
	return err
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

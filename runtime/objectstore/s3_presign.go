package objectstore

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxPresigned is how long a signature of version 4 is valid at most.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const maxPresigned = 7 * 24 * time.Hour

// PresignPut implements Port; whoever signed needs s3:PutObject. A browser needs the bucket's permission (CORS) too.
func (s *Store) PresignPut(ctx context.Context, key string, size int64, contentType string, life time.Duration) (Presigned, bool, error) {
	name, err := s.key(key)
	if err != nil {
		return Presigned{}, false, err
	}
	if err := checkBody(size); err != nil {
		return Presigned{}, false, err
	}
	if size == 0 {
		return Presigned{}, false, fmt.Errorf("object store: presign %s: a length of 0 is not signed, so a body of any length would be accepted", key)
	}
	if life < time.Second || life > maxPresigned {
		return Presigned{}, false, fmt.Errorf("object store: presign %s: a life of %s; 1s to %s", key, life, maxPresigned)
	}
	signer := s3.NewPresignClient(s.client.Load(), s3.WithPresignExpires(life), s3.WithPresignClientFromClientOptions(func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired // there is no body yet
	}))
	r, err := signer.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: name, ContentLength: &size, ContentType: new(cmp.Or(contentType, defaultType)),
	})
	if err != nil {
		return Presigned{}, false, fmt.Errorf("object store: presign %s: %w", key, err)
	}
	header := r.SignedHeader.Clone()
	header.Del("Host")
	header.Del("Content-Length")
	return Presigned{Method: r.Method, URL: r.URL, Header: header}, true, nil
}

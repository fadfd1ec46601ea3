package objectstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// DeletePrefix implements Port; needs s3:ListBucket and s3:DeleteObject.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	name, err := s.key(strings.TrimSuffix(prefix, "/"))
	if err != nil {
		return err
	}
	remove := s.deleteOne
	if strings.HasSuffix(prefix, "/") {
		remove = s.deleteBelow
	}
	if err := remove(ctx, *name); err != nil {
		return fmt.Errorf("object store: delete %s: %w", prefix, err)
	}
	return nil
}

func (s *Store) deleteOne(ctx context.Context, name string) error {
	return s.ask(func(c *s3.Client) error {
		_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &name})
		return err
	})
}

// deleteBelow goes through the list page by page; a page is as many as one request may delete (1,000).
func (s *Store) deleteBelow(ctx context.Context, name string) error {
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: new(name + "/")}
	for {
		var page *s3.ListObjectsV2Output
		err := s.ask(func(c *s3.Client) (err error) {
			page, err = c.ListObjectsV2(ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		if err := s.deleteBatch(ctx, page.Contents); err != nil {
			return err
		}
		if !aws.ToBool(page.IsTruncated) {
			return nil
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}

func (s *Store) deleteBatch(ctx context.Context, objects []types.Object) error {
	if len(objects) == 0 {
		return nil
	}
	var batch []types.ObjectIdentifier
	for _, o := range objects {
		batch = append(batch, types.ObjectIdentifier{Key: o.Key})
	}
	var out *s3.DeleteObjectsOutput
	err := s.ask(func(c *s3.Client) (err error) {
		out, err = c.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &s.bucket, Delete: &types.Delete{Objects: batch, Quiet: new(true)},
		}, withContentMD5)
		return err
	})
	if err != nil {
		return err
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		return fmt.Errorf("%d of %d objects stay: %s: %s: %s", len(out.Errors), len(batch), aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message))
	}
	return nil
}

// withContentMD5: this request must have a checksum, and stores that do not know the newer ones want this one.
func withContentMD5(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.AddContentChecksumMiddleware)
}

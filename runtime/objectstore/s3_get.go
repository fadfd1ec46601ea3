package objectstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Get implements Port; needs s3:GetObject.
func (s *Store) Get(ctx context.Context, key string, offset, length int64) (Object, error) {
	name, err := s.key(key)
	if err != nil {
		return Object{}, err
	}
	if err := checkPart(offset, length); err != nil {
		return Object{}, err
	}
	if length == 0 { // which a Range header cannot say
		info, err := s.Stat(ctx, key)
		return Object{Info: info, Body: io.NopCloser(bytes.NewReader(nil))}, err
	}
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: name}
	switch {
	case length > 0:
		in.Range = new(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = new(fmt.Sprintf("bytes=%d-", offset))
	}
	var out *s3.GetObjectOutput
	err = s.ask(func(c *s3.Client) (err error) {
		out, err = c.GetObject(ctx, in)
		return err
	})
	if err != nil {
		return Object{}, readError("get", key, err)
	}
	info := Info{Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType), ETag: aws.ToString(out.ETag), LastModified: aws.ToTime(out.LastModified)}
	if in.Range != nil {
		if info.Size, err = wholeSize(aws.ToString(out.ContentRange)); err != nil {
			out.Body.Close()
			return Object{}, fmt.Errorf("object store: get %s: %w", key, err)
		}
	}
	return Object{Info: info, Body: out.Body}, nil
}

// wholeSize reads "bytes 5-9/100".
func wholeSize(contentRange string) (int64, error) {
	_, size, _ := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("it was asked for a part and answered with Content-Range %q", contentRange)
	}
	return n, nil
}

// Stat implements Port; needs s3:GetObject, and s3:ListBucket so that what is not there is not forbidden instead.
func (s *Store) Stat(ctx context.Context, key string) (Info, error) {
	name, err := s.key(key)
	if err != nil {
		return Info{}, err
	}
	var out *s3.HeadObjectOutput
	err = s.ask(func(c *s3.Client) (err error) {
		out, err = c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: name})
		return err
	})
	if err != nil {
		return Info{}, readError("stat", key, err)
	}
	return Info{Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType), ETag: aws.ToString(out.ETag), LastModified: aws.ToTime(out.LastModified)}, nil
}

// readError: an answer to HEAD has no body, so there the status is the code.
func readError(what, key string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "NoSuchKey", "NotFound":
			return fmt.Errorf("%w: %s", ErrNotFound, key)
		case "InvalidRange":
			return fmt.Errorf("%w: %s", ErrRange, key)
		}
	}
	return fmt.Errorf("object store: %s %s: %w", what, key, err)
}

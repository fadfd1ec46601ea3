package objectstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const (
	// partBytes is the size of all parts of a multipart upload but the last; S3 wants 5 MiB at least, and R2 wants them alike.
	partBytes = 8 << 20
	// maxParts is what S3 takes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
	maxParts = 10_000
	// partsHeld is how many parts one Put holds in memory: one is read while another is sent.
	partsHeld = 2
	// abortLimit is for giving up an upload after the caller's time is over.
	abortLimit = 30 * time.Second
)

// cacheControl is what a CDN tells browsers of a course's files. What is under a key never changes; half a day is as long as
// a launch may last, and with it the grant in the address.
const cacheControl = "max-age=43200, immutable"

// Put implements Port. Bodies are read into memory in pieces of 8 MiB, so that each request can be signed, repeated and
// checked, whatever r is. Needs s3:PutObject and s3:AbortMultipartUpload; a process that dies leaves the parts that it
// sent, which a lifecycle rule of the bucket should remove.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	name, err := s.key(key)
	if err != nil {
		return err
	}
	if err := checkBody(size); err != nil {
		return err
	}
	body, put := newExactly(r, size), s.putParts
	if size <= partBytes {
		put = s.putWhole
	}
	if err := put(ctx, *name, body, cmp.Or(contentType, defaultType)); err != nil {
		return fmt.Errorf("object store: put %s: %w", key, err)
	}
	return nil
}

func (s *Store) putWhole(ctx context.Context, name string, body *exactly, contentType string) error {
	b := make([]byte, body.left)
	if _, err := io.ReadFull(body, b); err != nil {
		return err
	}
	if err := body.end(); !errors.Is(err, io.EOF) {
		return err
	}
	return s.ask(func(c *s3.Client) error {
		_, err := c.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &s.bucket, Key: &name, Body: bytes.NewReader(b), ContentLength: new(int64(len(b))), ContentType: &contentType, CacheControl: new(cacheControl),
		})
		return err
	})
}

func (s *Store) putParts(ctx context.Context, name string, body *exactly, contentType string) error {
	var upload *s3.CreateMultipartUploadOutput
	err := s.ask(func(c *s3.Client) (err error) {
		upload, err = c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: &name, ContentType: &contentType, CacheControl: new(cacheControl)})
		return err
	})
	if err != nil {
		return err
	}
	parts, err := s.sendParts(ctx, name, upload.UploadId, body)
	if err == nil {
		err = s.ask(func(c *s3.Client) error {
			_, err := c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
				Bucket: &s.bucket, Key: &name, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
			})
			return err
		})
	}
	if err != nil {
		return errors.Join(err, s.abort(ctx, name, upload.UploadId))
	}
	return nil
}

// sendParts sends the whole body, and fails if there is more of it.
func (s *Store) sendParts(ctx context.Context, name string, upload *string, body *exactly) ([]types.CompletedPart, error) {
	parts := make([]types.CompletedPart, (body.left+partBytes-1)/partBytes)
	buffers := make(chan []byte, partsHeld)
	for range partsHeld {
		buffers <- make([]byte, partBytes)
	}
	group, ctx := errgroup.WithContext(ctx)
	read := func() error {
		for i := range parts {
			var buffer []byte
			select {
			case buffer = <-buffers:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			part := buffer[:min(partBytes, body.left)]
			if _, err := io.ReadFull(body, part); err != nil {
				return err
			}
			group.Go(func() (err error) {
				parts[i], err = s.sendPart(ctx, name, upload, int32(i+1), part)
				buffers <- buffer
				return err
			})
		}
		if err := body.end(); !errors.Is(err, io.EOF) {
			return err
		}
		return nil
	}
	group.Go(read)
	return parts, group.Wait()
}

func (s *Store) sendPart(ctx context.Context, name string, upload *string, number int32, part []byte) (types.CompletedPart, error) {
	var sent types.CompletedPart
	err := s.ask(func(c *s3.Client) error {
		out, err := c.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &s.bucket, Key: &name, UploadId: upload, PartNumber: &number, Body: bytes.NewReader(part), ContentLength: new(int64(len(part))),
		})
		if err == nil {
			// Amazon S3 wants the checksum that the SDK adds by default again at the end.
			sent = types.CompletedPart{ETag: out.ETag, PartNumber: &number, ChecksumCRC32: out.ChecksumCRC32}
		}
		return err
	})
	return sent, err
}

// abort gives up an upload, also when the reason is that the caller's time is over.
func (s *Store) abort(ctx context.Context, name string, upload *string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortLimit)
	defer cancel()
	err := s.ask(func(c *s3.Client) error {
		_, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &name, UploadId: upload})
		return err
	})
	if err != nil {
		return fmt.Errorf("and the parts that were sent stay: %w", err)
	}
	return nil
}

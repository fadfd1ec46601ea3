package objectstore

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrFull is the answer of a store that has no room left. What was there is still there.
var ErrFull = errors.New("object store: there is no room left")

// noteFull marks an error that says so: of a file system, or 507 Insufficient Storage (RFC 4918 11.5) of a server. Amazon S3 knows none.
func noteFull(err error) error {
	var answer *smithyhttp.ResponseError
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusInsufficientStorage {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

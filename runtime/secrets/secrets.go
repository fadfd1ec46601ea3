// Package secrets reads secrets from AWS Secrets Manager and keeps them until a server refuses them.
//
// Rotation needs no restart: an adapter that is refused with a value says so with Refused, and the next Value reads
// again. Nothing here puts a value into an error or a log.
package secrets

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Source reads the current text of one secret.
type Source func(ctx context.Context) (string, error)

// FromManager reads the current version (AWSCURRENT) of the secret with this ARN.
func FromManager(client *secretsmanager.Client, arn string) Source {
	return func(ctx context.Context) (string, error) {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			return "", fmt.Errorf("read secret %s: %w", arn, err)
		}
		if out.SecretString == nil {
			return "", fmt.Errorf("read secret %s: it is binary; store text", arn)
		}
		return *out.SecretString, nil
	}
}

// DefaultMinAge keeps a really wrong password from turning every connection attempt into a call of Secrets Manager.
const DefaultMinAge = 5 * time.Second

// Secret is one secret, decoded to T, read on first use and again after it was refused.
type Secret[T comparable] struct {
	read   Source
	decode func(string) (T, error)
	minAge time.Duration

	mu      sync.Mutex
	value   T
	readAt  time.Time // zero: never read
	refused bool
}

// New makes a Secret. It is read again at most once per minAge.
func New[T comparable](read Source, decode func(string) (T, error), minAge time.Duration) *Secret[T] {
	return &Secret[T]{read: read, decode: decode, minAge: minAge}
}

// Value is the secret: the one kept, or a fresh one on first use and after Refused.
func (s *Secret[T]) Value(ctx context.Context) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.readAt.IsZero() && (!s.refused || time.Since(s.readAt) < s.minAge) {
		return s.value, nil
	}
	var zero T
	text, err := s.read(ctx)
	if err != nil {
		return zero, err
	}
	value, err := s.decode(text)
	if err != nil {
		return zero, err
	}
	s.value, s.readAt, s.refused = value, time.Now(), false
	return value, nil
}

// Refused says that a server did not accept value. If it is still the one kept, the next Value reads again; if another
// goroutine has meanwhile read a newer one, nothing happens.
func (s *Secret[T]) Refused(value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value == s.value {
		s.refused = true
	}
}

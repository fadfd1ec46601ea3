package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lectern/lectern/runtime/launch"
)

// Settling is how long a new version of the signing secret is known before it signs: until then every instance has read it
// once and published its keys, so that none is asked to check what it cannot.
const Settling = 2 * Interval

// SecretReader is what SigningKeys needs of a *secretsmanager.Client.
type SecretReader interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// SigningKeys are the keys of an instance, derived from the signing secret and read again from time to time. Rotating is adding a
// version to the secret, and nothing else; Secrets Manager moves the labels AWSCURRENT and AWSPREVIOUS:
//
//	AWSCURRENT younger than Settling   the previous version signs, both check
//	                           older   the current one signs, both check
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
type SigningKeys struct {
	client SecretReader
	arn    string
	keys   *launch.Keys
}

// ReadSigningKeys reads the secret for the first time.
func ReadSigningKeys(ctx context.Context, client SecretReader, arn string) (*SigningKeys, error) {
	s := &SigningKeys{client: client, arn: arn}
	var err error
	s.keys, err = s.read(ctx)
	return s, err
}

// Keys are for those who sign and check. They stay up to date.
func (s *SigningKeys) Keys() *launch.Keys { return s.keys }

// Renew reads the secret again. It is what a Publisher takes for its Keys.
func (s *SigningKeys) Renew(ctx context.Context) ([]launch.GrantKey, error) {
	fresh, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	s.keys.Replace(fresh)
	return fresh.GrantKeys(), nil
}

// Run renews every Interval until ctx is done, for instances without a Publisher.
func (s *SigningKeys) Run(ctx context.Context, log *slog.Logger) {
	wait := Interval
	for pause(ctx, wait, wait/10) {
		wait = Interval
		if _, err := s.Renew(ctx); err != nil && ctx.Err() == nil {
			log.Error("the signing secret could not be read again; links of a newer version would be refused", "error", err)
			wait = RetryAfter
		}
	}
}

func (s *SigningKeys) read(ctx context.Context) (*launch.Keys, error) {
	// The current one first: if a rotation comes between, it is read as the previous one too, and no key is missed that
	// was in use before.
	signs, created, err := s.version(ctx, "AWSCURRENT")
	if err != nil {
		return nil, err
	}
	checks, _, err := s.version(ctx, "AWSPREVIOUS")
	var none *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &none) {
		return nil, err
	}
	if len(checks) > 0 && time.Since(created) < Settling {
		signs, checks = checks, signs
	}
	keys, err := launch.NewKeys(signs, checks)
	if err != nil {
		return nil, fmt.Errorf("signing secret %s: %w", s.arn, err)
	}
	return keys, nil
}

func (s *SigningKeys) version(ctx context.Context, stage string) (value []byte, created time.Time, err error) {
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.arn, VersionStage: &stage})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read signing secret %s, version %s: %w", s.arn, stage, err)
	}
	if out.SecretString == nil {
		return nil, time.Time{}, fmt.Errorf("read signing secret %s, version %s: it is binary; store text", s.arn, stage)
	}
	if out.CreatedDate != nil {
		created = *out.CreatedDate
	}
	return []byte(*out.SecretString), created, nil
}

package edge

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lectern/lectern/runtime/launch"
)

// SecretReader is what ReadKeys needs of a *secretsmanager.Client.
type SecretReader interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// ReadKeys derives the keys from the signing secret as it is now (AWSCURRENT), and from what it was before the last rotation
// (AWSPREVIOUS) if there was one. Rotating is adding a version; Secrets Manager moves both labels.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
func ReadKeys(ctx context.Context, client SecretReader, arn string) (*launch.Keys, error) {
	// The current one first: if a rotation comes between, it is read as the previous one too, and no key is missed that
	// was in use before.
	current, err := readVersion(ctx, client, arn, "AWSCURRENT")
	if err != nil {
		return nil, err
	}
	previous, err := readVersion(ctx, client, arn, "AWSPREVIOUS")
	var none *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &none) {
		return nil, err
	}
	keys, err := launch.NewKeys(current, previous)
	if err != nil {
		return nil, fmt.Errorf("signing secret %s: %w", arn, err)
	}
	return keys, nil
}

func readVersion(ctx context.Context, client SecretReader, arn, stage string) ([]byte, error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: &stage})
	if err != nil {
		return nil, fmt.Errorf("read signing secret %s, version %s: %w", arn, stage, err)
	}
	if out.SecretString == nil {
		return nil, fmt.Errorf("read signing secret %s, version %s: it is binary; store text", arn, stage)
	}
	return []byte(*out.SecretString), nil
}

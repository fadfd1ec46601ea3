package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lectern/lectern/runtime/launch"
)

// signingKeys reads the signing secret and the one before it, which is missing until the first rotation. After a rotation the
// instances have to be replaced (an instance refresh), so that all sign with the same one.
func signingKeys(ctx context.Context, manager *secretsmanager.Client, arn string) (*launch.Keys, error) {
	if arn == "" {
		return nil, errors.New("signing.secretArn: is missing; the engine signs launch links with it")
	}
	current, err := readStage(ctx, manager, arn, "AWSCURRENT")
	if err != nil {
		return nil, err
	}
	previous, err := readStage(ctx, manager, arn, "AWSPREVIOUS")
	var missing *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &missing) {
		return nil, err
	}
	return launch.NewKeys(current, previous)
}

func readStage(ctx context.Context, manager *secretsmanager.Client, arn, stage string) ([]byte, error) {
	out, err := manager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: &stage})
	if err != nil {
		return nil, fmt.Errorf("read %s of the signing secret %s: %w", stage, arn, err)
	}
	if out.SecretString == nil {
		return nil, fmt.Errorf("the signing secret %s is binary; store text", arn)
	}
	return []byte(*out.SecretString), nil
}

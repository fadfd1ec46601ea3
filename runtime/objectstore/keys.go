package objectstore

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lectern/lectern/runtime/secrets"
)

// keyProvider hands the keys in the secret to the SDK. The secret keeps them, so the SDK's own cache is not wanted.
type keyProvider struct {
	secret *secrets.Secret[secrets.Keys]
	last   atomic.Pointer[secrets.Keys]
}

// Retrieve implements aws.CredentialsProvider.
func (k *keyProvider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	v, err := k.secret.Value(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	k.last.Store(&v)
	return aws.Credentials{AccessKeyID: v.ID, SecretAccessKey: v.Secret, Source: "lectern object store secret"}, nil
}

func (k *keyProvider) refused() {
	if v := k.last.Load(); v != nil {
		k.secret.Refused(*v)
	}
}

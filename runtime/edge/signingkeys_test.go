package edge_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/edge"
)

const secretARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf"

// versions are a secret's versions by their stage.
type versions map[string]string

func (v versions) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	value, ok := v[*in.VersionStage]
	switch {
	case *in.SecretId != secretARN || !ok:
		return nil, &types.ResourceNotFoundException{}
	case value == "":
		return nil, errors.New("access denied")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &value}, nil
}

func TestReadKeys(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	keys, err := edge.ReadKeys(t.Context(), versions{"AWSCURRENT": a}, secretARN)
	require.NoError(t, err)
	require.Len(t, keys.GrantKeys(), 1, "never rotated")

	rotated, err := edge.ReadKeys(t.Context(), versions{"AWSCURRENT": b, "AWSPREVIOUS": a}, secretARN)
	require.NoError(t, err)
	require.Len(t, rotated.GrantKeys(), 2)
	require.Equal(t, keys.GrantKeys()[0], rotated.GrantKeys()[1])
}

func TestReadKeysSaysWhatFailed(t *testing.T) {
	for want, v := range map[string]versions{
		"AWSCURRENT":   {},
		"AWSPREVIOUS":  {"AWSCURRENT": strings.Repeat("a", 64), "AWSPREVIOUS": ""},
		"has 5 bytes;": {"AWSCURRENT": "short"},
	} {
		_, err := edge.ReadKeys(t.Context(), v, secretARN)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, secretARN)
		require.NotContains(t, err.Error(), "\"short\"")
	}
}

package edge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/edge"
	"github.com/lectern/lectern/runtime/launch"
)

const secretARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf"

// rotatedSecret is a secret with the versions it has had, the newest last.
type rotatedSecret struct {
	values  []string
	created time.Time // of the newest
	refuses string    // this stage
}

func (s *rotatedSecret) rotate(value string) {
	s.values, s.created = append(s.values, value), time.Now()
}

func (s *rotatedSecret) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if *in.VersionStage == s.refuses {
		return nil, errors.New("access denied")
	}
	i := len(s.values) - 1
	if *in.VersionStage == "AWSPREVIOUS" {
		i--
	}
	if *in.SecretId != secretARN || i < 0 {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &s.values[i], CreatedDate: &s.created}, nil
}

func only(t *testing.T, letter string) launch.GrantKey {
	t.Helper()
	k, err := launch.NewKeys([]byte(strings.Repeat(letter, 64)), nil)
	require.NoError(t, err)
	return k.GrantKeys()[0]
}

// Whatever the hour of a rotation, no instance gets to see what it cannot check.
func TestARotationReachesEveryInstanceBeforeItSigns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := &rotatedSecret{}
		secret.rotate(strings.Repeat("a", 64))
		instances := make([]*edge.SigningKeys, 5)
		for i := range instances {
			s, err := edge.ReadSigningKeys(t.Context(), secret, secretARN)
			require.NoError(t, err)
			require.Equal(t, []launch.GrantKey{only(t, "a")}, s.Keys().GrantKeys(), "a secret that was never rotated signs at once")
			instances[i] = s
		}
		secret.rotate(strings.Repeat("b", 64))
		began := time.Now()
		for step := 0; time.Since(began) < 4*edge.Settling; step++ {
			time.Sleep(edge.Interval / time.Duration(len(instances)))
			_, err := instances[step%len(instances)].Renew(t.Context()) // each once an Interval, one after the other
			require.NoError(t, err)
			for _, signer := range instances {
				grant := signer.Keys().SignGrant("x.play.example.com", "acme", "c", time.Now().Add(time.Hour))
				for _, checker := range instances {
					require.NoError(t, checker.Keys().CheckGrant(grant, "x.play.example.com", "acme", "c", time.Now()), "%s after the rotation", time.Since(began))
				}
			}
		}
		for _, s := range instances {
			require.Equal(t, []launch.GrantKey{only(t, "b"), only(t, "a")}, s.Keys().GrantKeys())
		}
	})
}

func TestRunRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := &rotatedSecret{}
		secret.rotate(strings.Repeat("a", 64))
		s, err := edge.ReadSigningKeys(t.Context(), secret, secretARN)
		require.NoError(t, err)
		secret.rotate(strings.Repeat("b", 64))
		ctx, cancel := context.WithTimeout(t.Context(), edge.Settling+2*edge.Interval)
		defer cancel()
		s.Run(ctx, slog.New(slog.DiscardHandler))
		require.Equal(t, only(t, "b"), s.Keys().GrantKeys()[0])

		secret.refuses = "AWSCURRENT"
		var logged bytes.Buffer
		ctx, cancel = context.WithTimeout(t.Context(), edge.Interval*11/10+edge.RetryAfter*3/2)
		defer cancel()
		s.Run(ctx, slog.New(slog.NewTextHandler(&logged, nil)))
		require.GreaterOrEqual(t, strings.Count(logged.String(), "level=ERROR"), 2, "again after a minute")
		require.Equal(t, only(t, "b"), s.Keys().GrantKeys()[0], "what was read stays")
	})
}

func TestReadSigningKeysSaysWhatFailed(t *testing.T) {
	good := strings.Repeat("a", 64)
	for want, secret := range map[string]*rotatedSecret{
		"AWSCURRENT":   {},
		"AWSPREVIOUS":  {values: []string{good, good}, refuses: "AWSPREVIOUS"},
		"has 5 bytes;": {values: []string{"short"}},
	} {
		_, err := edge.ReadSigningKeys(t.Context(), secret, secretARN)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, secretARN)
		require.NotContains(t, err.Error(), "\"short\"")
	}
}

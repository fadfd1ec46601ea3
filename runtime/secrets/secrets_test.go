package secrets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/secrets"
)

func TestASecretIsReadFromTheManagerOnceAndAgainWhenRefused(t *testing.T) {
	fake := awstest.Start(t)
	fake.SetSecret("arn:x", `{"username":"app","password":"one","host":"ignored"}`)
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	s := secrets.New(secrets.FromManager(secretsmanager.NewFromConfig(cfg), "arn:x"), secrets.DecodeLogin, 0)
	one, err := s.Value(t.Context())
	require.NoError(t, err)
	require.Equal(t, secrets.Login{Username: "app", Password: "one"}, one)
	fake.SetSecret("arn:x", `{"username":"app","password":"two"}`)
	again, err := s.Value(t.Context())
	require.NoError(t, err)
	require.Equal(t, one, again)
	s.Refused(one)
	two, err := s.Value(t.Context())
	require.NoError(t, err)
	require.Equal(t, "two", two.Password)
	s.Refused(one) // somebody slow; the value is newer already
	_, err = s.Value(t.Context())
	require.NoError(t, err)
	require.Len(t, fake.Calls("GetSecretValue"), 2)
}

func TestMinAgeHoldsBackReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		s := secrets.New(func(context.Context) (string, error) { reads++; return "token", nil }, secrets.DecodeToken, secrets.DefaultMinAge)
		for range 50 {
			v, err := s.Value(t.Context())
			require.NoError(t, err)
			s.Refused(v)
			time.Sleep(100 * time.Millisecond)
		}
		require.Equal(t, 1, reads)
		_, err := s.Value(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, reads)
	})
}

func TestAFailedReadIsNotKept(t *testing.T) {
	fail := true
	s := secrets.New(func(context.Context) (string, error) {
		if fail {
			return "", errors.New("throttled")
		}
		return "token", nil
	}, secrets.DecodeToken, time.Hour)
	_, err := s.Value(t.Context())
	require.ErrorContains(t, err, "throttled")
	fail = false
	_, err = s.Value(t.Context())
	require.NoError(t, err)
}

func TestNoErrorAndNoLogShowsAValue(t *testing.T) {
	const planted = "hunter2"
	for _, text := range []string{planted, `{"password":"` + planted + `"}`, `{"` + planted, ""} {
		_, err := secrets.DecodeLogin(text)
		require.Error(t, err)
		require.NotContains(t, err.Error(), planted)
		_, err = secrets.DecodeKeys(text)
		require.Error(t, err)
		require.NotContains(t, err.Error(), planted)
	}
	var log bytes.Buffer
	l, k := secrets.Login{Username: "u", Password: planted}, secrets.Keys{ID: "id", Secret: planted}
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "login", l, "keys", k)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %v %+v %#v", l, l, l, k, k, k)} {
		require.NotContains(t, text, planted)
	}
}

func TestTokensComeInThreeShapes(t *testing.T) {
	for text, want := range map[string]secrets.Login{
		"plain":                                 {Password: "plain"},
		`{"authToken":"a"}`:                     {Password: "a"},
		`{"username":"default","password":"p"}`: {Username: "default", Password: "p"},
	} {
		got, err := secrets.DecodeToken(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "{}", "{nonsense"} {
		_, err := secrets.DecodeToken(text)
		require.Error(t, err)
	}
}

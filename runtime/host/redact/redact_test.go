package redact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/redact"
)

func TestSecretsAreHidden(t *testing.T) {
	var s redact.Secrets
	require.Equal(t, "planted", s.Hide("planted"))
	s.AddVariables([]contract.Variable{
		{Name: "PASSWORD", Value: `{{secret "database" "password"}}`},
		{Name: "URL", Value: `postgres://me:{{secret "database" "password" | urlquery}}@db`},
		{Name: "PIN", Value: `{{secret "pin" ""}}`},
		{Name: "MODE", Value: "production"},
		{Name: "UNKNOWN", Value: `{{secret "x" ""}}`},
	}, map[string]string{"PASSWORD": "planted", "URL": "postgres://me:planted@db", "PIN": "1234", "MODE": "production"})
	s.Add("token-of-git")
	for text, want := range map[string]string{
		"no postgres://me:planted@db: planted": "no [secret]: [secret]",
		"production 1234":                      "production 1234",
		"token-of-git":                         "[secret]",
		"":                                     "",
	} {
		require.Equal(t, want, s.Hide(text))
	}
}

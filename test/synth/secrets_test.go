package synth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/secrets"
)

// requireRetained asserts that resources of the type survive deletion and replacement.
func requireRetained(t *testing.T, tpl assertions.Template, resourceType string) {
	t.Helper()
	found := tpl.FindResources(&resourceType, nil)
	require.NotEmpty(t, *found, "no %s in the template", resourceType)
	for id, r := range *found {
		require.Equal(t, "RetainExceptOnCreate", (*r)["DeletionPolicy"], "%s DeletionPolicy", id)
		require.Equal(t, "Retain", (*r)["UpdateReplacePolicy"], "%s UpdateReplacePolicy", id)
	}
}

// dataTemplateText is the whole template as JSON, to look for what must not be in it.
func dataTemplateText(t *testing.T, tpl assertions.Template) string {
	t.Helper()
	text, err := json.MarshalIndent(tpl.ToJSON(), "", " ")
	require.NoError(t, err)
	return string(text)
}

func TestSecretsKey(t *testing.T) {
	_, stack := newStack(t)
	secrets.NewKey(stack, "Key", secrets.KeyProps{Description: "data of demo", ServesCloudFront: true})
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::KMS::Key")
	tpl.HasResourceProperties(new("AWS::KMS::Key"), map[string]any{
		"EnableKeyRotation": true,
		"KeyPolicy": map[string]any{"Statement": []any{
			map[string]any{"Action": "kms:*"},
			map[string]any{
				"Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
				"Action":    "kms:Decrypt",
				"Condition": map[string]any{"ArnLike": map[string]any{
					"aws:SourceArn": assertions.Match_AnyValue(),
				}},
			},
		}},
	})
}

func TestSecretsKeyTrustsNoServiceUnasked(t *testing.T) {
	_, stack := newStack(t)
	secrets.NewKey(stack, "Key", secrets.KeyProps{Description: "data of demo"})
	require.False(t, strings.Contains(dataTemplateText(t, template(stack)), "amazonaws.com"), "amazonaws.com in the template")
}

func TestSecretsGenerated(t *testing.T) {
	_, stack := newStack(t)
	key := secrets.NewKey(stack, "Key", secrets.KeyProps{Description: "data of demo"})
	secrets.NewGenerated(stack, "Session", secrets.GeneratedProps{Description: "signs sessions", Length: 48, KeyArn: key.Arn()})
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::SecretsManager::Secret")
	tpl.HasResourceProperties(new("AWS::SecretsManager::Secret"), map[string]any{
		"GenerateSecretString": map[string]any{"PasswordLength": 48, "ExcludePunctuation": true},
		"KmsKeyId":             assertions.Match_AnyValue(),
		"SecretString":         assertions.Match_Absent(),
		"Name":                 assertions.Match_Absent(),
	})
}

func TestSecretsOperatedStartsUnset(t *testing.T) {
	_, stack := newStack(t)
	key := secrets.NewKey(stack, "Key", secrets.KeyProps{Description: "data of demo"})
	secrets.NewOperated(stack, "Store", secrets.OperatedProps{
		Description: "keys of the object store", Fields: []string{"secretAccessKey", "accessKeyId"}, KeyArn: key.Arn(),
	})
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::SecretsManager::Secret")
	tpl.HasResourceProperties(new("AWS::SecretsManager::Secret"), map[string]any{
		"Description": "keys of the object store; to fill in: accessKeyId, secretAccessKey",
		// The same whatever the fields are: a change would put a new value over the operator's.
		"GenerateSecretString": map[string]any{
			"SecretStringTemplate": "{}", "GenerateStringKey": secrets.Unset, "ExcludePunctuation": true,
		},
		"SecretString": assertions.Match_Absent(),
	})
	require.Panics(t, func() {
		secrets.NewOperated(stack, "Bad", secrets.OperatedProps{Fields: []string{secrets.Unset}, KeyArn: key.Arn()})
	})
}

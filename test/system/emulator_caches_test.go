//go:build system

package system_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// replicationGroupTokens: ElastiCache takes two tokens at most, and CloudFormation reads a reference to a secret again only
// when its text has changed.
func replicationGroupTokens(t *testing.T, e *emulator) {
	secret := of("AWS::SecretsManager::Secret", object{"SecretString": "token-number-one!"})
	reference := func(rest string) object {
		return object{"Fn::Join": []any{"", []any{"{{resolve:secretsmanager:", ref("S"), rest + "}}"}}}
	}
	group := func(nodeType string, token object) string {
		return body(t, object{"S": secret, "G": of("AWS::ElastiCache::ReplicationGroup", object{
			"ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": nodeType,
			"TransitEncryptionEnabled": true, "AuthToken": token}, object{"DeletionPolicy": "Snapshot"})})
	}
	find := func(kind string) resource {
		for _, r := range e.resources(t) {
			if r.Stack == "tokens" && r.Type == kind {
				return r
			}
		}
		require.FailNow(t, "the stack has no "+kind)
		return resource{}
	}
	tokens := func() []string { return find("AWS::ElastiCache::ReplicationGroup").Service.AuthTokens }
	fill := func(value string) {
		request, err := json.Marshal(map[string]string{"SecretId": find("AWS::SecretsManager::Secret").PhysicalID, "SecretString": value})
		require.NoError(t, err)
		status, answer := e.ask(t, "secretsmanager", home, http.MethodPost, "/", "application/x-amz-json-1.1", "secretsmanager.PutSecretValue", request)
		require.Equal(t, http.StatusOK, status, "%s", answer)
	}
	modify := func(token, strategy string) int {
		id := find("AWS::ElastiCache::ReplicationGroup").PhysicalID
		status, _ := e.query(t, "elasticache", home, "2015-02-02", "ModifyReplicationGroup", map[string]string{
			"ReplicationGroupId": id, "ApplyImmediately": "true", "AuthToken": token, "AuthTokenUpdateStrategy": strategy})
		return status
	}
	wait := func() {
		status, _ := e.query(t, "elasticache", home, "2015-02-02", "DescribeReplicationGroups", nil)
		require.Equal(t, http.StatusOK, status)
	}

	e.requireCreated(t, home, "tokens", group("cache.t4g.small", reference("")))
	require.Equal(t, []string{"token-number-one!"}, tokens())
	fill("token-number-two!")
	require.Empty(t, e.update(t, "tokens", group("cache.t4g.medium", reference(""))))
	require.Equal(t, []string{"token-number-one!"}, tokens(), "the text of the reference is the same")
	require.Empty(t, e.update(t, "tokens", group("cache.t4g.medium", reference(":SecretString::AWSCURRENT:"))))
	require.Equal(t, []string{"token-number-one!", "token-number-two!"}, tokens())

	require.Equal(t, http.StatusOK, modify("token-number-two!", "SET"))
	require.Equal(t, http.StatusBadRequest, modify("token-number-three", "ROTATE"), "not before it is available again")
	wait()
	require.Equal(t, http.StatusBadRequest, modify("token-number-three", "SET"), "SET only after ROTATE")
	require.Equal(t, http.StatusOK, modify("token-number-three", "ROTATE"))
	wait()
	require.Equal(t, http.StatusOK, modify("token-number-four!", "ROTATE"))
	require.Equal(t, []string{"token-number-three", "token-number-four!"}, tokens(), "the third pushes out the first")

	require.Empty(t, e.cloudFormation(t, home, "DeleteStack", map[string]string{"StackName": "tokens"}))
	require.Equal(t, "AWS::ElastiCache::ReplicationGroup", e.event(t, "tokens", "SNAPSHOT").Type)
}

package synth_test

import (
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/database"
)

func proxied(stack cdk.Stack, c databaseCase) *database.Proxy {
	return database.NewProxy(stack, "Proxy", database.ProxyProps{
		Database:              database.New(stack, "Database", databaseProps(stack, c)),
		IdleClientSeconds:     1800,
		MaxConnectionsPercent: 90,
		SubnetIDs:             dataSubnets(),
		SecurityGroupIDs:      []*string{new("sg-0000000000000000e")},
	})
}

func TestDatabaseProxy(t *testing.T) {
	auth := map[database.Engine][2]string{
		database.Postgres: {"POSTGRESQL", "POSTGRES_SCRAM_SHA_256"},
		database.MySQL:    {"MYSQL", "MYSQL_CACHING_SHA2_PASSWORD"},
		database.MariaDB:  {"MYSQL", "MYSQL_NATIVE_PASSWORD"},
	}
	for name, c := range databaseCases {
		t.Run(name, func(t *testing.T) {
			_, stack := newStack(t)
			proxy := proxied(stack, c)
			tpl := template(stack)

			tpl.HasResourceProperties(new("AWS::RDS::DBProxy"), map[string]any{
				"EngineFamily": auth[c.engine][0],
				"RequireTLS":   true,
				"Auth": []any{map[string]any{
					"AuthScheme":             "SECRETS",
					"ClientPasswordAuthType": auth[c.engine][1],
					"SecretArn":              map[string]any{"Fn::GetAtt": assertions.Match_ArrayWith(&[]any{"MasterUserSecret.SecretArn"})},
				}},
			})
			// The role reads that secret, decrypts with that key through Secrets Manager, and nothing else.
			tpl.HasResourceProperties(new("AWS::IAM::Role"), map[string]any{
				"Policies": []any{map[string]any{"PolicyDocument": map[string]any{"Statement": []any{
					map[string]any{"Resource": map[string]any{"Fn::GetAtt": assertions.Match_ArrayWith(&[]any{"MasterUserSecret.SecretArn"})}},
					map[string]any{"Action": "kms:Decrypt", "Condition": assertions.Match_AnyValue()},
				}}}},
			})

			one := "DBClusterIdentifiers"
			if c.deployment == database.Instance {
				one = "DBInstanceIdentifiers"
			}
			tpl.HasResourceProperties(new("AWS::RDS::DBProxyTargetGroup"), map[string]any{
				"TargetGroupName": "default",
				one:               []any{map[string]any{"Ref": assertions.Match_AnyValue()}},
			})

			readers := c.deployment != database.Instance
			require.Equal(t, readers, proxy.ReadHost() != nil)
			if readers {
				tpl.HasResourceProperties(new("AWS::RDS::DBProxyEndpoint"), map[string]any{"TargetRole": "READ_ONLY"})
			}
		})
	}
}

// The target group waits for the instances: a proxy registered in front of a
// cluster that has none yet fails the deployment.
func TestDatabaseProxyWaitsForInstances(t *testing.T) {
	_, stack := newStack(t)
	proxied(stack, databaseCases["aurora-postgres"])
	template(stack).HasResource(new("AWS::RDS::DBProxyTargetGroup"), map[string]any{
		"DependsOn": assertions.Match_ArrayWith(&[]any{
			assertions.Match_StringLikeRegexp(new("Reader1")), assertions.Match_StringLikeRegexp(new("Writer")),
		}),
	})
}

// Two clients in one account and region must not ask for one name.
func TestDatabaseProxyNamesDifferBetweenStacks(t *testing.T) {
	names := map[string]bool{}
	for _, client := range []string{"client-one", "client-two", "a-client-with-a-name-so-long-that-the-limit-of-63-characters-is-passed"} {
		stack := cdk.NewStack(newApp(t), &client, &cdk.StackProps{Env: &cdk.Environment{Account: new(testAccount), Region: new(testRegion)}})
		proxied(stack, databaseCases["cluster-postgres"])
		name := *proxyName(t, template(stack))
		require.Regexp(t, `^[a-z](-?[a-z0-9])+$`, name)
		require.LessOrEqual(t, len(name), 60)
		names[name] = true
	}
	require.Len(t, names, 3)
}

func proxyName(t *testing.T, tpl assertions.Template) *string {
	t.Helper()
	for _, r := range *tpl.FindResources(new("AWS::RDS::DBProxy"), nil) {
		return new((*r)["Properties"].(map[string]any)["DBProxyName"].(string))
	}
	require.Fail(t, "no proxy in the template")
	return nil
}

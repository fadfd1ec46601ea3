package synth_test

import (
	"strings"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/cache"
)

func replicationGroupProps(stack cdk.Stack) cache.ReplicationGroupProps {
	return cache.ReplicationGroupProps{
		EngineVersion:         "8.1",
		NodeType:              "cache.t4g.small",
		Replicas:              1,
		Port:                  6379,
		Parameters:            map[string]string{"maxmemory-policy": "noeviction"},
		SnapshotRetentionDays: 7,
		SnapshotWindow:        "01:00-02:00",
		MaintenanceWindow:     "sun:03:00-sun:04:00",
		SubnetIDs:             dataSubnets(),
		SecurityGroupIDs:      []*string{new("sg-0000000000000000c")},
		KeyArn:                dataKey(stack),
	}
}

func dataSubnets() []*string {
	return []*string{new("subnet-0000000000000000a"), new("subnet-0000000000000000b"), new("subnet-0000000000000000c")}
}

func TestCacheReplicationGroup(t *testing.T) {
	_, stack := newStack(t)
	valkey := cache.NewReplicationGroup(stack, "Valkey", replicationGroupProps(stack))
	require.NotNil(t, valkey.ReaderHost())
	tpl := template(stack)

	tpl.HasResource(new("AWS::ElastiCache::ReplicationGroup"), map[string]any{
		"DeletionPolicy":      "Snapshot",
		"UpdateReplacePolicy": "Snapshot",
		"Properties": map[string]any{
			"Engine":                   "valkey",
			"TransitEncryptionEnabled": true,
			"TransitEncryptionMode":    "required",
			"AtRestEncryptionEnabled":  true,
			"KmsKeyId":                 assertions.Match_AnyValue(),
			"MultiAZEnabled":           true,
			"AutomaticFailoverEnabled": true,
			"NumCacheClusters":         2,
			"ReplicationGroupId":       assertions.Match_Absent(),
			"AuthToken":                map[string]any{"Fn::Join": []any{"", assertions.Match_ArrayWith(&[]any{"{{resolve:secretsmanager:"})}},
		},
	})
	tpl.HasResourceProperties(new("AWS::ElastiCache::ParameterGroup"), map[string]any{
		"CacheParameterGroupFamily": "valkey8",
		"Properties":                map[string]any{"maxmemory-policy": "noeviction"},
	})
	tokens := *tpl.FindResources(new("AWS::SecretsManager::Secret"), nil)
	require.Len(t, tokens, 1)
	for id, r := range tokens {
		require.NotContains(t, *r, "DeletionPolicy", "%s goes with the cache", id)
	}
}

func TestCacheReplicationGroupAlone(t *testing.T) {
	_, stack := newStack(t)
	p := replicationGroupProps(stack)
	p.Replicas, p.SnapshotRetentionDays, p.Parameters = 0, 0, nil
	valkey := cache.NewReplicationGroup(stack, "Valkey", p)
	require.Nil(t, valkey.ReaderHost())
	template(stack).HasResourceProperties(new("AWS::ElastiCache::ReplicationGroup"), map[string]any{
		"MultiAZEnabled":           false,
		"AutomaticFailoverEnabled": false,
		"NumCacheClusters":         1,
		"SnapshotWindow":           assertions.Match_Absent(),
		"AuthToken":                assertions.Match_AnyValue(),
	})
	p.Replicas = 6
	require.Panics(t, func() { cache.NewReplicationGroup(stack, "Bad", p) })
}

func memcachedProps(names ...string) cache.MemcachedProps {
	p := cache.MemcachedProps{
		EngineVersion:     "1.6.22",
		Port:              11211,
		TransitEncryption: true,
		MaintenanceWindow: "sun:03:00-sun:04:00",
		SubnetIDs:         dataSubnets(),
		SecurityGroupIDs:  []*string{new("sg-0000000000000000c")},
	}
	for _, name := range names {
		p.Clusters = append(p.Clusters, cache.MemcachedCluster{Name: name, NodeType: "cache.t4g.medium", Nodes: 2})
	}
	return p
}

func TestCacheMemcached(t *testing.T) {
	for _, names := range [][]string{{"session"}, {"session", "application"}} {
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			_, stack := newStack(t)
			memcached := cache.NewMemcached(stack, "Memcached", memcachedProps(names...))
			for _, name := range names {
				require.NotEmpty(t, *memcached.Host(name))
			}
			require.Panics(t, func() { memcached.Host("nobody") })
			tpl := template(stack)
			tpl.ResourceCountIs(new("AWS::ElastiCache::CacheCluster"), new(float64(len(names))))
			tpl.AllResourcesProperties(new("AWS::ElastiCache::CacheCluster"), map[string]any{
				"Engine":                   "memcached",
				"AZMode":                   "cross-az",
				"NumCacheNodes":            2,
				"TransitEncryptionEnabled": true,
				"ClusterName":              assertions.Match_Absent(),
			})
			tpl.HasResourceProperties(new("AWS::ElastiCache::ParameterGroup"), map[string]any{"CacheParameterGroupFamily": "memcached1.6"})
		})
	}
}

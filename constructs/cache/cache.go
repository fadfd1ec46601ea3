// Package cache declares ElastiCache: a Valkey replication group for locks and
// shared caching, and Memcached clusters for workloads that speak only that.
// Nothing in a cache is the only copy of anything.
package cache

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/tokens"
)

// subnetGroup names the subnets that nodes are spread over.
func subnetGroup(scope constructs.Construct, subnetIDs []*string) awselasticache.CfnSubnetGroup {
	return awselasticache.NewCfnSubnetGroup(scope, new("SubnetGroup"), &awselasticache.CfnSubnetGroupProps{
		Description: new("Subnets of the cache"),
		SubnetIds:   tokens.List(subnetIDs...),
	})
}

// parameterGroup exists even with no parameters, so that the first one to be set
// later changes the group and not the cluster's group.
func parameterGroup(scope constructs.Construct, family string, parameters map[string]string) awselasticache.CfnParameterGroup {
	props := &awselasticache.CfnParameterGroupProps{
		CacheParameterGroupFamily: &family,
		Description:               new("Parameters of the cache"),
	}
	if len(parameters) > 0 {
		props.Properties = parameters
	}
	return awselasticache.NewCfnParameterGroup(scope, new("ParameterGroup"), props)
}

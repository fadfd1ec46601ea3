package cache

import (
	"fmt"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/secrets"
)

// ReplicationGroupProps configures a Valkey replication group with one shard.
type ReplicationGroupProps struct {
	// EngineVersion is major.minor, for example "8.1".
	EngineVersion string
	// NodeType is for example "cache.t4g.small".
	NodeType string
	// Replicas besides the primary, 0–5. With one or more, nodes are spread over
	// zones and a replica takes over by itself.
	Replicas int
	// Port that every node listens on, 6379 by convention. Changing it replaces the group.
	Port int
	// Parameters that differ from the engine's defaults.
	Parameters map[string]string
	// SnapshotRetentionDays, 0 for no daily snapshot.
	SnapshotRetentionDays int
	// SnapshotWindow in UTC, "hh:mm-hh:mm", at least an hour, outside MaintenanceWindow.
	SnapshotWindow string
	// MaintenanceWindow in UTC, "ddd:hh:mm-ddd:hh:mm".
	MaintenanceWindow string

	SubnetIDs        []*string
	SecurityGroupIDs []*string
	KeyArn           *string
}

// ReplicationGroup is a Valkey primary with its replicas: TLS required, an AUTH
// token that is generated into Secrets Manager, encrypted at rest. Deleting or
// replacing it leaves a final snapshot rather than a running cluster: the data
// can be computed again, the bill cannot.
//
// The token is rotated beside CloudFormation (docs/procedures/rotate-cache-token.md): ElastiCache
// takes the new and the old one before the secret's current version changes. A deployment leaves
// it alone, and a group that is made anew gets the secret's current value.
type ReplicationGroup struct {
	constructs.Construct
	group    awselasticache.CfnReplicationGroup
	token    *secrets.Generated
	port     int
	replicas int
}

// NewReplicationGroup declares the group.
func NewReplicationGroup(scope constructs.Construct, id string, p ReplicationGroupProps) *ReplicationGroup {
	if p.Replicas < 0 || p.Replicas > 5 {
		panic(fmt.Sprintf("cache %s: Replicas is %d; a shard has 0 to 5", id, p.Replicas))
	}
	this := constructs.NewConstruct(scope, &id)

	// 1. The token, 16–128 characters of what AUTH accepts.
	token := secrets.NewGenerated(this, "AuthToken", secrets.GeneratedProps{
		Description: "AUTH token of the Valkey replication group",
		Length:      64,
		KeyArn:      p.KeyArn,
		Replaceable: true,
	})

	// 2. Where it runs and how it is tuned.
	subnets := subnetGroup(this, p.SubnetIDs)
	major, _, _ := strings.Cut(p.EngineVersion, ".")
	parameters := parameterGroup(this, "valkey"+major, p.Parameters)

	// 3. The group. The number of nodes is NumCacheClusters because, unlike
	// ReplicasPerNodeGroup, it can be changed in place.
	props := &awselasticache.CfnReplicationGroupProps{
		ReplicationGroupDescription: new("Locks and shared cache"),
		Engine:                      new("valkey"),
		EngineVersion:               &p.EngineVersion,
		CacheNodeType:               &p.NodeType,
		NumCacheClusters:            new(float64(p.Replicas + 1)),
		AutomaticFailoverEnabled:    new(p.Replicas > 0),
		MultiAzEnabled:              new(p.Replicas > 0),
		Port:                        new(float64(p.Port)),
		CacheSubnetGroupName:        subnets.Ref(),
		CacheParameterGroupName:     parameters.Ref(),
		SecurityGroupIds:            &p.SecurityGroupIDs,
		TransitEncryptionEnabled:    new(true),
		TransitEncryptionMode:       new("required"),
		AuthToken:                   token.Reference(),
		AtRestEncryptionEnabled:     new(true),
		KmsKeyId:                    p.KeyArn,
		SnapshotRetentionLimit:      new(float64(p.SnapshotRetentionDays)),
		PreferredMaintenanceWindow:  &p.MaintenanceWindow,
		// The version is the template's to change, or a later deployment would ask for a downgrade.
		AutoMinorVersionUpgrade: new(false),
	}
	if p.SnapshotRetentionDays > 0 {
		props.SnapshotWindow = &p.SnapshotWindow
	}
	group := awselasticache.NewCfnReplicationGroup(this, new("ReplicationGroup"), props)
	group.ApplyRemovalPolicy(cdk.RemovalPolicy_SNAPSHOT, nil)

	return &ReplicationGroup{Construct: this, group: group, token: token, port: p.Port, replicas: p.Replicas}
}

// PrimaryHost follows the primary through failovers.
func (r *ReplicationGroup) PrimaryHost() *string { return r.group.AttrPrimaryEndPointAddress() }

// ReaderHost spreads connections over the replicas; nil when there are none.
func (r *ReplicationGroup) ReaderHost() *string {
	if r.replicas == 0 {
		return nil
	}
	return r.group.AttrReaderEndPointAddress()
}

// Port of either host.
func (r *ReplicationGroup) Port() int { return r.port }

// SecretArn of the AUTH token, a plain string.
func (r *ReplicationGroup) SecretArn() *string { return r.token.Arn() }

// Id is the metric dimension ReplicationGroupId.
func (r *ReplicationGroup) Id() *string { return r.group.Ref() }

// Grants lets a role read the AUTH token.
func (r *ReplicationGroup) Grants() []grant.Statement { return r.token.Grants() }

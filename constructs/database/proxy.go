package database

import (
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/tokens"
)

// ProxyProps configures the pooler in front of a Database.
type ProxyProps struct {
	Database *Database
	// IdleClientSeconds after which a silent client is dropped, 1–28,800.
	IdleClientSeconds int
	// MaxConnectionsPercent of the database's max_connections that the proxy may open, 1–100.
	MaxConnectionsPercent int

	SubnetIDs        []*string
	SecurityGroupIDs []*string
}

// Proxy is an RDS Proxy: it multiplexes the connections of many instances onto
// few, and keeps them through a failover. Clients log in with the master user's
// secret over TLS. A session that uses named prepared statements or session
// variables is pinned to its connection and no longer multiplexed:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html
type Proxy struct {
	constructs.Construct
	proxy    awsrds.CfnDBProxy
	readOnly awsrds.CfnDBProxyEndpoint // nil when there are no readers
	database *Database
}

// NewProxy declares the proxy, its role and, when the database has readers, a
// read-only endpoint.
func NewProxy(scope constructs.Construct, id string, p ProxyProps) *Proxy {
	this := constructs.NewConstruct(scope, &id)
	db := p.Database

	// 1. What the proxy may do: read the one secret. The policy is part of the role,
	// since the proxy would fail its first connections if it came later.
	role := awsiam.NewRole(this, new("Role"), &awsiam.RoleProps{
		AssumedBy:      awsiam.NewServicePrincipal(new("rds.amazonaws.com"), nil),
		Description:    new("RDS Proxy reads the database secret"),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"ReadSecret": grant.Document(db.Grants()...)},
	})

	// 2. The proxy. RDS demands a name, unique in account and region, of letters,
	// digits and single hyphens; the construct path is that.
	name := resourceName(this, "")
	family, auth := "MYSQL", "MYSQL_CACHING_SHA2_PASSWORD"
	switch db.engine {
	case Postgres:
		family, auth = "POSTGRESQL", "POSTGRES_SCRAM_SHA_256"
	case MariaDB: // knows no SHA-2 passwords
		auth = "MYSQL_NATIVE_PASSWORD"
	}
	proxy := awsrds.NewCfnDBProxy(this, new("Proxy"), &awsrds.CfnDBProxyProps{
		DbProxyName:  &name,
		EngineFamily: &family,
		RoleArn:      role.RoleArn(),
		Auth: &[]any{&awsrds.CfnDBProxy_AuthFormatProperty{
			AuthScheme:             new("SECRETS"),
			SecretArn:              db.SecretArn(),
			IamAuth:                new("DISABLED"),
			ClientPasswordAuthType: &auth,
		}},
		RequireTls:          new(true),
		IdleClientTimeout:   new(float64(p.IdleClientSeconds)),
		VpcSubnetIds:        tokens.List(p.SubnetIDs...),
		VpcSecurityGroupIds: tokens.List(p.SecurityGroupIDs...),
	})

	// 3. What it stands in front of. The database's instances have to exist before
	// it is registered, not only the cluster.
	target := &awsrds.CfnDBProxyTargetGroupProps{
		DbProxyName:     proxy.Ref(),
		TargetGroupName: new("default"), // the only one RDS accepts
		ConnectionPoolConfigurationInfo: &awsrds.CfnDBProxyTargetGroup_ConnectionPoolConfigurationInfoFormatProperty{
			MaxConnectionsPercent:     new(float64(p.MaxConnectionsPercent)),
			MaxIdleConnectionsPercent: new(float64(p.MaxConnectionsPercent / 2)),
			ConnectionBorrowTimeout:   new(120.0), // longer than any failover
		},
	}
	if db.clusterID != nil {
		target.DbClusterIdentifiers = tokens.List(db.clusterID)
	} else {
		target.DbInstanceIdentifiers = &[]*string{db.instanceID}
	}
	targets := awsrds.NewCfnDBProxyTargetGroup(this, new("TargetGroup"), target)
	for _, instance := range db.instances {
		targets.AddResourceDependency(instance, nil)
	}

	// 4. A door for reads only.
	proxied := &Proxy{Construct: this, proxy: proxy, database: db}
	if db.readers > 0 {
		proxied.readOnly = awsrds.NewCfnDBProxyEndpoint(this, new("ReadOnly"), &awsrds.CfnDBProxyEndpointProps{
			DbProxyEndpointName: new(resourceName(this, "-ro")),
			DbProxyName:         proxy.Ref(),
			TargetRole:          new("READ_ONLY"),
			VpcSubnetIds:        tokens.List(p.SubnetIDs...),
			VpcSecurityGroupIds: tokens.List(p.SecurityGroupIDs...),
		})
		proxied.readOnly.AddResourceDependency(targets, nil)
	}
	return proxied
}

// resourceName is lower case because RDS stores it so. 63 characters are the limit.
func resourceName(scope constructs.Construct, suffix string) string {
	name := *cdk.Names_UniqueResourceName(scope, &cdk.UniqueResourceNameOptions{
		MaxLength: new(float64(60 - len(suffix))),
		Separator: new("-"),
	})
	return strings.ToLower(name) + suffix
}

// Host goes to the writer.
func (p *Proxy) Host() *string { return p.proxy.AttrEndpoint() }

// ReadHost goes to the readers. Nil when there are none.
func (p *Proxy) ReadHost() *string {
	if p.readOnly == nil {
		return nil
	}
	return p.readOnly.AttrEndpoint()
}

// Port is the engine's default one: a proxy listens on no other.
func (p *Proxy) Port() int {
	if p.database.engine == Postgres {
		return 5432
	}
	return 3306
}

// Name is the metric dimension ProxyName.
func (p *Proxy) Name() *string { return p.proxy.Ref() }

// Arn of the proxy.
func (p *Proxy) Arn() *string { return p.proxy.AttrDbProxyArn() }

// SecretArn is the database's: clients of the proxy log in with the same secret.
func (p *Proxy) SecretArn() *string { return p.database.SecretArn() }

// Grants lets a role read that secret.
func (p *Proxy) Grants() []grant.Statement { return p.database.Grants() }

// Package database declares a client's relational database in one of four
// deployments, each in its own file:
//
//	instance           RDS Multi-AZ DB instance: a standby nobody can read
//	cluster            RDS Multi-AZ DB cluster: two standbys that can be read
//	aurora             Aurora, provisioned: a writer and any number of readers
//	aurora-serverless  Aurora Serverless v2: the same, sized by load
//
// All of them are encrypted with the client's key, reachable only over TLS and
// only from security groups, never public, backed up with point-in-time restore,
// protected against deletion and retained. RDS makes up the master password,
// keeps it in Secrets Manager and rotates it every seven days, so clients read
// the secret again when a login fails.
package database

import (
	"fmt"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
)

// Deployment is how the database is kept available.
type Deployment string

const (
	// Instance fails over in 60–120 s and has no readers: RDS cannot make a read
	// replica of an instance whose password it manages.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
	Instance Deployment = "instance"
	// Cluster fails over in under 35 s; postgres and mysql only.
	Cluster Deployment = "cluster"
	// Aurora fails over in under 30 s; postgres and mysql only.
	Aurora Deployment = "aurora"
	// AuroraServerless is Aurora with instances that grow and shrink.
	AuroraServerless Deployment = "aurora-serverless"
)

// Props configures a database. A field that says which deployments it belongs to
// has to be zero for the others, so that a plan cannot promise what they do not do.
type Props struct {
	Deployment Deployment
	Engine     Engine
	// EngineVersion in full ("17.6", "8.4.7", "8.0.mysql_aurora.3.10.1"). Minor
	// upgrades happen by changing it here: with automatic ones, the next deployment
	// would ask RDS for a downgrade, which it refuses.
	EngineVersion string
	// InstanceClass of every instance; empty for aurora-serverless. A cluster needs
	// a class with local disks (m6gd, r6gd, m6id, …):
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/create-multi-az-db-cluster.html
	InstanceClass string
	// DatabaseName is created with the database; letters, digits and underscores.
	DatabaseName string
	// MasterUsername owns it.
	MasterUsername string
	Port           int

	// MultiAZ keeps the standby of an instance. The other deployments always span zones.
	MultiAZ bool
	// Readers besides the writer, 0–15; aurora and aurora-serverless. A cluster
	// always has two, an instance never any.
	Readers int
	// Zones that Aurora's instances are dealt out to in turn ("eu-west-1a", …). RDS
	// places the others itself, within the subnets.
	Zones []string

	// StorageType is gp3, io1 or io2 for an instance or a cluster; for Aurora
	// empty, or "aurora-iopt1" where I/O charges outgrow its surcharge.
	StorageType string
	// StorageGiB allocated at first; instance and cluster.
	StorageGiB int
	// MaxStorageGiB up to which an instance's storage grows by itself; at least a
	// tenth above StorageGiB, 0 for no growth.
	MaxStorageGiB int
	// IOPS provisioned, 0 for gp3's included 3,000. gp3 takes more only from 400 GiB.
	// A cluster always states them.
	IOPS int
	// ThroughputMiBps provisioned for gp3; instance only, together with IOPS.
	ThroughputMiBps int

	// MinACU and MaxACU bound aurora-serverless; an ACU is about 2 GiB of memory
	// with its share of CPU, in steps of 0.5. MinACU 0 pauses an idle database, and
	// the first request after that waits for it to resume.
	MinACU, MaxACU float64

	// Parameters are added to the ones this package sets (TLS, logs).
	Parameters map[string]string

	// BackupRetentionDays of automated backups and point-in-time restore, 1–35.
	BackupRetentionDays int
	// BackupWindow in UTC, "hh:mm-hh:mm", at least 30 minutes, outside MaintenanceWindow.
	BackupWindow string
	// MaintenanceWindow in UTC, "ddd:hh:mm-ddd:hh:mm".
	MaintenanceWindow string
	// DeletionProtection makes RDS refuse to delete the database, whoever asks.
	DeletionProtection bool

	// SubnetIDs in at least two zones, three for a cluster.
	SubnetIDs        []*string
	SecurityGroupIDs []*string
	KeyArn           *string
}

// Database is any of the four deployments.
type Database struct {
	constructs.Construct
	engine   Engine
	port     int
	readers  int
	keyArn   *string
	host     *string
	readHost *string // nil when nothing can be read but the writer
	secret   *string
	arn      *string
	// Exactly one of the two is set.
	instanceID, clusterID *string
	// main is the instance or the cluster.
	main cdk.CfnResource
	// instances of an Aurora cluster, declared one by one.
	instances []awsrds.CfnDBInstance
}

// New declares the database. It panics on props that no client file can produce.
func New(scope constructs.Construct, id string, p Props) *Database {
	d := &Database{
		Construct: constructs.NewConstruct(scope, &id),
		engine:    p.Engine,
		port:      p.Port,
		keyArn:    p.KeyArn,
	}
	d.must(p.BackupRetentionDays >= 1 && p.BackupRetentionDays <= 35,
		"BackupRetentionDays is %d; point-in-time restore needs 1 to 35", p.BackupRetentionDays)
	d.must(len(p.SubnetIDs) >= 2, "%d subnets; a subnet group needs two zones", len(p.SubnetIDs))

	switch p.Deployment {
	case Instance:
		d.newInstance(p)
	case Cluster:
		d.newCluster(p)
	case Aurora:
		d.newAurora(p)
	case AuroraServerless:
		d.newAuroraServerless(p)
	default:
		d.must(false, "deployment %q is none of instance, cluster, aurora, aurora-serverless", p.Deployment)
	}
	return d
}

// CreateAfter makes CloudFormation create the database after everything else in its stack. A database refuses its deletion
// from its creation on, so a creation of the stack that failed after it could not be rolled back.
func (d *Database) CreateAfter(others ...constructs.IDependable) {
	d.main.Node().AddDependency(others...)
}

// Host is the writer's endpoint; it follows the writer through failovers.
func (d *Database) Host() *string { return d.host }

// ReadHost spreads connections over the readers. Nil when there are none.
func (d *Database) ReadHost() *string { return d.readHost }

// Port of either host.
func (d *Database) Port() int { return d.port }

// SecretArn of the master user's secret, JSON with "username" and "password".
func (d *Database) SecretArn() *string { return d.secret }

// Arn of the instance or cluster.
func (d *Database) Arn() *string { return d.arn }

// InstanceIdentifier is the metric dimension DBInstanceIdentifier; nil unless
// the deployment is an instance.
func (d *Database) InstanceIdentifier() *string { return d.instanceID }

// ClusterIdentifier is the metric dimension DBClusterIdentifier; nil for an instance.
func (d *Database) ClusterIdentifier() *string { return d.clusterID }

// Grants lets a role read the master user's secret.
func (d *Database) Grants() []grant.Statement {
	return grant.ReadSecret(d.Construct, d.secret, d.keyArn)
}

// must panics when a plan asks for something RDS has no such thing of.
func (d *Database) must(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf("database %s: ", *d.Node().Path()) + fmt.Sprintf(format, args...))
	}
}

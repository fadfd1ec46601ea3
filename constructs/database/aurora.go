package database

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"

	"github.com/lectern/lectern/constructs/internal/lint"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// newAurora declares an Aurora cluster with a writer and readers of one class.
// The names are those of the first day: after a failover a reader writes, and
// the endpoints, not the names, say which.
func (d *Database) newAurora(p Props) {
	d.must(p.InstanceClass != "", "no instance class; aurora needs one")
	d.must(p.MinACU == 0 && p.MaxACU == 0, "MinACU and MaxACU belong to aurora-serverless")
	props := d.auroraProps(p)
	cluster := awsrds.NewCfnDBCluster(d.Construct, new("Cluster"), props)
	retention.Keep(cluster)
	d.auroraInstances(cluster, p, p.InstanceClass)
	d.describe(cluster, p.Readers)
}

// auroraProps adds what both kinds of Aurora share. Storage grows by itself, in
// three zones, whatever the number of instances.
func (d *Database) auroraProps(p Props) *awsrds.CfnDBClusterProps {
	s, ok := p.Engine.aurora()
	d.must(ok, "there is no Aurora %s; choose postgres or mysql", p.Engine)
	d.must(p.Readers >= 0 && p.Readers <= 15, "Readers is %d; Aurora takes 0 to 15", p.Readers)
	d.must(p.StorageType == "" || p.StorageType == "aurora-iopt1", `storage type %q; for Aurora leave it empty or choose "aurora-iopt1"`, p.StorageType)
	d.must(p.StorageGiB == 0 && p.MaxStorageGiB == 0 && p.IOPS == 0 && p.ThroughputMiBps == 0, "Aurora's storage is not provisioned; leave its sizes 0")
	d.must(len(p.Zones) > 0, "no zones to place the instances in")

	props := d.clusterProps(s, p)
	props.EnableIamDatabaseAuthentication = new(true)
	return props
}

// auroraInstances puts the writer in the first zone and the readers in the next
// ones. The first reader fails over first.
//
// The data is in the cluster's volume. So a reader that is taken out of the client file is deleted, and an instance
// that moves to another zone is replaced by a new one. One instance stays with a retained cluster, or nobody could read it.
func (d *Database) auroraInstances(cluster awsrds.CfnDBCluster, p Props, class string) {
	s, _ := p.Engine.aurora()
	instance := func(id string, n int) awsrds.CfnDBInstance {
		i := awsrds.NewCfnDBInstance(d.Construct, &id, &awsrds.CfnDBInstanceProps{
			DbClusterIdentifier:        cluster.Ref(),
			Engine:                     new(string(s)),
			DbInstanceClass:            &class,
			AvailabilityZone:           &p.Zones[n%len(p.Zones)],
			PromotionTier:              new(float64(min(n, 15))),
			AutoMinorVersionUpgrade:    new(false),
			CaCertificateIdentifier:    new(caCertificate),
			PreferredMaintenanceWindow: &p.MaintenanceWindow,
			PubliclyAccessible:         new(false),
		})
		lint.Accept(i, "W3010", "zones are named in the client file, so that readers are where the plan says")
		d.instances = append(d.instances, i)
		return i
	}

	writer := instance("Writer", 0)
	retention.KeepUntilReplaced(writer)
	for n := 1; n <= p.Readers; n++ {
		// Aurora makes the first instance of a cluster its writer, so the others wait.
		instance("Reader"+strconv.Itoa(n), n).AddResourceDependency(writer, nil)
	}
}

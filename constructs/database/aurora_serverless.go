package database

import (
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"

	"github.com/lectern/lectern/constructs/internal/retention"
)

// newAuroraServerless declares an Aurora Serverless v2 cluster. Readers in
// promotion tiers 0 and 1 are kept as large as the writer, so the first reader
// can take over under full load; the others scale on their own.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html
func (d *Database) newAuroraServerless(p Props) {
	d.must(p.InstanceClass == "", "instance class %q; aurora-serverless is sized by MinACU and MaxACU", p.InstanceClass)
	d.must(p.MinACU >= 0 && p.MaxACU >= 1 && p.MinACU <= p.MaxACU && p.MaxACU <= 256,
		"MinACU %g, MaxACU %g; it takes 0 ≤ min ≤ max and 1 ≤ max ≤ 256", p.MinACU, p.MaxACU)
	d.must(halfStep(p.MinACU) && halfStep(p.MaxACU), "MinACU %g, MaxACU %g; capacity comes in steps of 0.5", p.MinACU, p.MaxACU)

	props := d.auroraProps(p)
	props.ServerlessV2ScalingConfiguration = &awsrds.CfnDBCluster_ServerlessV2ScalingConfigurationProperty{
		MinCapacity: &p.MinACU,
		MaxCapacity: &p.MaxACU,
	}
	cluster := awsrds.NewCfnDBCluster(d.Construct, new("Cluster"), props)
	retention.Keep(cluster)
	d.auroraInstances(cluster, p, "db.serverless")
	d.describe(cluster, p.Readers)
}

func halfStep(acu float64) bool { return math.Mod(acu*2, 1) == 0 }

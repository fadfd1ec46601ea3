package plan_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
)

// withoutAccessLogs are the regions to whose buckets CloudFront delivers no standard
// logs (legacy): those that an account enables itself.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
var withoutAccessLogs = []string{
	"af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ca-west-1", "eu-central-2", "eu-south-1",
	"eu-south-2", "il-central-1", "me-central-1", "me-south-1",
}

func TestAccessLogsByRegion(t *testing.T) {
	for _, region := range config.Regions() {
		f, problems := config.Parse("demo.yaml", []byte("name: demo\naccount: \"111111111111\"\nregion: "+region.Name+
			"\nworkload: engine\nsize: S\nnetwork: {zones: ["+region.Zones()[0]+", "+region.Zones()[1]+"]}\nedge: {originPrefixList: pl-0123456789abcdef0}\ndatabase: {class: db.m6g.large}\n"))
		require.Empty(t, problems, region.Name)
		p, problems := plan.Resolve(f)
		require.Empty(t, problems, region.Name)
		require.Equal(t, !slices.Contains(withoutAccessLogs, region.Name), p.Edge.AccessLogs, region.Name)
	}
}

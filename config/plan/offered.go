package plan

import (
	"fmt"
	"slices"
	"strings"
)

// gap is a family of classes that the sizes use and some regions do not have.
type gap struct {
	deployment, family string
	regions            []string
	instead            string // a class that those regions have
}

// gaps are all of them, by the list of classes and regions that cfn-lint carries.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.RegionSupport.html
func gaps() []gap {
	return []gap{
		{instance, "db.t4g", []string{"ca-west-1"}, "db.m6g.large"},
		{cluster, "db.m6gd", []string{"af-south-1", "sa-east-1"}, "db.m5d.large"},
		{aurora, "db.t4g", []string{"il-central-1"}, "db.r7g.large"},
		{aurora, "db.r7g", []string{"ap-southeast-4"}, "db.r6g.large"},
	}
}

// offered reports a class that follows from the size but that the region does not
// have. A stated class is never doubted: AWS adds classes faster than tables do.
func (r *resolver) offered(db Database) {
	if r.c.Database.Class != "" {
		return
	}
	for _, g := range gaps() {
		if g.deployment == db.Deployment && strings.HasPrefix(db.Class, g.family+".") && slices.Contains(g.regions, r.c.Region) {
			r.problem("database.class", fmt.Sprintf("%s, which follows from the size, is not offered in %s", db.Class, r.c.Region), "state one that is, for example "+g.instead)
		}
	}
}

// Package observe is what an environment tells of itself: so far the log group of its instances, whose lines in the
// embedded metric format become metrics.
package observe

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
)

// LogGroupProps describes a log group.
type LogGroupProps struct {
	RetentionDays int // one of the numbers CloudWatch Logs knows
}

// LogGroup is where instances write their log, each to a stream of its own.
type LogGroup struct {
	constructs.Construct
	resource awslogs.CfnLogGroup
}

// NewLogGroup declares the log group. It has no name of its own, so that a second client, or a second deployment after a deletion, never finds it taken.
func NewLogGroup(scope constructs.Construct, id string, p LogGroupProps) *LogGroup {
	g := &LogGroup{Construct: constructs.NewConstruct(scope, &id)}
	g.resource = awslogs.NewCfnLogGroup(g.Construct, new("LogGroup"), &awslogs.CfnLogGroupProps{
		RetentionInDays: new(float64(p.RetentionDays)),
	})
	return g
}

// Name is the group's name.
func (g *LogGroup) Name() *string { return g.resource.Ref() }

// Grants let an instance write its log.
func (g *LogGroup) Grants() []grant.Statement {
	return []grant.Statement{{
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []*string{g.resource.AttrArn()},
	}}
}

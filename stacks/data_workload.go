package stacks

import (
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/secrets"
)

// secretLength of a generated secret of a workload, in letters and digits.
const secretLength = 48

// secret is generated or filled in by a person.
type secret interface {
	Arn() *string
	Grants() []grant.Statement
}

// workloadSecrets declares what a workload asks for beside the secrets of database and
// cache. Their ids are their names: another name is another secret.
func (d *dataStack) workloadSecrets(stack cdk.Stack, p plan.Plan) {
	if len(p.Needs.Secrets) == 0 {
		return
	}
	scope := constructs.NewConstruct(stack, new("Secrets"))
	d.secrets = map[string]secret{}
	for _, s := range p.Needs.Secrets {
		description := s.Description + " (" + s.Name + " of the Lectern client " + p.Client + ")"
		if len(s.Fields) > 0 {
			filledIn := secrets.NewOperated(scope, s.Name, secrets.OperatedProps{
				Description: description, Fields: s.Fields, KeyArn: d.key.Arn(),
			})
			d.secrets[s.Name] = filledIn
			arnOutput(filledIn.Construct, filledIn, "Fill it in with "+strings.Join(s.Fields, ", ")+" before instances start: "+s.Description)
			continue
		}
		generated := secrets.NewGenerated(scope, s.Name, secrets.GeneratedProps{
			Description: description, Length: secretLength, KeyArn: d.key.Arn(),
		})
		d.secrets[s.Name] = generated
		arnOutput(generated.Construct, generated, "Generated: "+s.Description)
	}
}

// arnOutput tells people where a secret is.
func arnOutput(scope constructs.Construct, s secret, description string) {
	cdk.NewCfnOutput(scope, new("Arn"), &cdk.CfnOutputProps{Value: s.Arn(), Description: &description})
}

// grants are what instances may do with the pieces there are. Those that work take jobs from the queue and do them; the others
// only put jobs in.
func (d dataStack) grants(p plan.Plan, work bool) []grant.Statement {
	var all []grant.Statement
	switch {
	case d.content == nil:
	case work:
		all = append(all, d.content.Grants()...)
	default:
		all = append(all, d.content.ServeGrants()...)
	}
	if d.storeKeys != nil {
		all = append(all, d.storeKeys.Grants()...)
	}
	if d.signing != nil {
		all = append(all, d.signing.Grants()...)
	}
	if d.database != nil {
		all = append(all, d.database.Grants()...)
	}
	if d.files != nil {
		all = append(all, d.files.Grants()...)
	}
	switch {
	case d.queue == nil:
	case work:
		all = append(all, d.queue.Grants()...)
	default:
		all = append(all, d.queue.SendGrants()...)
	}
	if d.revisions != nil {
		all = append(all, d.revisions.Grants()...)
	}
	for _, s := range p.Needs.Secrets {
		all = append(all, d.secrets[s.Name].Grants()...)
	}
	return all
}

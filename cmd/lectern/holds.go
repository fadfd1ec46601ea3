package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config/plan"
)

// edgeRegion is where CloudFront's half of every client is.
const edgeRegion = "us-east-1"

// holdsTimeout bounds all calls of one holds.
const holdsTimeout = 2 * time.Minute

type holdsOptions struct {
	account, region, profile string
	json                     bool
}

func (c *cli) holds() *cobra.Command {
	var o holdsOptions
	cmd := &cobra.Command{
		Use:   "holds CLIENT",
		Short: "Show what an AWS account holds of a client, in a stack or left over (reads AWS)",
		Long: `Show what an AWS account holds of a client: its stacks with status, protection and
the reason of the last failure, every resource that is in a stack or carries the
client's tag, and the commands of the way back for each stack that is stuck.

It asks CloudFormation and the Resource Groups Tagging API, in the client's region
and in us-east-1, and changes nothing. It needs cloudformation:DescribeStacks,
DescribeStackEvents, ListStackResources and tag:GetResources. Account and region
come from the client file; for a client whose file is gone, give --region. A
resource that takes no tags is seen only while its stack has it.

It exits with 1 when a stack is stuck or something is left over without a stack,
data that was kept on purpose included.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completeClients,
		RunE:              verb(func(args []string) error { return c.runHolds(args[0], o) }),
	}
	cmd.Flags().StringVar(&o.account, "account", "", "account that is asked (default: the client file's)")
	cmd.Flags().StringVar(&o.region, "region", "", "region of the client (default: the client file's)")
	cmd.Flags().StringVar(&o.profile, "profile", "", "profile of the AWS configuration (default: the environment's credentials)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print as JSON")
	return cmd
}

// holding is what holds found; the JSON of the verb.
type holding struct {
	Client    string         `json:"client"`
	Account   string         `json:"account"` // empty when neither file, flag nor anything found names it
	Regions   []string       `json:"regions"`
	Stacks    []heldStack    `json:"stacks"`
	Resources []heldResource `json:"resources"`
}

type heldStack struct {
	Name      string   `json:"name"`
	Region    string   `json:"region"`
	Status    string   `json:"status"`
	Protected bool     `json:"terminationProtection"`
	Reason    string   `json:"reason,omitempty"` // of the last failure, if the last operation failed
	Stuck     bool     `json:"stuck"`            // it cannot simply be deployed again
	Section   string   `json:"section,omitempty"`
	WayBack   []string `json:"wayBack,omitempty"` // shell commands

	id string
}

type heldResource struct {
	Type      string `json:"type"` // AWS::Service::Type in a stack, service:kind of its ARN without one
	ID        string `json:"id"`   // physical id in a stack, ARN without one
	Region    string `json:"region"`
	Stack     string `json:"stack"`     // the stack it is in, or came from
	LogicalID string `json:"logicalId"` // in that stack
	Left      bool   `json:"left"`      // no stack has it any more
	Data      bool   `json:"data"`      // it holds data, or data cannot be read without it
	Bills     bool   `json:"bills"`     // it costs money for as long as it exists
}

func (h holding) stuck() int { return countIf(h.Stacks, func(s heldStack) bool { return s.Stuck }) }

func (h holding) left() []heldResource {
	return slices.DeleteFunc(slices.Clone(h.Resources), func(r heldResource) bool { return !r.Left })
}

func countIf[T any](list []T, is func(T) bool) (n int) {
	for _, one := range list {
		if is(one) {
			n++
		}
	}
	return n
}

func (c *cli) runHolds(name string, o holdsOptions) error {
	account, region, err := c.whereIs(name, o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), holdsTimeout)
	defer cancel()
	h := holding{Client: name, Account: account, Regions: []string{region}, Stacks: []heldStack{}, Resources: []heldResource{}}
	if region != edgeRegion {
		h.Regions = append(h.Regions, edgeRegion)
	}
	var tagged []taggedResource
	for _, asked := range h.Regions {
		fmt.Fprintf(c.talk, "Asking %s …\n", asked)
		found, err := askRegion(ctx, asked, o.profile, name)
		if err != nil {
			return err
		}
		if err := h.add(found); err != nil {
			return err
		}
		tagged = append(tagged, found.tagged...)
	}
	h.Resources = append(h.Resources, leftovers(h.Stacks, h.Resources, tagged)...)
	if o.json {
		err = c.printJSON(h)
	} else {
		err = printHolding(c.out, h)
	}
	if err != nil {
		return err
	}
	if h.stuck() > 0 || len(h.left()) > 0 {
		return errTold
	}
	return nil
}

// whereIs is the account and region of a client, by its file or by flags.
func (c *cli) whereIs(name string, o holdsOptions) (account, region string, err error) {
	clients, _ := plan.Load(c.clients) // what is wrong in other files does not matter here
	p, err := clients.Find(name)
	if err != nil {
		if o.region == "" {
			return "", "", fmt.Errorf("%w; for a client whose file is gone, say --region, and --account", err)
		}
		p = plan.Plan{}
	}
	return cmp.Or(o.account, p.Account), cmp.Or(o.region, p.Region), nil
}

// add joins what a region holds, and refuses what is another account's.
func (h *holding) add(found regionHolding) error {
	if found.account != "" {
		if h.Account == "" {
			h.Account = found.account
		}
		if found.account != h.Account {
			return fmt.Errorf("the credentials are of account %s, and client %s is in %s; give others (--profile), or --account %s",
				found.account, h.Client, h.Account, found.account)
		}
	}
	h.Stacks = append(h.Stacks, found.stacks...)
	h.Resources = append(h.Resources, found.resources...)
	return nil
}

var errNoCredentials = errors.New("there are no AWS credentials; set them in the environment, or name a profile with --profile")

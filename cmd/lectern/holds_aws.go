package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/lectern/lectern/config/plan"
)

// regionHolding is what one region holds of a client.
type regionHolding struct {
	account   string // of the ARNs found, empty when nothing was
	stacks    []heldStack
	resources []heldResource
	tagged    []taggedResource
}

// taggedResource is one with the client's tag, and the region that told of it: us-east-1 for
// those of global services, wherever their stack is.
type taggedResource struct {
	taggingtypes.ResourceTagMapping
	region string
}

// askRegion reads everything of a client in a region. It only calls operations that read.
func askRegion(ctx context.Context, region, profile, client string) (regionHolding, error) {
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(region)}
	if profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(profile))
	}
	config, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return regionHolding{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if _, err := config.Credentials.Retrieve(ctx); err != nil {
		return regionHolding{}, fmt.Errorf("%w (%w)", errNoCredentials, err)
	}
	stacks := cloudformation.NewFromConfig(config)
	var found regionHolding
	if found.stacks, err = listStacks(ctx, stacks, region, client); err != nil {
		return regionHolding{}, fmt.Errorf("asking CloudFormation in %s: %w", region, err)
	}
	for _, s := range found.stacks {
		found.account = accountOf(s.id)
		inStack, err := stackResources(ctx, stacks, s)
		if err != nil {
			return regionHolding{}, fmt.Errorf("listing the resources of %s: %w", s.Name, err)
		}
		found.resources = append(found.resources, inStack...)
	}
	if found.tagged, err = taggedResources(ctx, tagging.NewFromConfig(config), region, client); err != nil {
		return regionHolding{}, fmt.Errorf("asking the Resource Groups Tagging API in %s: %w", region, err)
	}
	if found.account == "" {
		found.account = firstAccount(found.tagged)
	}
	return found, nil
}

// listStacks are the stacks lectern-CLIENT-KIND that exist, with why the last operation failed.
func listStacks(ctx context.Context, api *cloudformation.Client, region, client string) ([]heldStack, error) {
	var found []heldStack
	pages := cloudformation.NewDescribeStacksPaginator(api, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Stacks {
			name := aws.ToString(s.StackName)
			if clientOf(name) != client || s.StackStatus == types.StackStatusDeleteComplete {
				continue
			}
			held := heldStack{Name: name, Region: region, Status: string(s.StackStatus),
				Protected: aws.ToBool(s.EnableTerminationProtection), id: aws.ToString(s.StackId)}
			if failed(held.Status) {
				if held.Reason, err = lastFailure(ctx, api, held.id); err != nil {
					return nil, err
				}
			}
			if err := held.findWayBack(client); err != nil {
				return nil, err
			}
			found = append(found, held)
		}
	}
	slices.SortFunc(found, func(a, b heldStack) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// lastFailure is the reason of the resource that failed first in the last operation: what
// comes after it is cancelled or undone.
func lastFailure(ctx context.Context, api *cloudformation.Client, stackID string) (string, error) {
	reason := ""
	pages := cloudformation.NewDescribeStackEventsPaginator(api, &cloudformation.DescribeStackEventsInput{StackName: &stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, event := range page.StackEvents { // the newest comes first
			ofStack := aws.ToString(event.PhysicalResourceId) == stackID
			why := aws.ToString(event.ResourceStatusReason)
			switch {
			case ofStack && why == "User Initiated":
				return reason, nil
			case !ofStack && strings.HasSuffix(string(event.ResourceStatus), "_FAILED") && !strings.Contains(why, "cancelled"):
				reason = aws.ToString(event.LogicalResourceId) + ": " + why
			}
		}
	}
	return reason, nil
}

func stackResources(ctx context.Context, api *cloudformation.Client, s heldStack) ([]heldResource, error) {
	var found []heldResource
	pages := cloudformation.NewListStackResourcesPaginator(api, &cloudformation.ListStackResourcesInput{StackName: &s.id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			id := aws.ToString(r.PhysicalResourceId)
			if r.ResourceStatus == types.ResourceStatusDeleteComplete || id == "" {
				continue
			}
			held := heldResource{Type: aws.ToString(r.ResourceType), ID: id, Region: s.Region, Stack: s.Name,
				LogicalID: aws.ToString(r.LogicalResourceId)}
			held.Data, held.Bills = natureOf(held.Type)
			found = append(found, held)
		}
	}
	return found, nil
}

func taggedResources(ctx context.Context, api *tagging.Client, region, client string) ([]taggedResource, error) {
	var found []taggedResource
	pages := tagging.NewGetResourcesPaginator(api, &tagging.GetResourcesInput{
		TagFilters: []taggingtypes.TagFilter{{Key: aws.String(plan.ClientTag), Values: []string{client}}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, one := range page.ResourceTagMappingList {
			found = append(found, taggedResource{one, region})
		}
	}
	return found, nil
}

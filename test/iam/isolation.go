package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/lectern/lectern/test/iam/record"
)

// inventory are the ARNs of what an environment has: all that its own calls are about, and everything else of the kinds that
// hold something.
func (w *World) inventory() ([]string, error) {
	if w.owned != nil {
		return w.owned, nil
	}
	found := map[string]bool{}
	for _, a := range w.Asks {
		if a.Call.Resource != "*" && !w.ofAWS[a.Call.Resource] {
			found[a.Call.Resource] = true
		}
	}
	for _, t := range w.Env.all("") {
		arns, err := w.things(t)
		if err != nil {
			return nil, err
		}
		for _, arn := range arns {
			found[arn] = true
		}
	}
	for arn := range w.Keys {
		found[arn] = true // among them the secrets that RDS makes
	}
	w.owned = sorted(found)
	return w.owned, nil
}

func (w *World) things(t thing) ([]string, error) {
	attribute, suffixes := "Arn", []string{""}
	switch t.Type {
	case "AWS::S3::Bucket":
		suffixes = []string{"", "/content/x", "/uploads/x", "/x"}
	case "AWS::SecretsManager::Secret":
		attribute = "Id"
	case "AWS::SQS::Queue", "AWS::KMS::Key", "AWS::EFS::FileSystem", "AWS::CloudFront::KeyValueStore", "AWS::IAM::Role":
	case "AWS::Logs::LogGroup":
		arn, err := t.stack.attribute(t.id, attribute)
		group := strings.TrimSuffix(arn, ":*")
		return []string{group, group + ":log-stream:x"}, err
	case "AWS::SSM::Parameter":
		if name, ok := t.Properties["Name"].(string); ok {
			return []string{"arn:aws:ssm:" + t.stack.region + ":" + w.Env.Account + ":parameter" + name}, nil
		}
		return nil, nil
	case "AWS::AutoScaling::AutoScalingGroup":
		name, err := t.stack.attribute(t.id, "Ref")
		return []string{
			"arn:aws:autoscaling:" + t.stack.region + ":" + w.Env.Account + ":autoScalingGroup:1:autoScalingGroupName/" + name,
			// An instance of it; its id says nothing about the client.
			"arn:aws:ec2:" + t.stack.region + ":" + w.Env.Account + ":instance/i-" + name,
		}, err
	default:
		return nil, nil
	}
	arn, err := t.stack.attribute(t.id, attribute)
	var arns []string
	for _, suffix := range suffixes {
		arns = append(arns, arn+suffix)
	}
	return arns, err
}

// sameService says whether an ARN is of the service that an action is of.
func sameService(action, arn string) bool {
	prefix, _, _ := strings.Cut(action, ":")
	service := strings.SplitN(arn, ":", 4)[2]
	switch prefix {
	case "cloudfront-keyvaluestore":
		return service == "cloudfront"
	case "ssm":
		return service == "ssm" || service == "ec2"
	default:
		return service == prefix
	}
}

// shared are the things of both.
func (w *World) shared(with *World) ([]string, error) {
	mine, err := w.inventory()
	if err != nil {
		return nil, err
	}
	theirs, err := with.inventory()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(theirs), func(arn string) bool { return !slices.Contains(mine, arn) }), nil
}

// trespasses are all that one environment's principals could try on what is another's: every call of theirs on every
// thing of its service. Shared things, such as the same binary, are of both and no trespass.
func (w *World) trespasses(on *World) ([]Ask, error) {
	mine, err := w.inventory()
	if err != nil {
		return nil, err
	}
	theirs, err := on.inventory()
	if err != nil {
		return nil, err
	}
	theirs = slices.DeleteFunc(slices.Clone(theirs), func(arn string) bool { return slices.Contains(mine, arn) })
	seen := map[string]bool{}
	var list []Ask
	for _, a := range w.Asks {
		contexts := []map[string]string{a.Call.Context}
		for _, other := range on.Asks {
			// A service says truly for whom it calls; what a client says in a request it may make up.
			if a.Role != nil && other.Call.Action == a.Call.Action && other.Call.Context != nil {
				contexts = append(contexts, other.Call.Context)
			}
		}
		for _, arn := range theirs {
			if !sameService(a.Call.Action, arn) {
				continue
			}
			for _, context := range contexts {
				ask := a
				ask.Call = record.Call{Action: a.Call.Action, Resource: arn, Context: maps.Clone(context)}
				if key := ask.Principal + " " + ask.Call.String(); !seen[key] {
					seen[key] = true
					list = append(list, ask)
				}
			}
		}
	}
	return list, nil
}

package iam

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/iam/record"
)

// Instances are a fleet: the role they have and the names they know.
type Instances struct {
	Role   Role
	Config contract.Config
	Names  record.Names
}

var (
	artifact = regexp.MustCompile(`s3://([^/\s]+)/(\S+)`)
	release  = regexp.MustCompile(`aws deploy push .*--s3-location s3://([^/]+)/`)
)

// instances are the fleets of an environment, found by the launch templates.
func (e *Environment) instances(roles []Role) ([]Instances, error) {
	var list []Instances
	for _, t := range e.all("AWS::EC2::LaunchTemplate") {
		one, err := e.fleet(t, roles)
		if err != nil {
			return nil, fmt.Errorf("launch template %s: %w", t, err)
		}
		list = append(list, one)
	}
	return list, nil
}

func (e *Environment) fleet(t thing, roles []Role) (Instances, error) {
	var one Instances
	encoded, err := t.text("LaunchTemplateData", "UserData")
	if err != nil {
		return one, err
	}
	userData, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return one, err
	}
	if one.Role, err = t.role(roles); err != nil {
		return one, err
	}
	parameter := flagOf(string(userData), contract.FlagConfigParameter)
	if one.Config, err = e.config(parameter); err != nil {
		return one, err
	}
	if one.Names, err = record.FromConfig(one.Config); err != nil {
		return one, err
	}
	found := artifact.FindStringSubmatch(string(userData))
	if found == nil {
		return one, errors.New("no artifact in user data")
	}
	one.Names[record.Artifact], one.Names[record.ArtifactKey] = found[1], found[2]
	one.Names[record.Configuration] = parameter
	one.Names[record.Stack] = flagOf(string(userData), contract.FlagStack)
	group, err := t.stack.attribute(flagOf(string(userData), contract.FlagResource), "Ref")
	if err != nil {
		return one, err
	}
	one.Names[record.Group] = group
	return one, e.common(one.Names)
}

func flagOf(userData, flag string) string {
	found := regexp.MustCompile("--" + flag + ` '([^']+)'`).FindStringSubmatch(userData)
	if found == nil {
		return ""
	}
	return found[1]
}

// role of the instance profile that a launch template names.
func (t thing) role(roles []Role) (Role, error) {
	for _, profile := range t.stack.env.all("AWS::IAM::InstanceProfile") {
		if profile.stack != t.stack || !mentions(t.Properties, profile.id) {
			continue
		}
		for _, r := range roles {
			if r.thing.stack == t.stack && mentions(profile.Properties, r.thing.id) {
				return r, nil
			}
		}
	}
	return Role{}, errors.New("has no instance profile with a role")
}

// config is what the parameter of this name holds.
func (e *Environment) config(name string) (contract.Config, error) {
	for _, t := range e.all("AWS::SSM::Parameter") {
		if t.Properties["Name"] != name {
			continue
		}
		value, err := t.text("Value")
		if err != nil {
			return contract.Config{}, err
		}
		var c contract.Config
		return c, json.Unmarshal([]byte(value), &c)
	}
	return contract.Config{}, fmt.Errorf("no parameter is called %s", name)
}

// common are the names that everything in an environment may know.
func (e *Environment) common(n record.Names) error {
	n[record.Region], n[record.Account] = e.Region, e.Account
	n[record.Rest] = "x-" + e.Client // ids differ between clients
	for _, t := range e.all("AWS::SSM::Parameter") {
		if text, err := t.text("Value"); err != nil {
			return err
		} else if found := release.FindStringSubmatch(text); found != nil {
			n[record.Revisions] = found[1]
		}
	}
	return nil
}

// Works says whether they work off the queue.
func (i Instances) Works() bool {
	return i.Config.Role == contract.RoleWorker || (i.Config.Queue.URL != "" && !i.Config.Queue.Dedicated)
}

// makes says whether they make the calls of a catalogue. client is their name in the file, wherever they are put.
func (i Instances) makes(w record.Who, client string) bool {
	works := map[bool]string{true: "yes", false: "no"}[i.Works()]
	return w.Role == string(i.Config.Role) && (w.Client == "" || w.Client == client) &&
		(w.Workload == "" || w.Workload == i.Config.Workload) && (w.Works == "" || w.Works == works)
}

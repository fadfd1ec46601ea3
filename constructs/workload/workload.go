// Package workload holds the CDK half of each workload kind: what its instances
// become (a recipe), what they may do beyond using the environment, and what ships
// code to them. The pure half, in config/workload, decodes the settings and states
// the needs. The two are joined by the kind's name alone; a test compares the maps.
//
// Recipes are plain values made by plain functions, so most of this package is
// tested without jsii.
package workload

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/runtime/contract"
)

// Given is what is decided about the environment of a workload.
type Given struct {
	// DatabaseEngine is postgres, mysql or mariadb; empty where there is none.
	DatabaseEngine string
	// CacheEngine is valkey or memcached; empty where there is none.
	CacheEngine string
	// FilesPath is where the shared file system is mounted; empty where there is none.
	FilesPath string
	// Bucket says that there is an object store.
	Bucket bool
	// PublicHTTPS says that people reach the workload by https, whatever reaches the instance.
	PublicHTTPS bool
}

// Fleet is what code is shipped to.
type Fleet struct {
	// Client names the environment.
	Client string
	// GroupName of the Auto Scaling group, and the names of the target groups it is registered with.
	GroupName        *string
	TargetGroupNames []*string
	// InstanceRoleArn is the role that instances have, which whoever starts one by the group's template must be allowed to pass.
	InstanceRoleArn *string
	// RevisionBucketName is where released code is put; nil where the workload asks for none.
	RevisionBucketName *string
}

// Half is the CDK half of a workload with its settings.
type Half interface {
	// Recipe is what instances become; false: the runtime itself is the workload.
	Recipe(Given) (contract.Recipe, bool)
	// Grants are what instances may do beyond using the pieces of the environment.
	Grants(scope constructs.Construct) []grant.Statement
	// Deploy declares what ships code to the fleet, below scope.
	Deploy(scope constructs.Construct, f Fleet)
}

// Kinds are the CDK halves, by the name that client files use.
func Kinds() map[string]func(workload.Settings) Half {
	return map[string]func(workload.Settings) Half{
		"codedeploy": newCodeDeploy,
		"engine":     newEngine,
		"gitapp":     newGitApp,
		"moodle":     newMoodle,
	}
}

// For is the CDK half of a kind with its decoded settings.
func For(kind string, settings workload.Settings) Half {
	half, ok := Kinds()[kind]
	if !ok {
		panic("workload: there is no CDK half of " + kind)
	}
	return half(settings)
}

// plain is embedded by halves that need neither grants nor a deployment of their own.
type plain struct{}

func (plain) Grants(constructs.Construct) []grant.Statement { return nil }

func (plain) Deploy(constructs.Construct, Fleet) {}

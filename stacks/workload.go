package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/compute"
	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// workloadPart is a workload's CDK half and the recipe that came of it.
type workloadPart struct {
	half workload.Half
	// scope is what the half declares below.
	scope  constructs.Construct
	recipe contract.RecipeSource
	read   []grant.Statement
}

func newWorkload(stack cdk.Stack, p plan.Plan, d dataStack, f front) workloadPart {
	w := workloadPart{half: workload.For(p.Workload, p.Settings), scope: constructs.NewConstruct(stack, new("Workload"))}
	recipe, ok := w.half.Recipe(given(p, d, f))
	if !ok {
		return w
	}
	if p.Workers.Enabled {
		panic("stacks: " + p.Workload + " asks for workers of their own, which would become what its web instances are: a recipe is the same for all")
	}
	// The load balancer and the terminating hook wait for as long as the plan says.
	recipe.DrainSeconds = p.Web.DrainSeconds
	if err := w.upload(recipe); err != nil {
		panic("stacks: the recipe of " + p.Workload + ": " + err.Error())
	}
	return w
}

// given is what a recipe may depend on: what is decided, and nothing that is known only
// after a deployment.
func given(p plan.Plan, d dataStack, f front) workload.Given {
	return workload.Given{
		DatabaseEngine: p.Database.Engine,
		CacheEngine:    p.Cache.Engine,
		FilesPath:      p.Files.MountPath,
		Bucket:         d.content != nil || d.storeKeys != nil,
		PublicHTTPS:    strings.HasPrefix(publicURL(p, f), "https://"),
	}
}

// upload makes the recipe an asset under its own hash. The CDK copies it into the
// assembly at once, so the file itself is gone afterwards.
func (w *workloadPart) upload(recipe contract.Recipe) error {
	if err := recipe.Validate(); err != nil {
		return err
	}
	content, err := recipe.JSON()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "lectern-recipe-")
	if err != nil {
		return fmt.Errorf("make a folder for it: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	file := filepath.Join(folder, filepath.Base(contract.RecipePath))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	asset := awss3assets.NewAsset(w.scope, new("Recipe"), &awss3assets.AssetProps{
		Path:          &file,
		AssetHash:     &hash,
		AssetHashType: cdk.AssetHashType_CUSTOM,
		DisplayName:   new(filepath.Base(contract.RecipePath)),
	})
	w.recipe = contract.RecipeSource{Bucket: *asset.S3BucketName(), Key: *asset.S3ObjectKey(), SHA256: hash}
	w.read = []grant.Statement{{
		Actions:   []string{"s3:GetObject"},
		Resources: []*string{cdk.Fn_Join(new(""), &[]*string{new("arn:aws:s3:::"), asset.S3BucketName(), new("/"), asset.S3ObjectKey()})},
	}}
	return nil
}

// grants are what instances may do for the workload's sake.
func (w workloadPart) grants() []grant.Statement { return append(w.read, w.half.Grants(w.scope)...) }

// deploy declares what ships code to the web fleet.
func (w workloadPart) deploy(p plan.Plan, d dataStack, f front, web *compute.Fleet) {
	fleet := workload.Fleet{
		Client:           p.Client,
		GroupName:        web.GroupName(),
		TargetGroupNames: f.targetGroupNames,
		InstanceRoleArn:  web.RoleArn(),
	}
	if d.revisions != nil {
		fleet.RevisionBucketName = d.revisions.Name()
	}
	w.half.Deploy(w.scope, fleet)
}

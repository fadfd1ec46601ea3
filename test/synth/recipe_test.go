package synth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// What instances of a foreign workload become is an asset beside the runtime: instances
// are told its place and its hash, and may read it. testdata/recipes holds it as they get
// it; -update rewrites it.
func TestRecipes(t *testing.T) {
	written := map[string]bool{}
	for _, p := range referencePlans(t) {
		e := build(t, p)
		content, key, found := e.recipe(t)
		config := e.templates["app"].configuration(t, "/lectern/"+p.Client+"/web")
		if !found {
			require.Equal(t, "engine", p.Workload, "every other workload has a recipe")
			require.NotContains(t, config, `"recipe"`)
			continue
		}
		recipe, err := contract.ParseRecipe(content)
		require.NoError(t, err, p.Client)
		require.Equal(t, p.Web.DrainSeconds, recipe.DrainSeconds)

		sum := sha256.Sum256(content)
		hash := hex.EncodeToString(sum[:])
		bucket := "cdk-hnb659fds-assets-" + p.Account + "-" + p.Region
		require.Contains(t, config, `"recipe":{"bucket":"`+bucket+`","key":"`+key+`","sha256":"`+hash+`"}`)
		require.Contains(t, text(t, e.templates["app"].ofType("AWS::IAM::Policy")), `:s3:::`+bucket+`/`+key+`"`)

		path := filepath.Join("testdata", "recipes", p.Client+".json")
		written[path] = true
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, content, 0o644))
			continue
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), string(content), "%s; -update rewrites it", path)
	}
	all, err := filepath.Glob("testdata/recipes/*.json")
	require.NoError(t, err)
	for _, path := range all {
		require.True(t, written[path], "%s belongs to no client any more: remove it", path)
	}
}

// A recipe that changes replaces the instances, and nothing else.
func TestARecipeThatChangesReplacesInstances(t *testing.T) {
	before := reference(t, "gitapp")
	after := before
	after.Web.DrainSeconds++ // which is in the recipe too
	var recipes, userData []string
	for _, e := range []environment{build(t, before), build(t, after)} {
		content, _, found := e.recipe(t)
		require.True(t, found)
		recipes = append(recipes, string(content))
		userData = append(userData, text(t, e.templates["app"].one(t, "AWS::EC2::LaunchTemplate").Properties["LaunchTemplateData"]))
	}
	require.NotEqual(t, recipes[0], recipes[1])
	require.NotEqual(t, userData[0], userData[1])
	for _, kind := range []string{"network", "data", "edge"} {
		require.Empty(t, difference(t, build(t, before).templates[kind], build(t, after).templates[kind]), kind)
	}
}

// recipe is the asset of that name as it would be uploaded, and its key in the bucket.
func (e environment) recipe(t *testing.T) (content []byte, key string, found bool) {
	t.Helper()
	var assets struct {
		Files map[string]struct {
			DisplayName string
			Source      struct{ Path string }
		}
	}
	readJSON(t, filepath.Join(e.dir, "lectern-"+e.plan.Client+"-app.assets.json"), &assets)
	for _, file := range assets.Files {
		if file.DisplayName != "recipe.json" {
			continue
		}
		require.False(t, strings.Contains(file.Source.Path, "/"), "%s is not in the assembly itself", file.Source.Path)
		content, err := os.ReadFile(filepath.Join(e.dir, file.Source.Path))
		require.NoError(t, err)
		return content, strings.TrimPrefix(file.Source.Path, "asset."), true
	}
	return nil, "", false
}

package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lectern/lectern/runtime/contract"
)

// recipeLimit in bytes is far more than a recipe has.
const recipeLimit = 4 << 20

// FetchRecipe reads a recipe (needs s3:GetObject) and checks that it is the one meant. The second result is the document
// itself; useless says that repeating does not help.
func FetchRecipe(ctx context.Context, cfg aws.Config, source contract.RecipeSource) (recipe contract.Recipe, document []byte, useless bool, err error) {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.DisableLogOutputChecksumValidationSkipped = true // ours is compared below
		o.UsePathStyle = o.BaseEndpoint != nil             // AWS_ENDPOINT_URL: a server that may have no name for each bucket
	})
	where := "s3://" + source.Bucket + "/" + source.Key
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &source.Bucket, Key: &source.Key})
	if err != nil {
		return contract.Recipe{}, nil, false, fmt.Errorf("read %s: %w", where, err)
	}
	defer out.Body.Close()
	document, err = io.ReadAll(io.LimitReader(out.Body, recipeLimit))
	if err != nil {
		return contract.Recipe{}, nil, false, fmt.Errorf("read %s: %w", where, err)
	}
	sum := sha256.Sum256(document)
	if got := hex.EncodeToString(sum[:]); got != source.SHA256 {
		return contract.Recipe{}, nil, true, fmt.Errorf("%s has the SHA-256 %s; the configuration says %s: deploy again", where, got, source.SHA256)
	}
	recipe, err = contract.ParseRecipe(document)
	if err != nil {
		return contract.Recipe{}, nil, true, fmt.Errorf("%s: %w", where, err)
	}
	return recipe, document, false, nil
}

// WriteRecipe keeps the recipe where the units read it.
func (m *Machine) WriteRecipe(document []byte) error {
	return m.placeSystem(contract.RecipePath, document)
}

// WriteConfig keeps the configuration where the units read it, so that a restart does not depend on Parameter Store.
// contract.AppUser may read it, but not change it: contract.EnvironmentUnit, which is root, goes by it.
func (m *Machine) WriteConfig(document []byte) error {
	return m.placeFor(contract.ConfigPath, document, 0, contract.AppUID, 0o640)
}

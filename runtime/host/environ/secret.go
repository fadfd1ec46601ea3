package environ

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/secrets"
)

// unsetField is a key of a secret that the infrastructure made and nobody has filled in yet.
const unsetField = "unset"

// readError is a secret that could not be read, which may pass.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// secrets is the function "secret" of templates for one reading: every secret is read once, when it is first asked for.
func (k *Keeper) secrets(ctx context.Context) func(name, field string) (string, error) {
	kept := map[string]string{}
	return func(name, field string) (string, error) {
		arn, err := arnOf(k.Facts.Config, name)
		if err != nil {
			return "", err
		}
		text, ok := kept[arn]
		if !ok {
			if text, err = k.Read(ctx, arn); err != nil {
				return "", &readError{fmt.Errorf("secret %q (%s): %w", name, arn, err)}
			}
			kept[arn] = text
		}
		value, err := fieldOf(name, field, text)
		if err != nil {
			return "", fmt.Errorf("secret %q (%s): %w", name, arn, err)
		}
		return value, nil
	}
}

// Names of secrets that every workload may ask for, where its environment has what they belong to.
const (
	secretDatabase    = "database"
	secretCache       = "cache"
	secretLocks       = "locks"
	secretObjectStore = "objectStore"
)

// arnOf finds a secret by the name that templates use.
func arnOf(c contract.Config, name string) (string, error) {
	known := map[string]string{
		secretDatabase: c.Database.SecretARN, secretCache: c.Cache.SecretARN,
		secretLocks: c.LockStore().SecretARN, secretObjectStore: c.ObjectStore.SecretARN,
	}
	maps.Copy(known, c.Secrets)
	maps.DeleteFunc(known, func(_, arn string) bool { return arn == "" })
	if arn, ok := known[name]; ok {
		return arn, nil
	}
	return "", fmt.Errorf("the configuration has no secret %q; it has: %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}

// fieldOf is a field of a secret that is a JSON object, or all of it when field is "". The auth token of a cache is a text
// or an object, which comes to the same.
func fieldOf(name, field, text string) (string, error) {
	var object map[string]any
	isObject := json.Unmarshal([]byte(text), &object) == nil && object != nil
	if _, unset := object[unsetField]; isObject && unset {
		return "", errors.New("it was never filled in: write its fields, without \"" + unsetField + "\", into a file that only you can read, " +
			"then run aws secretsmanager put-secret-value --secret-id ARN --secret-string file://FILE")
	}
	if field == "" {
		return wholeOf(name, text)
	}
	if !isObject {
		return "", fmt.Errorf("it is no JSON object, so it has no field %q", field)
	}
	switch value := object[field].(type) {
	case string:
		if value == "" {
			return "", fmt.Errorf("its field %q is empty", field)
		}
		return value, nil
	case float64, bool:
		var raw map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			return "", errors.New("it is no JSON object")
		}
		return string(raw[field]), nil // as it was written
	case nil:
		return "", fmt.Errorf("it has no field %q", field)
	default:
		return "", fmt.Errorf("its field %q is neither a text nor a number", field)
	}
}

func wholeOf(name, text string) (string, error) {
	if name == secretCache || name == secretLocks {
		token, err := secrets.DecodeToken(text)
		return token.Password, err
	}
	if text == "" {
		return "", errors.New("it is empty")
	}
	return text, nil
}

package edge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/edge"
	"github.com/lectern/lectern/runtime/launch"
)

func grantKeys(t *testing.T, current, previous string) []launch.GrantKey {
	t.Helper()
	k, err := launch.NewKeys([]byte(strings.Repeat(current, 64)), []byte(strings.Repeat(previous, 64)))
	require.NoError(t, err)
	return k.GrantKeys()
}

func asMap(keys []launch.GrantKey) map[string]string {
	all := map[string]string{}
	for _, k := range keys {
		all[k.ID] = k.Value
	}
	return all
}

func always(keys []launch.GrantKey) func(context.Context) ([]launch.GrantKey, error) {
	return func(context.Context) ([]launch.GrantKey, error) { return keys, nil }
}

func TestPublishPutsTheKeysAndRemovesAllOthers(t *testing.T) {
	keys := grantKeys(t, "b", "a")
	before := map[string]string{keys[1].ID: "of another time"}
	for i := range 25 { // more than one page
		before[fmt.Sprintf("%08x", i)] = "old"
	}
	store := newKeyValueStore(t, before)
	var logged bytes.Buffer
	p := &edge.Publisher{Store: store.client(), ARN: storeARN, Keys: always(keys), Log: slog.New(slog.NewTextHandler(&logged, nil))}

	require.NoError(t, p.Publish(t.Context()))
	requireStore(t, store, asMap(keys))
	require.Contains(t, logged.String(), keys[0].ID)
	require.NotContains(t, logged.String(), keys[0].Value, "a key is a secret")

	require.NoError(t, p.Publish(t.Context()))
	_, updates, _ := store.state()
	require.Equal(t, 1, updates, "a store that is as it should be is left alone")
}

func TestInstancesThatStartAtOnceAgree(t *testing.T) {
	const instances = 8
	keys := grantKeys(t, "b", "a")
	store := newKeyValueStore(t, nil)
	store.keys = map[string]string{"deadbeef": "old"}
	store.waitForOthers(instances)
	client := store.client()
	errs := make([]error, instances)
	var all sync.WaitGroup
	for i := range instances {
		all.Go(func() {
			p := &edge.Publisher{Store: client, ARN: storeARN, Keys: always(keys), Log: slog.New(slog.DiscardHandler)}
			errs[i] = p.Publish(t.Context())
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	requireStore(t, store, asMap(keys))
	_, updates, conflicts := store.state()
	require.Equal(t, 1, updates, "whoever is refused looks again and finds nothing to do")
	require.LessOrEqual(t, conflicts, instances-1)
}

// An instance that has read the secret before a rotation must not take back what another published after it.
func TestARotationIsNotTakenBack(t *testing.T) {
	before, after := grantKeys(t, "b", "a"), grantKeys(t, "c", "b")
	store := newKeyValueStore(t, asMap(before))
	client := store.client()
	fresh := &edge.Publisher{Store: client, ARN: storeARN, Keys: always(after), Log: slog.New(slog.DiscardHandler)}

	reads := 0
	slow := &edge.Publisher{Store: client, ARN: storeARN, Log: slog.New(slog.DiscardHandler), Keys: func(ctx context.Context) ([]launch.GrantKey, error) {
		reads++
		if reads > 1 {
			return after, nil
		}
		if err := fresh.Publish(ctx); err != nil { // meanwhile
			return nil, err
		}
		return before, nil
	}}
	require.NoError(t, slow.Publish(t.Context()))
	requireStore(t, store, asMap(after))
	_, updates, conflicts := store.state()
	require.Equal(t, []int{2, 1, 1}, []int{reads, updates, conflicts})
}

func TestPublishEndures(t *testing.T) {
	keys := grantKeys(t, "b", "a")
	store := newKeyValueStore(t, nil)
	store.keys = map[string]string{}
	store.failures = map[string]int{"describe": 1, "list": 1, "update": 1}
	p := &edge.Publisher{Store: store.client(), ARN: storeARN, Keys: always(keys), Log: slog.New(slog.DiscardHandler)}
	require.NoError(t, p.Publish(t.Context()))
	requireStore(t, store, asMap(keys))
}

func TestPublishSaysWhatFailed(t *testing.T) {
	keys := grantKeys(t, "b", "a")
	client := newKeyValueStore(t, nil).client()
	missing := &edge.Publisher{Store: client, ARN: strings.Replace(storeARN, "0a1b", "ffff", 1), Keys: always(keys), Log: slog.New(slog.DiscardHandler)}
	err := missing.Publish(t.Context())
	var none *types.ResourceNotFoundException
	require.ErrorAs(t, err, &none)
	require.ErrorContains(t, err, "describe key-value store")

	unreadable := &edge.Publisher{Store: client, ARN: storeARN, Log: slog.New(slog.DiscardHandler), Keys: func(context.Context) ([]launch.GrantKey, error) {
		return nil, errors.New("no secret")
	}}
	require.ErrorContains(t, unreadable.Publish(t.Context()), "no secret")
}

// contested is a store that somebody else is always faster to change.
type contested struct{ updates int }

func (c *contested) DescribeKeyValueStore(context.Context, *cloudfrontkeyvaluestore.DescribeKeyValueStoreInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.DescribeKeyValueStoreOutput, error) {
	return &cloudfrontkeyvaluestore.DescribeKeyValueStoreOutput{ETag: new("E")}, nil
}

func (c *contested) ListKeys(context.Context, *cloudfrontkeyvaluestore.ListKeysInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.ListKeysOutput, error) {
	return &cloudfrontkeyvaluestore.ListKeysOutput{}, nil
}

func (c *contested) UpdateKeys(context.Context, *cloudfrontkeyvaluestore.UpdateKeysInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.UpdateKeysOutput, error) {
	c.updates++
	return nil, &types.ConflictException{}
}

// Run gives up for a minute, not for an hour, and says so; it ends with its context.
func TestRunComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &contested{}
		var logged bytes.Buffer
		p := &edge.Publisher{Store: store, ARN: storeARN, Keys: always(grantKeys(t, "b", "a")), Log: slog.New(slog.NewTextHandler(&logged, nil))}
		ctx, cancel := context.WithTimeout(t.Context(), edge.RetryAfter*3/2)
		defer cancel()
		p.Run(ctx)
		require.Equal(t, 2, strings.Count(logged.String(), "level=ERROR"), "at once and a minute later")
		require.Greater(t, store.updates, 2, "others are faster again and again, which is no reason to give up")
	})
}

// Package edge gives CloudFront what its function needs to check grants: the keys that they are signed with.
//
//	Secrets Manager ──► instances ──► KeyValueStore ──► ContentFunction at every edge, within seconds
//
// The store holds the key that signs now and the one before, by their ids (launch.GrantKeys), and nothing else.
// CloudFormation creates it empty, so no key is in any template.
package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"

	"github.com/lectern/lectern/runtime/launch"
)

// Store is what a Publisher needs of a *cloudfrontkeyvaluestore.Client. Its calls are signed for all regions (SigV4A).
type Store interface {
	DescribeKeyValueStore(context.Context, *cloudfrontkeyvaluestore.DescribeKeyValueStoreInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.DescribeKeyValueStoreOutput, error)
	ListKeys(context.Context, *cloudfrontkeyvaluestore.ListKeysInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.ListKeysOutput, error)
	UpdateKeys(context.Context, *cloudfrontkeyvaluestore.UpdateKeysInput, ...func(*cloudfrontkeyvaluestore.Options)) (*cloudfrontkeyvaluestore.UpdateKeysOutput, error)
}

// Pace of a Publisher.
const (
	Interval   = time.Hour   // between looks at a store that was as it should be; up to a tenth more
	RetryAfter = time.Minute // after a failure; up to a tenth more
	attempts   = 8           // when others change the store at the same time
	backoff    = 200 * time.Millisecond
)

// Publisher keeps a store of keys as it should be. Any number may work on one store: CloudFront refuses a change to a
// version that is not the latest, and whoever is refused looks again.
type Publisher struct {
	Store Store
	ARN   string // of the store
	// Keys reads the keys as they are now, from where they are kept: an instance that published what it read when it
	// started would take back a rotation.
	Keys func(context.Context) ([]launch.GrantKey, error)
	Log  *slog.Logger
}

// Run publishes at once and then every Interval until ctx is done. Failures are logged: the service does its work without,
// but the edge refuses what was signed with a key that it has not got.
func (p *Publisher) Run(ctx context.Context) {
	for {
		wait := Interval
		if err := p.Publish(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			p.Log.Error("the edge may not know the keys of content grants and refuse content", "error", err)
			wait = RetryAfter
		}
		if !pause(ctx, wait, wait/10) {
			return
		}
	}
}

// Publish puts the keys into the store and removes all others. It changes nothing if the store is as it should be.
func (p *Publisher) Publish(ctx context.Context) error {
	var err error
	for range attempts {
		if err = p.publish(ctx); !isConflict(err) {
			return err
		}
		if !pause(ctx, 0, backoff) {
			return ctx.Err()
		}
	}
	return err
}

// publish looks at the version of the store first: if the keys that it then reads are out of date, whoever published newer
// ones has made another version, and the change is refused.
func (p *Publisher) publish(ctx context.Context) error {
	store, err := p.Store.DescribeKeyValueStore(ctx, &cloudfrontkeyvaluestore.DescribeKeyValueStoreInput{KvsARN: &p.ARN})
	if err != nil {
		return fmt.Errorf("describe key-value store %s: %w", p.ARN, err)
	}
	keys, err := p.Keys(ctx)
	if err != nil {
		return fmt.Errorf("read the keys of grants: %w", err)
	}
	published, err := p.list(ctx)
	if err != nil {
		return err
	}

	change := cloudfrontkeyvaluestore.UpdateKeysInput{KvsARN: &p.ARN, IfMatch: store.ETag}
	var put, deleted []string
	wanted := map[string]bool{}
	for _, key := range keys {
		wanted[key.ID] = true
		if published[key.ID] != key.Value {
			change.Puts = append(change.Puts, types.PutKeyRequestListItem{Key: &key.ID, Value: &key.Value})
			put = append(put, key.ID)
		}
	}
	for id := range published {
		if !wanted[id] {
			change.Deletes = append(change.Deletes, types.DeleteKeyRequestListItem{Key: &id})
			deleted = append(deleted, id)
		}
	}
	if len(put) == 0 && len(deleted) == 0 {
		return nil
	}
	if _, err := p.Store.UpdateKeys(ctx, &change); err != nil {
		return fmt.Errorf("update key-value store %s: %w", p.ARN, err)
	}
	p.Log.Info("the edge has the keys of content grants", "put", put, "deleted", deleted)
	return nil
}

// list is the whole store: keys by their ids.
func (p *Publisher) list(ctx context.Context) (map[string]string, error) {
	keys := map[string]string{}
	pages := cloudfrontkeyvaluestore.NewListKeysPaginator(p.Store, &cloudfrontkeyvaluestore.ListKeysInput{KvsARN: &p.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list key-value store %s: %w", p.ARN, err)
		}
		for _, item := range page.Items {
			keys[*item.Key] = *item.Value
		}
	}
	return keys, nil
}

// isConflict says whether somebody else has changed the store meanwhile.
func isConflict(err error) bool {
	var conflict *types.ConflictException
	return errors.As(err, &conflict)
}

// pause waits least and up to more on top, so that instances that began together do not stay together. It says whether ctx
// is still on.
func pause(ctx context.Context, least, more time.Duration) bool {
	timer := time.NewTimer(least + rand.N(more)) //nolint:gosec // spreads load, hides nothing
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

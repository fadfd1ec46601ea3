package cache

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// DefaultMaxBytes is how much an Embedded cache keeps by default.
const DefaultMaxBytes = 64 << 20

// entryBytes is about what an entry costs besides its key and its value.
const entryBytes = 128

// Embedded is a cache inside this process, for installations of one process. When it is full, what was not used for
// longest goes first.
type Embedded struct {
	mu      sync.Mutex
	max     int64
	bytes   int64
	entries map[string]*list.Element // of *entry
	used    *list.List               // the latest first
	locks   map[string]held
	token   int64
}

type entry struct {
	key   string
	value []byte // of a counter: decimal, as Valkey has it
	until time.Time
}

func (e *entry) bytes() int64 { return int64(len(e.key)+len(e.value)) + entryBytes }

type held struct {
	token int64
	until time.Time
}

// NewEmbedded makes a cache of at most maxBytes; 0 is DefaultMaxBytes.
func NewEmbedded(maxBytes int64) *Embedded {
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytes
	}
	return &Embedded{max: maxBytes, entries: map[string]*list.Element{}, used: list.New(), locks: map[string]held{}}
}

// Get implements Port.
func (c *Embedded) Get(_ context.Context, key string) ([]byte, bool, error) {
	if err := checkKey(key); err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.find(key)
	if e == nil {
		return nil, false, nil
	}
	return slices.Clone(e.value), true, nil
}

// Set implements Port. A value that alone is larger than the cache is not kept.
func (c *Embedded) Set(_ context.Context, key string, value []byte, life time.Duration) error {
	if err := checkEntry(key, life); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(&entry{key, append([]byte{}, value...), time.Now().Add(life)})
	return nil
}

// Delete implements Port.
func (c *Embedded) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(key)
	return nil
}

// Add implements Port.
func (c *Embedded) Add(_ context.Context, key string, n int64, life time.Duration) (int64, error) {
	if err := checkEntry(key, life); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	sum, until := n, time.Now().Add(life)
	if e := c.find(key); e != nil {
		was, err := strconv.ParseInt(string(e.value), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("cache: %s is no counter", key)
		}
		sum, until = was+n, e.until
	}
	c.put(&entry{key, strconv.AppendInt(nil, sum, 10), until})
	return sum, nil
}

// find is the living entry, which it marks as used, or nil.
func (c *Embedded) find(key string) *entry {
	at, ok := c.entries[key]
	if !ok {
		return nil
	}
	e := at.Value.(*entry)
	if !time.Now().Before(e.until) {
		c.remove(key)
		return nil
	}
	c.used.MoveToFront(at)
	return e
}

func (c *Embedded) put(e *entry) {
	c.remove(e.key)
	if e.bytes() > c.max {
		return
	}
	for c.bytes+e.bytes() > c.max {
		c.remove(c.used.Back().Value.(*entry).key)
	}
	c.entries[e.key] = c.used.PushFront(e)
	c.bytes += e.bytes()
}

func (c *Embedded) remove(key string) {
	if at, ok := c.entries[key]; ok {
		c.bytes -= at.Value.(*entry).bytes()
		c.used.Remove(at)
		delete(c.entries, key)
	}
}

// Ping implements Port.
func (c *Embedded) Ping(context.Context) error { return nil }

// Close implements Port.
func (c *Embedded) Close() error { return nil }

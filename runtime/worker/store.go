package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
)

const (
	putTries = 3
	putPause = 500 * time.Millisecond // doubled for each further try
	// putHolds is how much of a file a store's client may hold in memory while it sends it (two parts of 8 MiB, in S3's
	// case), and putMemory how much of all files of one import: so eight small files are sent at once, or three films.
	putHolds  = 16 << 20
	putMemory = 3 * putHolds
)

// store puts all files of the course where learners' browsers find them. After a damaged file the others are still
// read, so that the report names every damaged one, but no more stored.
func (a *attempt) store(ctx context.Context, p inspected) (outcome, error) {
	var names []string
	var total int64
	for _, name := range p.archive.Files() {
		if strings.HasPrefix(name, p.folder) {
			names = append(names, name)
			total += p.archive.Size(name)
		}
	}
	a.progress.begin(stepStore, len(names), total)
	var damaged damages
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(orElse(a.Parallel, defaultParallel))
	memory := semaphore.NewWeighted(putMemory)
	for _, name := range names {
		holds := min(p.archive.Size(name), putHolds)
		if memory.Acquire(inGroup, holds) != nil {
			break // the group's error, or ctx's, is told below
		}
		group.Go(func() error {
			defer memory.Release(holds)
			err := a.storeOne(inGroup, p, name, damaged.any())
			var damage *archive.Damage
			if errors.As(err, &damage) {
				damaged.add(damage)
				return nil
			}
			a.progress.add(1, p.archive.Size(name))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return outcome{}, err
	}
	if err := context.Cause(ctx); err != nil { // not all of them were begun
		return outcome{}, err
	}
	p.report.Files, p.report.Bytes = len(names), total
	if damaged.any() {
		p.report.Findings = append(p.report.Findings, damaged.list...)
		return outcome{report: p.report}, nil
	}
	return outcome{report: p.report, version: &content.Version{
		TenantID: a.of.TenantID, CourseID: a.of.CourseID, ContentID: a.contentID, Structure: p.structure,
		Files: len(names), Bytes: total, CreatedAt: time.Now().UTC(),
	}}, nil
}

// storeOne puts one file, again if the store fails: one failure among thousands of files is no reason to begin anew.
func (a *attempt) storeOne(ctx context.Context, p inspected, name string, onlyRead bool) error {
	kind, err := contentType(p.archive, name)
	if err != nil {
		return err
	}
	key := content.FilePrefix(a.of.TenantID, a.contentID) + strings.TrimPrefix(name, p.folder)
	for try := 1; ; try++ {
		err := a.put(ctx, p.archive, name, key, kind, onlyRead)
		var damage *archive.Damage
		if err == nil || errors.As(err, &damage) || try == putTries || !pause(ctx, putPause<<(try-1)) {
			return err
		}
		a.log.Warn("a file could not be stored and is tried again", "error", err)
	}
}

func (a *attempt) put(ctx context.Context, p *archive.Archive, name, key, kind string, onlyRead bool) error {
	f, err := p.Open(name)
	if err != nil {
		return fmt.Errorf("store a file: %w", err)
	}
	defer func() { _ = f.Close() }() // it is only read
	w := &watched{f: f}
	if onlyRead {
		_, err = io.Copy(io.Discard, w)
	} else {
		err = a.Store.Put(ctx, key, w, p.Size(name), kind)
	}
	if w.damage != nil { // whatever the store made of it
		return w.damage
	}
	if err != nil {
		return fmt.Errorf("store a file: %w", err)
	}
	return nil
}

// watched remembers damage that a reader came upon.
type watched struct {
	f      fs.File
	damage *archive.Damage
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.f.Read(b)
	errors.As(err, &w.damage)
	return n, err
}

// damages are findings of damaged files; a report has no use for thousands.
type damages struct {
	mu   sync.Mutex
	list []content.Finding
}

const mostDamages = 20

func (d *damages) add(damage *archive.Damage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list) < mostDamages {
		d.list = append(d.list, damage.Finding())
	}
}

func (d *damages) any() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.list) > 0
}

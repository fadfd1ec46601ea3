package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/cluster"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/sample"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

// demo is what a laptop starts with: a tenant, a key, and the sample course with a learner.
type demo struct {
	*engine
	dir     string
	players launch.Players
}

const (
	demoTenant  = "demo"
	demoLearner = "sample-learner"
)

// found is where things are.
type found struct {
	URL     string `json:"url"`
	Console string `json:"console"`
	Key     string `json:"key"`
	Sample  string `json:"sample"` // a launch link: opens once
}

// prepare waits for the schema and makes what is not there yet.
func (d *demo) prepare(ctx context.Context) (found, error) {
	for !d.migrated.Load() {
		select {
		case <-ctx.Done():
			return found{}, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	err := d.db.CreateTenant(ctx, tenant.Tenant{ID: demoTenant, Name: "Demonstration", CreatedAt: time.Now()})
	if err != nil && !fault.Is(err, fault.Conflict) {
		return found{}, err
	}
	key, err := d.key(ctx)
	if err != nil {
		return found{}, err
	}
	course, err := d.course(ctx)
	if err != nil {
		return found{}, fmt.Errorf("import the sample course: %w", err)
	}
	link, err := d.launch(ctx, course)
	if err != nil {
		return found{}, err
	}
	return found{URL: d.publicURL, Console: d.publicURL + "/console/", Key: key, Sample: link}, nil
}

// key is kept in a file, since the database has only its hash.
func (d *demo) key(ctx context.Context) (string, error) {
	path := filepath.Join(d.dir, "key")
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	key, err := addKey(ctx, d.db, demoTenant, "laptop", tenant.AllScopes())
	if err != nil {
		return "", err
	}
	return key, os.WriteFile(path, []byte(key+"\n"), 0o600)
}

// course is the sample, imported the way every package is.
func (d *demo) course(ctx context.Context) (string, error) {
	courses, err := d.db.Courses(ctx, demoTenant, postgres.Page{Limit: 200})
	if err != nil {
		return "", err
	}
	for _, c := range courses.Items {
		if c.Title == sample.Title && c.Latest > 0 {
			return c.ID, nil
		}
	}
	zip, err := sample.Zip()
	if err != nil {
		return "", err
	}
	c := content.Course{ID: newID(), TenantID: demoTenant, CreatedAt: time.Now()}
	i := content.Import{ID: newID(), TenantID: demoTenant, CourseID: c.ID, FileName: "sample.zip", State: content.ImportWaiting, CreatedAt: time.Now()}
	if err := d.db.CreateCourse(ctx, c); err != nil {
		return "", err
	}
	if err := d.db.CreateImport(ctx, i); err != nil {
		return "", err
	}
	if err := d.store.Put(ctx, content.UploadKey(demoTenant, i.ID), bytes.NewReader(zip), int64(len(zip)), "application/zip"); err != nil {
		return "", err
	}
	if err := d.db.QueueImport(ctx, demoTenant, i.ID); err != nil {
		return "", err
	}
	if err := worker.Send(ctx, d.queue, worker.Message{Kind: worker.KindImport, TenantID: demoTenant, ID: i.ID}); err != nil {
		return "", err
	}
	for {
		i, err = d.db.Import(ctx, demoTenant, i.ID)
		switch {
		case err != nil:
			return "", err
		case i.State == content.ImportSucceeded:
			return c.ID, nil
		case i.State == content.ImportFailed:
			return "", fmt.Errorf("it was refused: %+v", i.Report.Findings)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (d *demo) launch(ctx context.Context, courseID string) (string, error) {
	now := time.Now()
	r, _, err := d.db.CreateRegistration(ctx, registration.Registration{
		ID: newID(), TenantID: demoTenant, CourseID: courseID, CreatedAt: now,
		Learner: registration.Learner{ID: demoLearner, Name: "Learner, Sample"},
	})
	if err != nil {
		return "", err
	}
	attempts, err := d.db.Attempts(postgres.FromPrimary(ctx), demoTenant, r.ID, postgres.Page{Limit: 1})
	if err != nil {
		return "", err
	}
	l := launch.Launch{
		ID: newID(), TenantID: demoTenant, RegistrationID: r.ID, AttemptID: attempts.Items[0].ID, CourseID: courseID,
		Version: attempts.Items[0].Version, Mode: launch.ModeNormal, CreatedAt: now, LinkExpiresAt: now.Add(launch.LinkLife),
	}
	if err := d.db.CreateLaunch(ctx, l); err != nil {
		return "", err
	}
	return d.players.Link(demoTenant, courseID, d.keys.SignLink(demoTenant, l.ID, l.LinkExpiresAt)), nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (f found) print(out io.Writer, asJSON bool, server *cluster.Cluster) error {
	if asJSON {
		return json.NewEncoder(out).Encode(struct {
			found
			Database map[string]string `json:"database"`
		}{f, map[string]string{"host": server.Host, "port": server.Port, "user": server.User, "password": server.Password}})
	}
	_, err := fmt.Fprintf(out, `
Lectern is running at %s

  Sample course  %s
                 (opens once, within %s; make dev again, or the console, for another)
  Console        %s
  API key        %s
  PostgreSQL     port %s, database %s, log %s

Ctrl-C stops it; the data stays.

`, f.URL, f.Sample, launch.LinkLife, f.Console, f.Key, server.Port, devDatabase, server.Log())
	return err
}

func createDatabase(ctx context.Context, server *cluster.Cluster) error {
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable", server.Host, server.Port, server.User, server.Password, cluster.Database))
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", devDatabase).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+devDatabase)
	return err
}

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/cluster"
	"github.com/lectern/lectern/runtime/secrets"
)

type devOptions struct {
	dir, listen string
	open, json  bool
	logLevel    slog.Level
}

// devSettings let a laptop's server take what a load test does beside the engine.
var devSettings = map[string]string{"max_connections": "200", "shared_buffers": "256MB", "min_wal_size": "2GB", "max_wal_size": "4GB"}

const devDatabase = "lectern"

func newDev(out io.Writer) *cobra.Command {
	var o devOptions
	c := &cobra.Command{
		Use:   "dev",
		Short: "The whole engine on this machine: PostgreSQL from npm, a folder, a queue and a cache inside, a sample course",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return dev(cmd.Context(), o, out) },
	}
	f := c.Flags()
	f.StringVar(&o.dir, "dir", ".lectern", "where data is kept between runs")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8400", "address to listen on; port 0 is any free one")
	f.BoolVar(&o.open, "open", false, "open the sample course in the browser")
	f.BoolVar(&o.json, "json", false, "say where things are as one line of JSON")
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error; the log goes to stderr")
	return c
}

func dev(ctx context.Context, o devOptions, out io.Writer) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.logLevel}))
	unlock, err := lockFolder(o.dir)
	if err != nil {
		return err
	}
	defer unlock()
	address, port, err := devAddress(o.listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "Starting PostgreSQL …")
	server, err := cluster.Start(ctx, cluster.Options{Dir: filepath.Join(o.dir, "postgres"), Settings: devSettings})
	if err != nil {
		return err
	}
	defer func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		err = errors.Join(err, server.Stop(limited))
	}()
	a, err := devAdapters(ctx, o.dir, server)
	if err != nil {
		return err
	}
	defer a.close()
	keys, err := devKeys(o.dir)
	if err != nil {
		return err
	}
	e := &engine{
		adapters: a, keys: keys, metrics: host.NewMetrics(), log: log,
		publicURL: "http://localhost:" + port, playerURL: "http://*.play.localhost:" + port,
		serves: true, works: true, laptop: true,
	}
	players, err := launch.NewPlayers(e.playerURL, e.publicURL)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- e.serve(serving, address, "", host.Drain{Limit: 5 * time.Second}) }()
	d := &demo{engine: e, dir: o.dir, players: players}
	found, err := d.prepare(serving)
	if err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	if err := found.print(out, o.json, server); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	if o.open {
		openBrowser(found.Sample)
	}
	return <-ended
}

// devAddress fixes a port that was left open, since addresses are made of it. Browsers find players by names below localhost,
// so the address is this machine's own.
func devAddress(listen string) (address, port string, err error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", "", fmt.Errorf("listen: %w; choose another address with --listen", err)
	}
	at := l.Addr().(*net.TCPAddr)
	if !at.IP.IsLoopback() && !at.IP.IsUnspecified() {
		err = fmt.Errorf("listen: %s is not this machine's own address; players have names below localhost: choose 127.0.0.1 with --listen", at.IP)
	}
	return at.String(), strconv.Itoa(at.Port), errors.Join(err, l.Close())
}

func devAdapters(ctx context.Context, dir string, server *cluster.Cluster) (*adapters, error) {
	if err := createDatabase(ctx, server); err != nil {
		return nil, err
	}
	login := func(context.Context) (string, error) {
		text, err := json.Marshal(map[string]string{"username": server.User, "password": server.Password})
		return string(text), err
	}
	db, err := postgres.Open(ctx, postgres.Options{
		Host: server.Host, Port: server.Port, Name: devDatabase, AppName: "lectern-dev",
		Login: secrets.New(login, secrets.DecodeLogin, secrets.DefaultMinAge),
	})
	if err != nil {
		return nil, err
	}
	store, err := objectstore.OpenFolder(filepath.Join(dir, "objects"))
	if err != nil {
		db.Close()
		return nil, err
	}
	a := &adapters{db: db, store: store, closes: []func(){db.Close}}
	a.complete()
	return a, nil
}

// devKeys keeps the signing secret beside the data, so that launches outlive a restart.
func devKeys(dir string) (*launch.Keys, error) {
	secret, err := devSecret(filepath.Join(dir, "signing-secret"))
	if err != nil {
		return nil, err
	}
	return launch.NewKeys(secret, nil)
}

func devSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, launch.SecretSize)
		_, _ = rand.Read(fresh) // never fails
		text = []byte(hex.EncodeToString(fresh))
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the signing secret: %w", err)
	}
	return text, nil
}

// openBrowser is a kindness: the address is printed anyway.
func openBrowser(url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
